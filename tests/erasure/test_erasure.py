"""After an erasure nothing of the referral can be read, every proof holds, and nobody is waited for."""

from __future__ import annotations

import itertools
import json
import logging
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.api.scopes import SCOPES
from gateway.ledger.keys import load_signer
from gateway.ledger.verify import verify
from gateway.operators import CLIENT_ID, SECRET_FILE
from gateway.operators import SCOPES as OPERATES
from gateway.store.tables import case_key, delivery, document, entry, salt
from gateway.store.tables import referral as table
from gateway.vault.documents import DocumentKind, latest
from gateway.vault.errors import Erased
from tests.gateway.house import House, child, referral
from tests.gateway.manifests import HEALTH, STRANGER, WELFARE
from tests.logbook import logbook
from tests.recall.post import Post

NUMBERS = itertools.count(1_001)


def operator(house: House, path: str, body: dict[str, Any] | None = None) -> Any:
    """Call the gateway as the operator of this machine."""
    secret = (house.folder / "keys" / SECRET_FILE).read_text().strip()
    form = {"grant_type": "client_credentials", "scope": OPERATES}
    token = house.http.post("/oauth/token", data=form, auth=(CLIENT_ID, secret)).json()["access_token"]
    return house.http.post(path, json=body or {}, headers={"Authorization": f"Bearer {token}"})


def sent(house: House, *, named: bool = False) -> tuple[str, str, str]:
    """Send, deliver and answer a referral full of a canary; returns the sender's name of it, ours, and the canary."""
    canary = f"Zqkanari{next(NUMBERS)}xw"
    body = referral(
        HEALTH, STRANGER, child=child(name=canary), message_id=f"{canary}-key" if named else str(uuid.uuid4()),
        concern={"types": ["NEGLECT"], "narrative": f"{canary} bayan"},
    )  # fmt: skip
    name = house.submit(WELFARE, body)["id"]
    Post.of(house).deliver()
    ref = house.ref_of(HEALTH, WELFARE, name)
    said = house.reply(HEALTH, ref, kind="ACCEPT", message_id=f"{canary}-answer", reason_text=canary)
    assert said.status_code == 202, said.text
    return name, house.id_of(WELFARE, name), canary


def files(house: House) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in Path(house.folder).glob("raabta.sqlite*")}


def test_neither_database_nor_its_logs_nor_a_salt_hold_anything_of_it(house: House) -> None:
    with logbook() as log:
        name, identity, canary = sent(house, named=True)
        wrapped = sealed(house, identity)
        _hold_and_erase(house, name, identity, canary, wrapped)
        receiver = house.ref_of(HEALTH, WELFARE, name)
        looks = [(WELFARE, f"/v1/referrals/{name}"), (HEALTH, f"/v1/referrals/{receiver}"),
                 (WELFARE, f"/fhir/r4/Task/{name}"), (HEALTH, f"/fhir/r4/Patient/{receiver}")]  # fmt: skip
        read = [house.call(agency, "GET", path) for agency, path in looks]
        logging.getLogger("tests").warning("log.ended")

    assert [answer.status_code for answer in read] == [410] * len(looks)
    assert not any(canary in answer.text for answer in read)
    assert "log.ended" in log.getvalue()
    assert canary not in log.getvalue()


def _hold_and_erase(house: House, name: str, identity: str, canary: str, wrapped: list[bytes]) -> None:
    assert any(canary.encode() in data for data in files(house).values()), "idempotency keys stand in the clear"
    answer = operator(house, f"/v1/referrals/{name}/erasure", {"note": f"{canary} asked for it"})
    held = files(house)

    assert answer.json() == {"erased": True, "log_cleared": True}
    assert {"raabta.sqlite", "raabta.sqlite-wal"} <= set(held)
    for file, data in held.items():
        assert canary.encode() not in data, file
        assert not any(each in data for each in wrapped), f"{file} holds ciphertext or a wrapped key"
    with house.reading() as connection:
        mine = list(connection.execute(select(entry.c.idx).where(entry.c.referral == identity)).scalars())
        salts = connection.execute(select(salt.c.idx).where(salt.c.idx.in_(mine))).scalars().all()
    assert salts == mine[-1:], "only the entry of the erasure itself keeps its salt"


def sealed(house: House, identity: str) -> list[bytes]:
    with house.reading() as connection:
        bodies = connection.execute(select(document.c.sealed).where(document.c.referral == identity)).scalars().all()
        keys = connection.execute(select(case_key.c.wrapped_dek).where(case_key.c.case_key == identity)).scalars().all()
    return [each[:32] for each in (*bodies, *keys) if each]


def test_every_proof_still_holds(house: House) -> None:
    name, _, _ = sent(house)
    house.gateway.sign(None)
    operator(house, f"/v1/referrals/{name}/erasure")
    house.gateway.sign(None)
    origin = house.url.partition("://")[2]
    signer = load_signer(house.folder / "keys" / "ledger.pem", origin)
    with house.reading() as connection:
        verdict = verify(connection, [signer.verifier])

    assert verdict.findings == []
    assert verdict.whole
    assert verdict.redacted > 5


@pytest.mark.parametrize("who", [WELFARE, HEALTH])
def test_whoever_asks_for_it_is_told_that_it_is_gone(house: House, who: str) -> None:
    name, _, _ = sent(house)
    theirs = name if who == WELFARE else house.ref_of(who, WELFARE, name)
    operator(house, f"/v1/referrals/{name}/erasure")
    view, story = house.view(who, theirs), house.call(who, "GET", f"/v1/referrals/{theirs}/story")

    assert (view.status_code, view.json()["code"]) == (410, "ERASED")
    assert view.json()["type"].endswith("/erased")
    assert story.status_code == 200
    assert "details erased" in story.text


def test_nothing_can_be_added_to_it_any_more(house: House) -> None:
    name, _, _ = sent(house)
    ref = house.ref_of(HEALTH, WELFARE, name)
    operator(house, f"/v1/referrals/{name}/erasure")

    assert house.reply(HEALTH, ref, kind="COMPLETE").status_code in {410, 422}
    for verb, body in (("withdrawal", {}), ("consent/revocation", {}), ("identity/rejection", None)):
        assert house.call(WELFARE, "POST", f"/v1/referrals/{name}/{verb}", json=body).status_code == 410
    assert operator(house, f"/v1/referrals/{name}/erasure").status_code == 410
    assert operator(house, "/v1/referrals/nobody/erasure").status_code == 404


def test_what_was_not_sent_yet_is_not_sent_and_nobody_is_waited_for(house: House) -> None:
    name = house.submit(WELFARE, referral(HEALTH))["id"]
    identity = house.id_of(WELFARE, name)
    operator(house, f"/v1/referrals/{name}/erasure")
    post = Post.of(house)
    post.deliver()

    assert post.handed(HEALTH, identity) == []
    with house.reading() as connection:
        states = connection.execute(select(delivery.c.state).where(delivery.c.referral == identity)).scalars().all()
        assert states == ["SKIPPED"]
        with pytest.raises(Erased):
            latest(connection, house.gateway.room.vault, identity, DocumentKind.CANONICAL)
    assert house.view(WELFARE, name).status_code == 410


def test_a_repeat_of_an_opaque_key_is_recognised_and_brings_nothing_back(house: House) -> None:
    document = referral(HEALTH)
    name = house.submit(WELFARE, document)["id"]
    operator(house, f"/v1/referrals/{name}/erasure")
    again = house.submit(WELFARE, document)

    assert (again["id"], again["repeated"]) == (name, True)
    assert house.view(WELFARE, name).status_code == 410


@pytest.mark.parametrize("agency", [WELFARE, HEALTH])
def test_an_agency_needs_a_scope_of_its_own_to_erase(house: House, agency: str) -> None:
    name, _, _ = sent(house)
    token = house.token(agency, "referral.write")
    answer = house.http.post(f"/v1/referrals/{name}/erasure", json={}, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 403
    assert "referral.erase" in SCOPES
    assert house.view(WELFARE, name).status_code == 200


def test_rotation_wraps_every_key_anew_and_everything_still_opens(house: House) -> None:
    name, identity, _ = sent(house)
    before = keks(house)
    done = operator(house, "/v1/vault/rotation").json()
    after = keks(house)

    assert before == {done["before"]}
    assert after == {done["after"]}
    assert done["keys"] >= 1
    assert house.view(WELFARE, name).status_code == 200
    assert operator(house, "/v1/vault/rewrapping").json()["keys"] == 0
    with house.reading() as connection:
        last = connection.exec_driver_sql(
            "SELECT fields FROM entry WHERE type = 'vault.rewrapped' ORDER BY idx"
        ).first()
    assert json.loads(last[0]) == done
    with house.reading() as connection:
        assert latest(connection, house.gateway.room.vault, identity, DocumentKind.ORIGINAL) is not None


def keks(house: House) -> set[str]:
    with house.reading() as connection:
        wanted = select(case_key.c.kek_id).where(case_key.c.wrapped_dek.is_not(None))
        return set(connection.execute(wanted).scalars())


def test_the_row_of_an_erased_referral_keeps_no_name(house: House) -> None:
    name, identity, canary = sent(house, named=True)
    operator(house, f"/v1/referrals/{name}/erasure")
    with house.reading() as connection:
        idem = connection.execute(select(table.c.idem).where(table.c.id == identity)).scalar_one()

    assert idem.startswith("erased-")
    assert canary not in idem
