"""Evidence bundles, checked by the auditor's own verifier."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.evidence import changed
from gateway.ledger.bundle import NotSigned, export_bundle
from gateway.ledger.checkpoint import Signer
from gateway.ledger.events import EventType
from gateway.ledger.sequencing import canonical
from gateway.ledger.signing import latest_checkpoint, sign_ledger
from gateway.ledger.verifier import verify as offline
from gateway.ledger.verifier.verify import Fault, Finding, leaf_of
from tests.ledger.bundles import in_stretches, repacked, unpacked, verified
from tests.ledger.bundles import resealed as sealed_with
from tests.ledger.samples import REFERRAL, event

OTHER = "01890a5d-ac96-774b-bcce-b302099a9999"


@pytest.fixture
def ledger(store, journal, signer, clock):
    """Lend a ledger of two referrals' entries, nine in all, signed, with one more that is not."""
    for number in range(9):
        referral = REFERRAL if number % 3 == 0 else OTHER
        store.committer.run(lambda _, referral=referral: journal.append(event(referral=referral)))
        clock.advance(1)
    store.committer.run(lambda c: sign_ledger(c, journal, signer, clock.now()))
    store.committer.run(lambda _: journal.append(event()))
    return store


def exported(ledger, signer, referral=None):
    with ledger.readers.connection() as connection:
        return export_bundle(connection, signer, referral, [("story.html", b"<!doctype html>")])


def faults(bundle, signer, *seen):
    """Return what is wrong, found in one piece and, the same, in small stretches by several hands."""
    whole = verified(bundle, signer.verifier.text, seen)
    with in_stretches():
        assert verified(bundle, signer.verifier.text, seen) == whole
    return whole[0]


def entries_of(bundle):
    return [json.loads(line) for line in unpacked(bundle)["entries.jsonl"].splitlines()]


def resealed(bundle, signer, entries):
    """Return the bundle with other entries, signed anew."""
    return sealed_with(bundle, signer, b"".join(canonical(each) + b"\n" for each in entries))


def renumbered(entries):
    """Return entries numbered from 0, each with a leaf that fits it."""
    numbered = [{**each, "seq": at} for at, each in enumerate(entries)]
    return [{**each, "leaf": leaf_of(each).hex()} for each in numbered]


@pytest.mark.parametrize(("referral", "entries"), [(None, list(range(9))), (REFERRAL, [0, 3, 6])])
def test_an_exported_bundle_is_proven_offline(ledger, signer, referral, entries):
    bundle = exported(ledger, signer, referral)

    assert [each["seq"] for each in entries_of(bundle)] == entries
    assert verified(bundle, signer.verifier.text) == ([], len(entries))


@pytest.mark.parametrize("name", ["type", "at", "actor", "commitment", "leaf"])
def test_one_byte_changed_by_the_inspector_is_found_and_only_its_entry_is_named(ledger, signer, name):
    bundle = exported(ledger, signer)

    found = faults(changed(bundle, 5, name), signer)

    assert {each.where for each in found} == {"entries.jsonl", 5}
    assert faults(bundle, signer) == []


@pytest.mark.parametrize("referral", [None, REFERRAL])
@pytest.mark.parametrize("name", ["at", "type", "actor", "referral", "delivery", "fields", "commitment", "salt", "seq"])
def test_any_value_changed_by_the_gateways_own_operator_is_found(ledger, signer, referral, name):
    bundle = exported(ledger, signer, referral)
    entries = entries_of(bundle)
    for number, each in enumerate(entries):
        value = each["seq"] + 1 if name == "seq" else each[name][:-1] + ("1" if each[name][-1] == "0" else "0")
        altered = [*entries[:number], {**each, name: value}, *entries[number + 1 :]]
        assert faults(resealed(bundle, signer, altered), signer)


def test_every_proof_of_a_bundle_matters(ledger, signer):
    bundle = exported(ledger, signer, REFERRAL)
    files = unpacked(bundle)
    wrong = files["proofs/3.tlog-proof"].replace(b"index 3", b"index 4")
    shorter = b"\n".join(files["proofs/3.tlog-proof"].split(b"\n")[:2] + files["proofs/3.tlog-proof"].split(b"\n")[3:])
    for proof in (wrong, shorter, files["proofs/6.tlog-proof"]):
        found = faults(repacked(files | {"proofs/3.tlog-proof": proof}), signer)
        assert {Fault.MANIFEST, Fault.PROOF} <= {each.fault for each in found} or Fault.UNREADABLE in {
            each.fault for each in found
        }


def test_a_truncated_ledger_is_named(ledger, signer):
    bundle = exported(ledger, signer)

    assert faults(resealed(bundle, signer, entries_of(bundle)[:-2]), signer) == [Finding(Fault.TRUNCATED, 7)]


def test_a_missing_entry_is_named(ledger, signer):
    bundle = exported(ledger, signer)
    entries = entries_of(bundle)

    assert faults(resealed(bundle, signer, entries[:4] + entries[5:]), signer) == [Finding(Fault.MISSING, 4)]


def test_entries_in_another_order_are_named(ledger, signer):
    bundle = exported(ledger, signer)
    first, *rest = entries_of(bundle)

    found = faults(resealed(bundle, signer, [*rest[:3], first, *rest[3:]]), signer)
    assert Finding(Fault.REORDERED, 0) in found


def test_a_forked_history_is_named_by_what_an_auditor_kept(ledger, journal, signer, clock):
    with ledger.readers.connection() as connection:
        kept = latest_checkpoint(connection)
    fork = renumbered([{**each, "actor": "nobody"} for each in entries_of(exported(ledger, signer))])
    stack: list[bytes] = []
    for at, each in enumerate(fork):
        offline.append(stack, at, bytes.fromhex(each["leaf"]))
    bundle = exported(ledger, signer)
    files = unpacked(bundle) | {"checkpoints.txt": signer.sign(9, offline.root_of(stack)).encode()}
    forged = resealed(repacked(files), signer, fork)

    assert faults(forged, signer) == []
    assert faults(forged, signer, kept) == [Finding(Fault.FORKED, 9)]


def test_an_entry_put_in_afterwards_is_named_even_at_a_likely_time(ledger, signer):
    bundle = exported(ledger, signer)
    entries = entries_of(bundle)
    put_in = {**entries[4], "actor": "nobody"}
    forged = renumbered([*entries[:5], put_in, *entries[5:]])

    assert faults(resealed(bundle, signer, forged), signer) == [Finding(Fault.BACKDATED, 5)]


def test_an_entry_older_than_the_one_before_it_is_named(ledger, signer):
    bundle = exported(ledger, signer)
    entries = entries_of(bundle)
    forged = renumbered([*entries[:6], {**entries[1], "actor": "nobody"}, *entries[6:]])

    assert Finding(Fault.BACKDATED, 6) in faults(resealed(bundle, signer, forged), signer)


def test_a_bundle_signed_by_another_key_proves_nothing(ledger, signer):
    stranger = Signer("raabta.example.pk/ledger", Ed25519PrivateKey.generate())

    assert Fault.SIGNATURE in {each.fault for each in faults(exported(ledger, signer), stranger)}


def test_redacted_entries_still_prove_that_they_happened(ledger, journal, signer, clock):
    def erase(connection):
        journal.redact(connection, REFERRAL)
        journal.append(event(EventType.REFERRAL_ERASED))
        sign_ledger(connection, journal, signer, clock.now())

    ledger.committer.run(erase)
    bundle = exported(ledger, signer, REFERRAL)

    assert [each["fields"] is None for each in entries_of(bundle)] == [True, True, True, True, False]
    assert faults(bundle, signer) == []


def test_entries_redacted_in_the_bundle_alone_are_found(ledger, signer):
    bundle = exported(ledger, signer, REFERRAL)
    entries = entries_of(bundle)
    entries[1] |= {"fields": None, "salt": None}

    assert faults(resealed(bundle, signer, entries), signer) == [Finding(Fault.REDACTED, 3)]


def test_a_ledger_never_signed_has_no_bundle(store, journal, signer):
    with store.readers.connection() as connection, pytest.raises(NotSigned):
        export_bundle(connection, signer)


def test_what_explains_the_evidence_is_vouched_for_too(ledger, signer):
    files = unpacked(exported(ledger, signer, REFERRAL)) | {"story.html": b"<p>another story</p>"}

    assert faults(repacked(files), signer) == [Finding(Fault.MANIFEST, "story.html")]


def test_a_line_that_is_no_entry_is_named(ledger, signer):
    bundle = exported(ledger, signer)
    lines = unpacked(bundle)["entries.jsonl"].splitlines(keepends=True)
    for junk in (b"farzi\n", b"{}\n", b"\xff\n", b"[" * 5_000 + b"\n"):
        found = faults(sealed_with(bundle, signer, b"".join([*lines[:4], junk, *lines[4:]])), signer)
        assert found == [Finding(Fault.UNREADABLE, 4)]
