"""Every route, every kind of caller, everybody's referrals: the answer is what ``permissions.txt`` says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from auth.scopes import covers, parse_scope
from gateway.api.scopes import SCOPES
from gateway.operators import CLIENT_ID, SECRET_FILE
from gateway.operators import SCOPES as OPERATES
from mappings.vocabulary import AgencyKind
from tests.access.asking import KEYED, QUIET, Thing, answered, ask, between
from tests.access.permissions import Row, routes, table
from tests.api.forgery import BASIC, key, public, token
from tests.gateway.house import House
from tests.gateway.indoors import indoors
from tests.gateway.manifests import AGENCIES, HEALTH, NADRA, POLICE, SCHOOL, SECRET, STRANGER, WELFARE, Profile

ROWS = table()
SCOPED = [row for row in ROWS if not row.open]
CALLERS = {"POLICE": POLICE, "HEALTH": HEALTH, "EDUCATION": SCHOOL, "SOCIAL_WELFARE": WELFARE, "CIVIL_REG": NADRA}
BARRED = "welfare-kp-cpwc"
"""An agency that is suspended once it has its token."""


def _hang(config: Path) -> None:
    """Give one agency a secret of its own, and one a key."""
    agencies = config.parent / "agencies"
    (agencies / "own-secret").write_text(SECRET, "utf-8")
    (agencies / "keys.json").write_text(json.dumps({"keys": [public(key("ES256"))]}), "utf-8")
    by_key = 'method = "private_key_jwt"\njwks_file = "keys.json"\n'
    for name, login in ((QUIET, BASIC.replace('secret"\n', 'own-secret"\n')), (KEYED, by_key)):
        file = agencies / f"{name}.toml"
        head, mark, rest = file.read_text("utf-8").partition("[client]")
        file.write_text(head + mark + rest.replace(BASIC, login, 1), "utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        for name in (BARRED, QUIET, KEYED):
            patch.setitem(AGENCIES, name, Profile("SOCIAL_WELFARE", "welfare", "raabta", "CASE_MANAGE"))
        with indoors(tmp_path_factory.mktemp("access") / "gateway", amend=_hang) as lent:
            yield lent


@pytest.fixture(scope="module")
def operator(house: House) -> str:
    secret = (house.folder / "keys" / SECRET_FILE).read_text("utf-8").strip()
    form = {"grant_type": "client_credentials", "scope": OPERATES}
    return str(house.http.post("/oauth/token", data=form, auth=(CLIENT_ID, secret)).json()["access_token"])


@pytest.fixture(scope="module")
def strangers(house: House, operator: str) -> dict[str, str | None]:
    """Return the tokens that open no door: none, another server's, a suspended agency's, a session's."""
    barred = house.token(BARRED)
    headers = {"Authorization": f"Bearer {operator}"}
    assert house.http.post(f"/v1/agencies/{BARRED}/suspension", json={}, headers=headers).status_code == 200
    every = " ".join(SCOPES)
    return {
        "nobody": None,
        "wrong audience": token(house, aud="https://another.example.pk", scope=every),
        "unknown agency": token(house, sub="nobody", client_id="nobody", agency="nobody", scope=every),
        "suspended": barred,
    }


def things(house: House, agency: str) -> dict[str, Thing]:
    """Return a referral the agency has sent, one it was sent, and one between two others."""
    other = NADRA if agency == HEALTH else HEALTH
    return {
        "own": between(house, agency, STRANGER, agency),
        "addressed": between(house, STRANGER, agency, agency),
        "other": between(house, STRANGER, other, agency),
    }


def test_every_route_of_the_application_has_its_row_and_names_its_scope(house: House) -> None:
    assert routes(house.app) == {row.name: row.scope for row in ROWS}


def test_every_kind_of_agency_the_gateway_connects_is_asked_for() -> None:
    assert {name: AGENCIES[agency].kind for name, agency in CALLERS.items()} == {name: name for name in CALLERS}
    assert set(CALLERS) == set(AgencyKind) - {AgencyKind.MIS}, "the MIS is told counts and calls nothing"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_kind_of_agency_is_answered_as_the_table_says(house: House, row: Row) -> None:
    wrong = []
    for kind, agency in CALLERS.items():
        mine = things(house, agency)
        for owner, expected in row.cells().items():
            found = answered(row, mine[owner], house.token(agency), expected)
            if found != expected:
                wrong.append((kind, owner, expected, found))
    assert wrong == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_operator_is_answered_as_the_table_says(house: House, operator: str, row: Row) -> None:
    thing = between(house, WELFARE, STRANGER, WELFARE)

    assert answered(row, thing, operator, row.operator) == row.operator


@pytest.mark.parametrize("row", SCOPED, ids=lambda row: row.name)
def test_who_is_not_let_in_is_told_nothing_and_changes_nothing(
    house: House, strangers: dict[str, str | None], row: Row
) -> None:
    thing = between(house, STRANGER, WELFARE, WELFARE)

    answers = {name: ask(row, thing, shown) for name, shown in strangers.items()}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 401)
    assert {_told(answer) for answer in answers.values()} == {"NOT_AUTHENTICATED"}


def _told(answer: httpx.Response) -> str:
    if answer.headers["content-type"].startswith("text/xml"):  # a Fault of SOAP
        return answer.text.partition('code="')[2].partition('"')[0]
    body = answer.json()
    return str(body.get("code") or body["issue"][0]["details"]["coding"][0]["code"].removeprefix("GATEWAY_"))


@pytest.mark.parametrize("row", SCOPED, ids=lambda row: row.name)
def test_a_token_of_every_other_scope_does_not_do(house: House, row: Row) -> None:
    needed = [parse_scope(each) for each in row.scope.split()]
    rest = " ".join(scope for scope in SCOPES if not any(covers([parse_scope(scope)], each) for each in needed))

    answer = ask(row, between(house, WELFARE, STRANGER, WELFARE), house.token(WELFARE, rest))

    assert answer.status_code == 403
