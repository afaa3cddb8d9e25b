"""The authorization server as callers meet it: Inferno's negative cases, bound tokens, introspection, revocation."""

import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.standing import StoredStanding
from tests.api.forgery import (
    ASSERTION_TYPE,
    HEADER,
    assertion,
    certificate,
    client_cert,
    hang_locks,
    key,
    proof,
    public,
    refused,
    token,
)
from tests.gateway.house import House, running
from tests.gateway.manifests import HEALTH, NADRA, POLICE, SECRET, WELFARE

LISTED = "/v1/referrals"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("manners") / "gateway", amend=hang_locks) as lent:
        yield lent


def ask(house: House, **changes: str | None) -> httpx.Response:
    form = {
        "grant_type": "client_credentials", "scope": "referral.read", "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion(house), **changes,
    }  # fmt: skip
    return house.http.post("/oauth/token", data={name: value for name, value in form.items() if value is not None})


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"grant_type": "not_a_grant_type"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"client_assertion_type": "not_an_assertion_type"}, 400, "invalid_request"),
        ({"client_assertion_type": None}, 400, "invalid_request"),
        ({"client_assertion": "not_a_jwt"}, 401, "invalid_client"),
        ({"client_assertion": None}, 400, "invalid_request"),
        ({"scope": None}, 400, "invalid_scope"),
        ({"scope": "ledger.write"}, 400, "invalid_scope"),
        ({"client_id": WELFARE}, 401, "invalid_client"),
    ],
)
def test_infernos_negative_cases_are_refused(
    house: House, changes: dict[str, str | None], status: int, error: str
) -> None:
    """The backend-services group of Inferno's SMART test kit, and what RFC 6749 adds to it."""
    answer = ask(house, **changes)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["cache-control"] == "no-store"


def test_infernos_positive_case_has_every_member_of_the_answer(house: House) -> None:
    answer = ask(house).json()

    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (answer["token_type"], answer["scope"]) == ("Bearer", "referral.read")
    assert 0 < answer["expires_in"] <= 300


@pytest.mark.parametrize(
    "body", [b"grant_type=client_credentials&grant_type=x", b"scope=%FF", b"a=1&" * 60, b"\xff\xfe"]
)
def test_a_form_that_is_not_one_is_refused(house: House, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = house.http.post("/oauth/token", content=body, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def by_certificate(house: House, shown: str | None, client: str = NADRA) -> httpx.Response:
    form = {"grant_type": "client_credentials", "scope": "referral.read", "client_id": client}
    return house.http.post("/oauth/token", data=form, headers={HEADER: shown} if shown else {})


@pytest.fixture(scope="module")
def registers() -> str:
    return client_cert(certificate("nadra"))


def test_a_certificate_logs_in_and_its_token_counts_with_it_alone(house: House, registers: str) -> None:
    answer = by_certificate(house, registers)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    assert house.http.get(LISTED, headers={**bearer, HEADER: registers}).status_code == 200
    assert house.http.get(LISTED, headers=bearer).status_code == 401
    other = client_cert(certificate("nadra"))
    assert house.http.get(LISTED, headers={**bearer, HEADER: other}).status_code == 401


@pytest.mark.parametrize(
    ("shown", "reason"),
    [
        (certificate("somebody"), "CERTIFICATE_NAME"),
        (certificate("nadra", days=-1), "CERTIFICATE_PERIOD"),
    ],
)
def test_a_certificate_of_another_name_or_time_does_not_log_in(house: House, shown: Any, reason: str) -> None:
    assert by_certificate(house, client_cert(shown)).status_code == 401
    assert refused(house) == reason


@pytest.mark.parametrize("shown", [None, ":AAAA:", "nonsense", ":%%%:"])
def test_without_a_certificate_that_can_be_read_nobody_logs_in_by_one(house: House, shown: str | None) -> None:
    assert by_certificate(house, shown).status_code == 401
    assert refused(house) == "MISSING"


def test_two_certificate_headers_count_as_none(house: House, registers: str) -> None:
    form = {"grant_type": "client_credentials", "scope": "referral.read", "client_id": NADRA}
    answer = house.http.post("/oauth/token", data=form, headers=[(HEADER, registers), (HEADER, registers)])

    assert answer.status_code == 401


def test_a_client_registered_for_another_method_does_not_log_in_by_certificate(house: House, registers: str) -> None:
    assert by_certificate(house, registers, WELFARE).status_code == 401
    assert refused(house) == "CLIENT_METHOD"


def by_proof(house: House, *proofs: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "scope": "referral.read"}
    headers = [("DPoP", each) for each in proofs]
    return house.http.post("/oauth/token", data=form, auth=(POLICE, SECRET), headers=headers)


def a_proof(house: House, **changes: Any) -> str:
    return proof(f"{house.url}/oauth/token", **{"htm": "POST", **changes})


def test_a_client_that_must_prove_a_key_gets_no_token_without(house: House) -> None:
    answer = by_proof(house)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
    assert refused(house) == "PROOF_MISSING"


@pytest.fixture(scope="module")
def bound(house: House) -> str:
    answer = by_proof(house, a_proof(house)).json()
    assert answer["token_type"] == "DPoP"
    return str(answer["access_token"])


def show(house: House, bearer: str, *proofs: str, scheme: str = "DPoP") -> httpx.Response:
    headers = [("Authorization", f"{scheme} {bearer}"), *(("DPoP", each) for each in proofs)]
    return house.http.get(LISTED, headers=headers)


def test_a_bound_token_counts_with_a_fresh_proof_and_not_with_the_same_again(house: House, bound: str) -> None:
    shown = proof(f"{house.url}{LISTED}", bound)

    assert show(house, bound, shown).status_code == 200
    again = show(house, bound, shown)
    assert again.status_code == 401
    assert 'error="invalid_dpop_proof"' in again.headers["www-authenticate"]


OTHER = public(key("ES256", "thief"))
PROOFS: dict[str, dict[str, Any]] = {
    "another method": {"htm": "POST"},
    "another place": {"htu": "https://other.example/v1/referrals"},
    "another path": {"htu": "/v1/referrals"},
    "no place": {"htu": None},
    "another token": {"ath": "x" * 43},
    "no token": {"ath": None},
    "no time": {"iat": None},
    "no id": {"jti": None},
    "another's key": {"header": {"jwk": OTHER}, "signing": key("ES256", "thief")},
    "another's signature": {"signing": key("ES256", "thief")},
    "a private key": {"header": {"jwk": key("ES256", "dpop").as_dict(private=True)}},
    "no key": {"header": {"jwk": None}},
    "another type": {"header": {"typ": "JWT"}},
    "alg none": {"header": {"alg": "none"}},
    "HS256": {"header": {"alg": "HS256"}},
    "crit": {"header": {"crit": ["htm"]}},
}


@pytest.mark.parametrize("name", PROOFS)
def test_a_bad_proof_is_refused(house: House, bound: str, name: str) -> None:
    answer = show(house, bound, proof(f"{house.url}{LISTED}", bound, **PROOFS[name]))

    assert answer.status_code == 401
    assert 'error="invalid_dpop_proof"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("seconds", [-120, 600])
def test_a_proof_of_another_time_is_refused(house: House, bound: str, seconds: int) -> None:
    answer = show(house, bound, proof(f"{house.url}{LISTED}", bound, iat=int(time.time()) + seconds))

    assert answer.status_code == 401
    assert 'error="invalid_dpop_proof"' in answer.headers["www-authenticate"]


def test_a_bound_token_is_worth_nothing_as_bearer_nor_with_two_proofs_or_none(house: House, bound: str) -> None:
    good = [proof(f"{house.url}{LISTED}", bound) for _ in range(3)]

    assert show(house, bound, good[0], scheme="Bearer").status_code == 401
    assert show(house, bound, good[1], good[2]).status_code == 401
    assert show(house, bound).status_code == 401
    assert show(house, token(house), proof(f"{house.url}{LISTED}", token(house))).status_code == 401


def test_a_proof_is_for_its_place_whatever_the_query(house: House, bound: str) -> None:
    headers = {"Authorization": f"DPoP {bound}", "DPoP": proof(f"{house.url}{LISTED}", bound)}

    assert house.http.get(f"{LISTED}?limit=1", headers=headers).status_code == 200


def care(house: House, what: str, text: str, client: str = WELFARE) -> httpx.Response:
    return house.http.post(f"/oauth/{what}", data={"token": text}, auth=(client, SECRET))


def test_introspection_tells_an_agency_about_its_own_tokens_only(house: House) -> None:
    mine, theirs = house.token(WELFARE, "trace.read"), token(house)

    told = care(house, "introspect", mine).json()
    assert (told["active"], told["scope"], told["client_id"]) == (True, "trace.read", WELFARE)
    assert care(house, "introspect", theirs).json() == {"active": False}
    assert care(house, "introspect", "nonsense").json() == {"active": False}
    assert house.http.post("/oauth/introspect", data={"token": mine}).status_code == 401
    assert care(house, "introspect", mine, "nobody").status_code == 401


def test_a_token_given_back_is_refused_at_once_and_by_a_process_that_starts_later(house: House) -> None:
    mine = house.token(WELFARE, "translate referral.read")
    headers = {"Authorization": f"Bearer {mine}"}
    assert house.http.get(LISTED, headers=headers).status_code == 200

    assert care(house, "revoke", mine).status_code == 200
    assert house.http.get(LISTED, headers=headers).status_code == 401
    assert care(house, "introspect", mine).json() == {"active": False}
    assert care(house, "revoke", mine).status_code == 200
    room = house.gateway.room
    with sqlite3.connect(house.folder / "raabta.sqlite") as looked:
        ((issuer, jti),) = looked.execute("SELECT issuer, jti FROM revocation").fetchall()
    assert StoredStanding(room.store, room.clock).objection(issuer, jti, WELFARE) == "revoked"
    kinds = [kind for kind, _ in house.entries() if kind != "checkpoint.signed"]  # signed whenever its time comes
    assert kinds[-1] in {"token.revoked", "token.refused"}


def test_nobody_gives_back_the_token_of_another(house: House) -> None:
    theirs = token(house)

    answer = care(house, "revoke", theirs)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert house.http.get(LISTED, headers={"Authorization": f"Bearer {theirs}"}).status_code == 200
    assert house.http.get(LISTED, headers={"Authorization": f"Bearer {token(house, agency=HEALTH)}"}).status_code == 200


def test_two_authorization_headers_count_as_none_that_can_be_read(house: House) -> None:
    good = f"Bearer {token(house)}"

    assert house.http.get(LISTED, headers=[("Authorization", good), ("Authorization", good)]).status_code == 401
