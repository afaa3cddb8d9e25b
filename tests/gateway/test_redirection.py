"""An operator's verbs for dead letters: each needs a reason, each is an entry, and a dead head holds its lane."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, select

from gateway.delivery.lanes import claim
from gateway.delivery.settlement import bury
from gateway.operators import CLIENT_ID, SCOPES, SECRET_FILE
from gateway.store.tables import delivery, lane
from tests.gateway.house import House, referral
from tests.gateway.manifests import HEALTH, NADRA, SCHOOL, STRANGER, WELFARE

WHY = {"note": "Farzi wajah: the hospital has moved"}


def dead(house: House, *recipients: str, **said: Any) -> tuple[str, dict[str, str]]:
    """Send a referral whose deliveries all die; returns its id and the deliveries by recipient."""
    name = house.submit(WELFARE, referral(*recipients, **said))["id"]
    real = house.id_of(WELFARE, name)

    def kill(connection: Connection) -> None:
        for head in claim(connection, "a-test", house.gateway.room.clock.now(), limit=1_000):
            if head.referral == real:
                assert bury(connection, head, "HTTP_422", 0.0)

    house.write(kill)
    with house.reading() as connection:
        rows = connection.execute(select(delivery.c.recipient, delivery.c.id).where(delivery.c.referral == real))
        return real, {row.recipient: row.id for row in rows}


def operate(house: House, delivery_id: str, verb: str, **said: Any) -> httpx.Response:
    return house.call(WELFARE, "POST", f"/v1/deliveries/{delivery_id}/{verb}", json=said)


def state(house: House, delivery_id: str) -> str:
    with house.reading() as connection:
        return str(connection.execute(select(delivery.c.state).where(delivery.c.id == delivery_id)).scalar_one())


def test_a_dead_referral_is_sent_to_another_agency_instead(house: House) -> None:
    real, ids = dead(house, HEALTH)
    answer = operate(house, ids[HEALTH], "redirection", to=SCHOOL, **WHY)

    assert answer.status_code == 200, answer.text
    fresh = answer.json()["redirected"]
    assert (state(house, ids[HEALTH]), state(house, fresh)) == ("SKIPPED", "OPEN")
    kinds = [kind for kind, _ in house.entries(real)]
    assert kinds[-2:] == ["skipped", "routed"]
    fields = json.loads(house.entries(real)[-1][1])
    assert (fields["recipient"], fields["rule"]) == (SCHOOL, "redirected")
    assert WHY["note"] not in str(house.entries(real))


@pytest.mark.parametrize(
    ("to", "code"),
    [(HEALTH, "ALREADY_A_PARTY"), (WELFARE, "ALREADY_A_PARTY"), ("health-nowhere", "UNKNOWN_RECIPIENT")],
)
def test_it_is_redirected_only_to_somebody_new_and_known(house: House, to: str, code: str) -> None:
    _, ids = dead(house, HEALTH)
    answer = operate(house, ids[HEALTH], "redirection", to=to, **WHY)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert state(house, ids[HEALTH]) == "DEAD"


def test_it_is_redirected_only_where_there_is_a_basis(house: House) -> None:
    _, ids = dead(house, HEALTH, consent={"giver": "CHILD"})
    answer = operate(house, ids[HEALTH], "redirection", to=STRANGER, **WHY)

    assert (answer.status_code, answer.json()["code"]) == (422, "NO_BASIS")
    assert state(house, ids[HEALTH]) == "DEAD"


def test_what_is_not_dead_is_not_redirected(house: House) -> None:
    name = house.submit(WELFARE, referral(HEALTH))["deliveries"][0]["id"]

    assert operate(house, name, "redirection", to=SCHOOL, **WHY).status_code == 422


@pytest.mark.parametrize("verb", ["redelivery", "discard", "redirection"])
@pytest.mark.parametrize("why", [{}, {"note": ""}, {"reason": "OPERATOR"}])
def test_no_verb_works_without_a_reason(house: House, verb: str, why: dict[str, str]) -> None:
    _, ids = dead(house, HEALTH)
    said = {**why, **({"to": SCHOOL} if verb == "redirection" else {})}

    assert operate(house, ids[HEALTH], verb, **said).status_code == 422
    assert state(house, ids[HEALTH]) == "DEAD"


@pytest.mark.parametrize(
    ("verb", "entry", "after"), [("redelivery", "replayed", "OPEN"), ("discard", "skipped", "SKIPPED")]
)
def test_a_dead_head_holds_its_lane_until_somebody_decides(house: House, verb: str, entry: str, after: str) -> None:
    case = f"CASE-{verb}"
    real, ids = dead(house, HEALTH, case_ref=case)
    house.submit(WELFARE, referral(HEALTH, case_ref=case))
    with house.reading() as connection:
        mine = select(delivery.c.lane).where(delivery.c.id == ids[HEALTH]).scalar_subquery()
        held = connection.execute(select(lane.c.held, lane.c.pending).where(lane.c.id == mine)).one()
    assert tuple(held) == (1, 1)

    assert operate(house, ids[HEALTH], verb, **WHY).status_code == 200
    assert state(house, ids[HEALTH]) == after
    assert entry in [kind for kind, _ in house.entries(real)]
    with house.reading() as connection:
        assert connection.execute(select(lane.c.held).where(lane.c.id == mine)).scalar_one() == 0


def test_an_operator_sees_what_waits_and_an_agency_does_not(house: House) -> None:
    dead(house, NADRA, child={"name": "Farzi Bachi", "identifiers": []})
    secret = (house.folder / "keys" / SECRET_FILE).read_text("utf-8").strip()
    form = {"grant_type": "client_credentials", "scope": SCOPES}
    token = house.http.post("/oauth/token", data=form, auth=(CLIENT_ID, secret)).json()["access_token"]
    found = house.http.get("/v1/deliveries/backlog", headers={"Authorization": f"Bearer {token}"}).json()["items"]
    register = next(each for each in found if each["recipient"] == NADRA)

    assert register["dead"] >= 1
    assert register["held_lanes"] >= 1
    assert register["breaker"] == "CLOSED"
    assert house.call(WELFARE, "GET", "/v1/deliveries/backlog").status_code == 404
