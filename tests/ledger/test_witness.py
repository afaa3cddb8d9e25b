import pytest
from sqlalchemy import text

from gateway.ledger.checkpoint import CheckpointRefused
from gateway.ledger.proofs import prove_consistency, tlog_update
from gateway.ledger.signing import latest_checkpoint, sign_ledger
from gateway.ledger.tree import EMPTY_ROOT
from gateway.ledger.witness import HistoryRefused, Witness
from tests.ledger.samples import event


@pytest.fixture
def update(store, journal, signer, clock):
    """Let the ledger grow, sign it, and return what a witness that saw a size is shown."""

    def grow(entries, seen):
        store.committer.run(lambda _: [journal.append(event()) for _ in range(entries)])
        store.committer.run(lambda c: sign_ledger(c, journal, signer, clock.now()))
        return shown(store, seen)

    return grow


def shown(store, seen):
    with store.readers.connection() as connection:
        note = latest_checkpoint(connection) or ""
        return tlog_update(seen, prove_consistency(connection, seen, int(note.split("\n")[1])), note)


def test_a_witness_keeps_what_it_saw_and_follows_a_ledger_that_only_grows(update, signer, tmp_path):
    witness = Witness(tmp_path / "seen", [signer.verifier])

    assert witness.seen().root == EMPTY_ROOT
    assert witness.show(update(300, 0)).size == 300
    assert witness.show(update(250, 300)).size == 551
    assert Witness(tmp_path / "seen", [signer.verifier]).seen().size == 551


def test_a_witness_refuses_a_rewritten_history_and_keeps_what_it_saw(store, update, signer, tmp_path):
    witness = Witness(tmp_path / "seen", [signer.verifier])
    witness.show(update(5, 0))
    store.committer.run(
        lambda c: c.execute(text("UPDATE entry SET leaf = :leaf WHERE idx = 2"), {"leaf": b"x" * 32}).rowcount
    )

    with pytest.raises(HistoryRefused):
        witness.show(update(3, 5))
    assert witness.seen().size == 5


def test_a_witness_refuses_proofs_that_begin_elsewhere_and_notes_of_others(store, update, signer, tmp_path):
    witness = Witness(tmp_path / "seen", [signer.verifier])
    witness.show(update(5, 0))
    good = update(3, 5)

    for bad, refusal in (
        (shown(store, 4), HistoryRefused),
        (good.replace("old 5\n", "old 5\n!\n"), CheckpointRefused),
        (good[:-5], CheckpointRefused),
        ("", CheckpointRefused),
    ):
        with pytest.raises(refusal):
            witness.show(bad)
    assert witness.show(good).size == 9
