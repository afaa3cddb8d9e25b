import copy
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.ledger.bundle import BundleRefused, export_bundle, verify_bundle
from gateway.ledger.checkpoint import Signer
from gateway.ledger.events import EventType
from gateway.ledger.signing import sign_ledger
from gateway.ledger.verify import Fault, Finding
from tests.ledger.samples import REFERRAL, event

OTHER = "01890a5d-ac96-774b-bcce-b302099a9999"


@pytest.fixture
def ledger(store, journal, signer, clock):
    """Lend a ledger of two referrals' entries, nine in all, signed, with one more that is not."""
    for number in range(9):
        referral = REFERRAL if number % 3 == 0 else OTHER
        store.committer.run(lambda _, referral=referral: journal.append(event(referral=referral)))
    store.committer.run(lambda c: sign_ledger(c, journal, signer, clock.now()))
    store.committer.run(lambda _: journal.append(event()))
    return store


def exported(ledger, signer, referral=None):
    """Export and pass through JSON, as a file would."""
    with ledger.readers.connection() as connection:
        return json.loads(json.dumps(export_bundle(connection, [signer.verifier], referral)))


@pytest.mark.parametrize(("referral", "entries"), [(None, list(range(9))), (REFERRAL, [0, 3, 6])])
def test_an_exported_bundle_verifies_offline(ledger, signer, referral, entries):
    bundle = exported(ledger, signer, referral)

    assert [each["seq"] for each in bundle["entries"]] == entries
    assert verify_bundle(bundle, [signer.verifier]) == []


@pytest.mark.parametrize("referral", [None, REFERRAL])
@pytest.mark.parametrize("name", ["at", "type", "actor", "referral", "delivery", "fields", "commitment", "salt", "seq"])
def test_any_changed_value_is_found(ledger, signer, referral, name):
    bundle = exported(ledger, signer, referral)
    for number, each in enumerate(bundle["entries"]):
        altered = copy.deepcopy(bundle)
        if name == "seq":
            altered["entries"][number]["seq"] += 1
        else:
            swapped = "1" if each[name][-1] == "0" else "0"
            altered["entries"][number][name] = each[name][:-1] + swapped
        assert verify_bundle(altered, [signer.verifier])


def test_every_step_of_a_proof_matters(ledger, signer):
    bundle = exported(ledger, signer, REFERRAL)
    for number, each in enumerate(bundle["entries"]):
        for step in range(len(each["proof"])):
            altered = copy.deepcopy(bundle)
            altered["entries"][number]["proof"][step] = "00" * 32
            assert verify_bundle(altered, [signer.verifier]) == [Finding(Fault.LEAF, each["seq"])]


def test_a_missing_entry_of_a_whole_bundle_is_found(ledger, signer):
    bundle = exported(ledger, signer)
    del bundle["entries"][4]

    assert verify_bundle(bundle, [signer.verifier]) == [Finding(Fault.GAP, 4), Finding(Fault.ROOT, 9)]


def test_a_bundle_signed_by_another_key_proves_nothing(ledger, signer):
    stranger = Signer("raabta.example.pk/ledger", Ed25519PrivateKey.generate())

    assert verify_bundle(exported(ledger, signer), [stranger.verifier]) == [Finding(Fault.SIGNATURE, 0)]


def test_redacted_entries_still_prove_that_they_happened(ledger, journal, signer, clock):
    def erase(connection):
        journal.redact(connection, REFERRAL)
        journal.append(event(EventType.REFERRAL_ERASED))
        sign_ledger(connection, journal, signer, clock.now())

    ledger.committer.run(erase)
    bundle = exported(ledger, signer, REFERRAL)

    assert [each["fields"] is None for each in bundle["entries"]] == [True, True, True, True, False]
    assert verify_bundle(bundle, [signer.verifier]) == []


def test_entries_redacted_in_the_bundle_alone_are_found(ledger, signer):
    bundle = exported(ledger, signer, REFERRAL)
    bundle["entries"][1] |= {"fields": None, "salt": None}

    assert verify_bundle(bundle, [signer.verifier]) == [Finding(Fault.REDACTED, 3)]


def test_a_ledger_never_signed_has_no_bundle(store, journal, signer):
    with store.readers.connection() as connection, pytest.raises(BundleRefused):
        export_bundle(connection, [signer.verifier])


@pytest.mark.parametrize(
    "damage",
    [{"v": 2}, {"entries": None}, {"entries": [{}]}, {"checkpoint": 7}, {"entries": [{"commitment": "xyz"}]}],
)
def test_what_is_no_bundle_is_refused(ledger, signer, damage):
    with pytest.raises(BundleRefused):
        verify_bundle(exported(ledger, signer) | damage, [signer.verifier])
