"""Who gets in: the token endpoint of every agency, and the bearer at its door."""

import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey

from conformance.sandbox.gateway_login import basic_header
from conformance.sandbox.tokens import ASSERTION_TYPE
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Start


def refused(answer: httpx.Response, code: str = "invalid_client", status: int = 401) -> bool:
    return answer.status_code == status and answer.json() == {"error": code}


def test_the_right_credential_gets_a_bearer_token(agency: Caller) -> None:
    answer = agency.ask_token()
    grant = answer.json()
    assert answer.status_code == 200
    assert grant["token_type"] == "Bearer"
    assert grant["expires_in"] == 300
    assert grant["scope"]
    assert answer.headers["cache-control"] == "no-store"
    assert agency.send(agency.valid(), token=grant["access_token"]).status_code in {200, 202}


def test_a_call_without_a_token_is_challenged_and_has_no_effect(agency: Caller) -> None:
    answer = agency.send(agency.valid(), token="")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "error" not in answer.headers["www-authenticate"]
    assert agency.received()["effects"] == []


def test_an_invented_token_is_invalid(agency: Caller) -> None:
    answer = agency.send(agency.valid(), token="invented")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert agency.outcomes() == ["unauthorized"]


def test_an_expired_token_is_invalid(start: Start) -> None:
    school = start("school", token_seconds=0)
    answer = school.send(school.valid())
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("name", ["nadra", "school"])
def test_a_wrong_secret_and_a_wrong_client_look_the_same(start: Start, name: str) -> None:
    caller = start(name)
    wrong_secret = caller.ask_token(secret="guessed")
    header = {"Authorization": basic_header("nobody", caller.secret())}
    wrong_client = caller.http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=header)
    assert refused(wrong_secret)
    assert refused(wrong_client)
    assert wrong_secret.headers["www-authenticate"] == wrong_client.headers["www-authenticate"]


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Basic cmFhYnRh", "Bearer x"])
def test_an_unreadable_basic_header_is_no_client(start: Start, header: str) -> None:
    caller = start("school")
    headers = {"Authorization": header}
    assert refused(caller.http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=headers))


def test_a_secret_is_no_substitute_for_a_key(start: Start) -> None:
    police = start("police")
    headers = {"Authorization": basic_header("raabta", "guessed")}
    assert refused(police.http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=headers))


@pytest.mark.parametrize("name", ["police", "health", "welfare"])
def test_an_assertion_counts_once(start: Start, name: str) -> None:
    caller = start(name)
    assertion = caller.assertion()
    assert caller.ask_token(assertion=assertion).status_code == 200
    assert refused(caller.ask_token(assertion=assertion))


def test_an_assertion_may_name_the_issuer_as_its_audience(start: Start) -> None:
    police = start("police")
    assert police.ask_token(assertion=police.assertion(police.claims(aud=police.url))).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://elsewhere.example/oauth/token"},
        {"aud": ["{token}"]},
        {"iss": "somebody"},
        {"sub": "somebody"},
        {"jti": ""},
        {"jti": None},
        {"exp": "soon"},
        {"exp": lambda now: now - 1},
        {"exp": lambda now: now + 305},
        {"iat": lambda now: now + 3600},
        {"nbf": lambda now: now + 3600},
    ],
)
def test_an_assertion_with_a_wrong_claim_proves_nothing(start: Start, changed: dict[str, Any]) -> None:
    police = start("police")
    name, value = next(iter(changed.items()))
    if callable(value):
        value = value(int(time.time()))
    if isinstance(value, list):
        value = [f"{police.url}/oauth/token"]
    assert refused(police.ask_token(assertion=police.assertion(police.claims(**{name: value}))))


@pytest.mark.parametrize("header", [{"kid": "another"}, {"typ": "at+jwt"}, {"jku": "http://127.0.0.1:1/jwks"}])
def test_an_assertion_with_a_wrong_header_proves_nothing(start: Start, header: dict[str, str]) -> None:
    police = start("police")
    assert refused(police.ask_token(assertion=police.assertion(header=header)))


def test_an_assertion_by_another_key_under_our_kid_proves_nothing(start: Start) -> None:
    police = start("police")
    header = {"alg": "ES256", "kid": police.credentials["kid"]}
    forged = jwt.encode(header, police.claims(), ECKey.generate_key("P-256"), algorithms=["ES256"])
    assert refused(police.ask_token(assertion=forged))


def test_symmetric_and_unsigned_assertions_prove_nothing(start: Start) -> None:
    police = start("police")
    kid = police.credentials["kid"]
    key = OctKey.import_key("a-shared-secret-that-is-long-enough-to-sign")
    symmetric = jwt.encode({"alg": "HS256", "kid": kid}, police.claims(), key, algorithms=["HS256"])
    unsigned = ".".join(["eyJhbGciOiJub25lIn0", symmetric.split(".")[1], ""])
    other = jwt.encode({"alg": "Ed25519", "kid": kid}, police.claims(), OKPKey.generate_key("Ed25519"), ["Ed25519"])
    for assertion in (symmetric, unsigned, other, "not-a-token"):
        assert refused(police.ask_token(assertion=assertion))


def test_the_form_must_be_plain_and_complete(start: Start) -> None:
    police = start("police")
    proof = {"client_assertion_type": ASSERTION_TYPE}
    ask = police.http.post
    assert refused(police.ask_token(grant_type="password"), "unsupported_grant_type", 400)
    missing = {**proof, "client_assertion": police.assertion()}
    assert refused(ask("/oauth/token", data=missing), "invalid_request", 400)
    assert refused(ask("/oauth/token", json={"grant_type": "client_credentials"}), "invalid_request", 400)
    twice = b"grant_type=client_credentials&grant_type=client_credentials"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert refused(ask("/oauth/token", content=twice, headers=form), "invalid_request", 400)


def test_two_ways_to_authenticate_at_once_are_refused(start: Start) -> None:
    police = start("police")
    fields = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    fields["client_assertion"] = police.assertion()
    headers = {"Authorization": basic_header("raabta", "x")}
    assert refused(police.http.post("/oauth/token", data=fields, headers=headers), "invalid_request", 400)
