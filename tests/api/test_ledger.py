"""The ledger over HTTP: hashes and proofs for everybody, entries for operators, evidence for whom it concerns."""

import base64

import pytest

from gateway.ledger.verifier.verify import included
from gateway.operators import CLIENT_ID, SCOPES, SECRET_FILE
from tests.gateway.house import referral
from tests.gateway.manifests import HEALTH, POLICE, WELFARE
from tests.ledger.bundles import unpacked, verified


@pytest.fixture(scope="module")
def ref(house):
    """Send a referral, sign the ledger, and lend the name its sender knows it by."""
    sent = house.submit(POLICE, referral(HEALTH, WELFARE))
    house.gateway.sign(None)
    return sent["id"]


@pytest.fixture(scope="module")
def operator(house):
    """Lend what calls the gateway as its operator."""
    secret = (house.folder / "keys" / SECRET_FILE).read_text("utf-8").strip()
    form = {"grant_type": "client_credentials", "scope": SCOPES}
    token = house.http.post("/oauth/token", data=form, auth=(CLIENT_ID, secret)).json()["access_token"]
    return lambda path: house.http.get(path, headers={"Authorization": f"Bearer {token}"})


def get(house, path, agency=POLICE):
    return house.call(agency, "GET", path)


def size_and_root(note):
    _, size, root = note.split("\n")[:3]
    return int(size), base64.b64decode(root)


def test_every_agency_may_hold_the_checkpoint_and_the_key(house, ref):
    note, key = get(house, "/v1/ledger/checkpoint", HEALTH), get(house, "/v1/ledger/key", HEALTH)

    assert note.headers["content-type"].startswith("text/plain")
    assert note.text.split("\n")[0] == key.text.partition("+")[0] == house.url.partition("://")[2]
    assert size_and_root(note.text)[0] > 3


def test_a_proof_leads_from_a_leaf_to_the_signed_root(house, ref):
    leaf = get(house, "/v1/ledger/entries?start=2&limit=1").json()["items"][0]["leaf"]
    head, _, note = get(house, "/v1/ledger/proofs/2").text.partition("\n\n")
    size, root = size_and_root(note)
    path = [base64.b64decode(each) for each in head.split("\n")[2:]]

    assert head.split("\n")[:2] == ["c2sp.org/tlog-proof@v1", "index 2"]
    assert included(bytes.fromhex(leaf), 2, size, path) == root


def test_growth_is_proven_to_a_witness(house, ref):
    earlier = size_and_root(get(house, "/v1/ledger/checkpoint").text)[0]
    house.submit(POLICE, referral(WELFARE))
    house.gateway.sign(None)

    update = get(house, f"/v1/ledger/consistency?from={earlier}").text

    assert update.startswith(f"old {earlier}\n")
    assert size_and_root(update.partition("\n\n")[2])[0] > earlier


@pytest.mark.parametrize("path", ["proofs/999999", "consistency?from=999999"])
def test_what_is_not_signed_yet_is_not_there(house, ref, path):
    assert get(house, f"/v1/ledger/{path}").status_code == 404


def test_an_agency_is_shown_hashes_only_and_an_operator_entries_which_is_entered(house, ref, operator):
    mine = get(house, "/v1/ledger/entries").json()["items"]
    theirs = operator("/v1/ledger/entries?limit=5").json()

    assert {frozenset(each) for each in mine} == {frozenset({"seq", "leaf"})}
    assert {"actor", "type", "fields", "salt"} < set(theirs["items"][0])
    assert theirs["next"] == 5
    assert ("read", '{"what":"ledger"}') in house.entries()


def test_the_sender_takes_evidence_of_its_referral_away_and_it_verifies(house, ref, operator):
    key = get(house, "/v1/ledger/key").text
    mine, everything = get(house, f"/v1/referrals/{ref}/evidence"), operator("/v1/ledger/evidence")

    assert mine.headers["content-disposition"].startswith("attachment")
    assert verified(mine.content, key)[0] == verified(everything.content, key)[0] == []
    assert {"HOW-TO-VERIFY.md", "verify.py", "manifest.txt", "story.html"} <= set(unpacked(mine.content))
    assert operator(f"/v1/referrals/{ref}/evidence").status_code == 200
    assert ("read", '{"what":"evidence"}') in house.entries(house.id_of(POLICE, ref))


def test_a_receiver_and_a_stranger_hear_that_there_is_no_evidence(house, ref):
    theirs = house.ref_of(HEALTH, POLICE, ref)

    assert get(house, f"/v1/referrals/{theirs}/evidence", HEALTH).status_code == 404
    assert get(house, f"/v1/referrals/{ref}/evidence", WELFARE).status_code == 404
    assert get(house, "/v1/ledger/evidence").status_code == 404


def test_every_door_refuses_a_ledger_that_was_put_back(house, ref):
    house.gateway.sign(None)
    seen = (house.folder / "keys" / "witnesses" / f"{HEALTH}.note").read_text("utf-8")
    forged = house.gateway.signer.sign(10_000_000, b"\x01" * 32)
    (house.folder / "keys" / "witnesses" / f"{HEALTH}.note").write_text(forged, "utf-8")

    house.submit(POLICE, referral(WELFARE))
    house.gateway.sign(None)
    house.gateway.sign(None)

    refusals = [fields for kind, fields in house.entries() if kind == "checkpoint.refused"]
    assert refusals == [f'{{"seen":10000000,"witness":"{HEALTH}"}}']
    (house.folder / "keys" / "witnesses" / f"{HEALTH}.note").write_text(seen, "utf-8")
