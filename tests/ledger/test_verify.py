import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text

from gateway.ledger.checkpoint import Checkpoint, Signer, read_checkpoint
from gateway.ledger.events import EventType
from gateway.ledger.proofs import StoredNodes, prove_consistency, prove_inclusion, size_of
from gateway.ledger.signing import latest_checkpoint, sign_ledger
from gateway.ledger.tree import is_consistent, root_of
from gateway.ledger.verifier.verify import Fault, Finding, included
from gateway.ledger.verify import verify
from gateway.store.tables import entry
from tests.ledger.samples import REFERRAL, event


@pytest.fixture
def ledger(store, journal, signer, clock):
    """Lend a ledger of twelve entries, signed after seven."""
    store.committer.run(lambda _: [journal.append(event()) for _ in range(7)])
    store.committer.run(lambda c: sign_ledger(c, journal, signer, clock.now()))
    clock.advance(10)
    store.committer.run(lambda _: [journal.append(event(EventType.DELIVERED)) for _ in range(4)])
    return store


def examine(store, *signers, seen=()):
    with store.readers.connection() as connection:
        return verify(connection, [each.verifier for each in signers], seen)


def alter(store, statement, *values):
    for at in range(len(values)):
        statement = statement.replace("?", f":v{at}", 1)
    given = {f"v{at}": value for at, value in enumerate(values)}
    store.committer.run(lambda connection: connection.execute(text(statement), given).rowcount)


def root_now(store):
    with store.readers.connection() as connection:
        return root_of(StoredNodes(connection), 0, size_of(connection))


def test_a_ledger_nobody_touched_is_whole(ledger, journal, signer):
    verdict = examine(ledger, signer)

    assert verdict.findings == []
    assert (verdict.size, verdict.root, verdict.checkpoints) == (12, root_now(ledger), 1)
    assert verdict.whole
    assert verdict.signed


def test_an_empty_ledger_is_whole_and_unsigned(store, journal, signer):
    verdict = examine(store, signer)

    assert verdict.whole
    assert not verdict.signed


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-09-21T14:13:21.000Z"),
        ("type", "dead"),
        ("actor", "nobody"),
        ("referral", None),
        ("delivery", "01890a5d-ac96-774b-bcce-b302099a8000"),
        ("commitment", bytes(32)),
        ("leaf", bytes(32)),
    ],
)
@pytest.mark.parametrize("index", [0, 6, 11])
def test_any_changed_column_is_found_and_its_entry_named(ledger, signer, column, value, index):
    alter(ledger, f"UPDATE entry SET {column} = ? WHERE idx = ?", value, index)  # noqa: S608 - a test's own text

    assert Finding(Fault.CHANGED, index) in examine(ledger, signer).findings


def test_changed_fields_are_found(ledger, signer):
    alter(ledger, """UPDATE entry SET fields = replace(fields, 'police', 'prison') WHERE idx = 3""")

    assert examine(ledger, signer).findings == [Finding(Fault.FIELDS, 3)]


def test_a_changed_salt_is_found(ledger, signer):
    alter(ledger, "UPDATE salt SET salt = ? WHERE idx = 4", bytes(32))

    assert examine(ledger, signer).findings == [Finding(Fault.FIELDS, 4)]


def test_every_bit_of_every_hash_matters(ledger, signer):
    with ledger.readers.connection() as connection:
        leaves = connection.execute(select(entry.c.idx, entry.c.leaf)).all()
    for row in leaves:
        flipped = bytes([row.leaf[0] ^ 1]) + row.leaf[1:]
        alter(ledger, "UPDATE entry SET leaf = ? WHERE idx = ?", flipped, row.idx)
        assert examine(ledger, signer).findings == [Finding(Fault.CHANGED, row.idx)]
        alter(ledger, "UPDATE entry SET leaf = ? WHERE idx = ?", row.leaf, row.idx)


def test_a_removed_entry_is_found(ledger, signer):
    alter(ledger, "DELETE FROM salt WHERE idx = 5")
    alter(ledger, "DELETE FROM entry WHERE idx = 5")

    faults = examine(ledger, signer).findings
    assert faults == [Finding(Fault.MISSING, 5), Finding(Fault.TRUNCATED, 11)]


def test_a_truncated_ledger_is_found_by_its_tree(ledger, signer):
    alter(ledger, "DELETE FROM salt WHERE idx = 11")
    alter(ledger, "DELETE FROM entry WHERE idx = 11")

    assert examine(ledger, signer).findings == [Finding(Fault.TRUNCATED, 11)]


def test_a_ledger_rewritten_with_all_its_hashes_is_found_by_its_checkpoint(ledger, journal, signer):
    rewrite(ledger)

    assert examine(ledger, signer).findings == [Finding(Fault.FORKED, 7)]


def test_a_ledger_rewritten_and_signed_anew_is_found_by_what_an_auditor_holds(ledger, signer):
    with ledger.readers.connection() as connection:
        seen = read_checkpoint(latest_checkpoint(connection) or "", [signer.verifier])
    rewrite(ledger)
    alter(ledger, "DELETE FROM checkpoint")

    assert examine(ledger, signer, seen=[seen]).findings == [Finding(Fault.FORKED, 7)]


def test_a_checkpoint_beyond_the_end_is_found(ledger, signer):
    assert examine(ledger, signer, seen=[Checkpoint("x", 99, b"\x01" * 32)]).findings == [Finding(Fault.TRUNCATED, 12)]


def test_a_checkpoint_of_an_unknown_key_is_found(ledger):
    stranger = Signer("raabta.example.pk/ledger", Ed25519PrivateKey.generate())

    assert examine(ledger, stranger).findings == [Finding(Fault.SIGNATURE, 7)]


def test_a_checkpoint_under_another_size_is_found(ledger, signer):
    alter(ledger, "UPDATE checkpoint SET size = 8")

    assert Finding(Fault.SIGNATURE, 8) in examine(ledger, signer).findings


def test_time_that_runs_backwards_is_found(ledger, signer):
    alter(ledger, "UPDATE entry SET at = '2026-01-01T00:00:00.000Z' WHERE idx = 8")

    assert Finding(Fault.BACKDATED, 8) in examine(ledger, signer).findings


def test_fields_that_vanish_without_an_erasure_are_found(ledger, signer):
    alter(ledger, "DELETE FROM salt WHERE idx = 2")
    alter(ledger, "UPDATE entry SET fields = NULL WHERE idx = 2")

    assert examine(ledger, signer).findings == [Finding(Fault.REDACTED, 2)]


def test_fields_without_their_salt_are_found(ledger, signer):
    alter(ledger, "DELETE FROM salt WHERE idx = 2")

    assert examine(ledger, signer).findings == [Finding(Fault.FIELDS, 2)]


def test_an_erasure_leaves_the_ledger_whole_and_signed(ledger, journal, signer):
    def erase(connection):
        journal.redact(connection, REFERRAL)
        journal.append(event(EventType.REFERRAL_ERASED))

    ledger.committer.run(erase)

    verdict = examine(ledger, signer)
    assert verdict.findings == []
    assert verdict.redacted == 11


def test_it_is_signed_only_when_it_has_grown(ledger, journal, signer, clock):
    def sign(connection):
        return sign_ledger(connection, journal, signer, clock.now())

    assert ledger.committer.run(sign)
    assert ledger.committer.run(sign) is None
    ledger.committer.run(lambda _: journal.append(event()))
    note = ledger.committer.run(sign)

    with ledger.readers.connection() as connection:
        assert latest_checkpoint(connection) == note
    assert examine(ledger, signer).checkpoints == 3


def test_an_empty_ledger_is_not_signed(store, journal, signer, clock):
    assert store.committer.run(lambda c: sign_ledger(c, journal, signer, clock.now())) is None


def test_proofs_read_from_the_rows_hold_against_the_signed_root(ledger, journal, signer):
    with ledger.readers.connection() as connection:
        signed = read_checkpoint(latest_checkpoint(connection) or "", [signer.verifier])
        leaf = connection.execute(select(entry.c.leaf).where(entry.c.idx == 3)).scalar_one()
        path = prove_inclusion(connection, 3, signed.size)
        growth = prove_consistency(connection, signed.size, size_of(connection))
        with pytest.raises(IndexError):
            prove_inclusion(connection, 3, 13)

    assert included(leaf, 3, signed.size, path) == signed.root
    assert is_consistent(signed.size, signed.root, 12, root_now(ledger), growth)


def rewrite(store) -> None:
    """Change an actor and then everything that follows from it, as an operator with the database could."""
    from gateway.ledger.sequencing import leaf_content
    from gateway.ledger.tree import CompactRange, leaf_hash

    alter(store, "UPDATE entry SET actor = 'nobody' WHERE idx = 3")
    with store.readers.connection() as connection:
        rows = connection.execute(select(entry).order_by(entry.c.idx)).all()
    tree = CompactRange()
    for row in rows:
        content = leaf_content(row.idx, row.at, row.type, row.actor, row.referral, row.delivery, row.commitment)
        alter(store, "UPDATE entry SET leaf = ? WHERE idx = ?", leaf_hash(content), row.idx)
        tree = tree.append(leaf_hash(content))
    alter(store, "UPDATE tree SET stack = ?", b"".join(tree.stack))
