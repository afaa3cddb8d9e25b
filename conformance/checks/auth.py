"""AUTH: who may come in, and what a token is worth."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from conformance.checking import check
from conformance.checks.answers import as_json, clean, status
from conformance.checks.letters import JSON, SENDER, accepted, canonical, effects, post, shown
from conformance.findings import LacksError, expect
from conformance.sandbox.gateway_login import basic_header
from conformance.sandbox.settings import ASSERTION, BASIC, Login
from conformance.target import Target
from conformance.tokens import Issuer, client_assertion

READ = "/v1/referrals"


def offered(target: Target, authorization: str | None, path: str = READ, method: str = "GET") -> httpx.Response:
    """Call with an Authorization header made by hand, or with none."""
    headers = {"Content-Type": JSON, "Idempotency-Key": target.fresh_id()}
    if authorization is not None:
        headers["Authorization"] = authorization
    body = json.dumps(canonical(target, target.children.new(), "police")).encode() if method == "POST" else None
    return target.send(method, path, headers=headers, content=body)


def unauthenticated(answer: httpx.Response, of: str) -> None:
    """Demand a 401 with a challenge (RFC 6750 section 3)."""
    status(answer, 401, of=of)
    challenge = answer.headers.get("www-authenticate", "")
    expect(challenge.lower().startswith(("bearer", "dpop")), f"{of}: a 401 needs WWW-Authenticate")
    clean(answer, of)


@check("AUTH-01")
def no_token(target: Target) -> None:
    """Without a token nothing is answered and nothing is created."""
    before = len(target.peers["police"].effects())
    for method, path in (("POST", READ), ("GET", READ), ("GET", f"{READ}/x"), ("POST", "/v1/translations")):
        unauthenticated(offered(target, None, path, method), f"{method} {path} without a token")
    unauthenticated(offered(target, "Bearer not-a-token"), "a token that is none")
    unauthenticated(offered(target, "Basic cG9saWNlOng="), "another scheme")
    sent = accepted(target, "police")
    target.until(lambda: effects(target, sent, "police"), "a referral sent afterwards arrives")
    new = len(target.peers["police"].effects()) - before
    expect(new == 1, "a referral without a token reached an agency")


def issuer(target: Target) -> Issuer:
    """Give the issuer the target trusts for this run."""
    if target.means.issuer is None:
        raise LacksError("issuer")
    return target.means.issuer


def _right(target: Target) -> Issuer:
    """Give the issuer, once a right token of it was let in: without this, a refusal would prove nothing."""
    trusted = issuer(target)
    status(offered(target, f"Bearer {trusted.token('referral.read')}"), 200, of="a right token of the trusted issuer")
    return trusted


@check("AUTH-02", needs=("issuer",))
def wrong_claims(target: Target) -> None:
    """A token that is expired, not yet valid, of another issuer or for another audience lets nobody in."""
    trusted, now = _right(target), int(time.time())
    wrong: dict[str, dict[str, Any]] = {
        "expired": {"iat": now - 7_200, "exp": now - 3_600},
        "not yet valid": {"nbf": now + 3_600, "iat": now, "exp": now + 7_200},
        "of another issuer": {"iss": "https://elsewhere.example"},
        "for another audience": {"aud": "https://elsewhere.example"},
        "without an end": {"exp": None},
    }
    for name, changed in wrong.items():
        unauthenticated(offered(target, f"Bearer {trusted.token('referral.read', **changed)}"), f"a token {name}")


@check("AUTH-03", needs=("issuer",))
def weak_algorithms(target: Target) -> None:
    """An unsigned token, and one signed with the public key as a secret, let nobody in."""
    trusted = _right(target)
    unauthenticated(offered(target, f"Bearer {trusted.unsigned('referral.read')}"), "a token of alg none")
    unauthenticated(offered(target, f"Bearer {trusted.confused('referral.read')}"), "a token signed with a public key")


@check("AUTH-04")
def missing_scope(target: Target) -> None:
    """A right token without the scope gets 403 insufficient_scope, and nothing is created."""
    document = canonical(target, target.children.new(), "police")
    body, headers = json.dumps(document).encode(), {"Content-Type": JSON, "Idempotency-Key": document["message_id"]}
    answer = target.call(SENDER, "POST", READ, "referral.read", content=body, headers=headers)
    status(answer, 403, of="a referral with a token that may only read")
    expect("insufficient_scope" in answer.headers.get("www-authenticate", ""), "the challenge names no missing scope")
    again = post(target, {**document, "priority": "LOW"}, str(document["message_id"]))
    status(again, 202, of="the same key afterwards, with another body and the right scope")


@check("AUTH-05")
def token_in_the_address(target: Target) -> None:
    """A token in the address of a call is not looked at."""
    token = target.token(SENDER, "referral.read")
    answer = target.send("GET", READ, params={"access_token": token})
    unauthenticated(answer, "a token in the query string")


@check("AUTH-06", needs=("issuer", "key-requests"))
def unknown_key(target: Target) -> None:
    """A token of an unknown key is refused, and does not make the target fetch keys again and again."""
    trusted = _right(target)
    before = _fetched(target)
    for n in range(12):
        token = trusted.token("referral.read", kid=f"unknown-{n}")
        unauthenticated(offered(target, f"Bearer {token}"), "a token of an unknown key")
    fetched = _fetched(target) - before
    expect(fetched <= 2, f"twelve tokens of unknown keys made the target fetch the keys {fetched} times")


def _fetched(target: Target) -> int:
    if target.means.key_requests is None:
        raise LacksError("key-requests")
    return target.means.key_requests()


def _with_key(target: Target) -> Login:
    """Find one of our clients that logs in with a key."""
    found = next((one for one in target.logins.values() if one.method == ASSERTION), None)
    if found is None:
        raise LacksError("a client with private_key_jwt")
    return found


@check("AUTH-07")
def used_assertions(target: Target) -> None:
    """A client assertion counts once, for minutes, and at this server only."""
    login, now = _with_key(target), int(time.time())
    once = client_assertion(login)
    status(target.log_in(login, "referral.read", client_assertion=once), 200, of="a fresh client assertion")
    wrong: dict[str, dict[str, Any]] = {
        "with a life of an hour": {"exp": now + 3_600},
        "that has ended": {"iat": now - 900, "exp": now - 600},
        "for another server": {"aud": "https://elsewhere.example/token"},
        "without an id": {"jti": None},
    }
    refusals = {name: client_assertion(login, **changed) for name, changed in wrong.items()}
    for name, assertion in {"used before": once, **refusals}.items():
        answer = target.log_in(login, "referral.read", client_assertion=assertion)
        status(answer, 400, 401, of=f"a client assertion {name}")
        error = as_json(answer).get("error")
        expect(error == "invalid_client", f"a client assertion {name}: the error must be invalid_client, it is {error}")


@check("AUTH-08")
def token_errors(target: Target) -> None:
    """Errors of the token endpoint follow RFC 6749, and a wrong name looks like a wrong secret."""
    login = next((one for one in target.logins.values() if one.method == BASIC), None) or _with_key(target)
    stranger = Login(login.gateway, "conf-nobody", BASIC, secret="conf-wrong")  # noqa: S106 - invented
    known = Login(login.gateway, login.client_id, BASIC, secret="conf-wrong")  # noqa: S106 - invented
    answers = [target.log_in(one) for one in (stranger, known)]
    for answer in answers:
        status(answer, 400, 401, of="a login that is wrong")
        expect(as_json(answer).get("error") == "invalid_client", "a login that is wrong must be invalid_client")
    told = {(one.status_code, one.text, one.headers.get("www-authenticate", "")) for one in answers}
    expect(len(told) == 1, "an unknown client and a wrong secret are answered differently")
    grant = target.log_in(login, grant_type="password")
    expect(as_json(grant).get("error") == "unsupported_grant_type", "an unknown grant must be unsupported_grant_type")
    scope = target.log_in(login, scope="conf.everything")
    expect(as_json(scope).get("error") == "invalid_scope", "an unknown scope must be invalid_scope")
    stored = scope.headers.get("cache-control", "")
    expect("no-store" in stored, "an answer of the token endpoint must not be stored")


@check("AUTH-09")
def whose_token(target: Target) -> None:
    """Who sends is said by the token, whatever the document says."""
    claimed = {"agency": target.ids("nadra"), "kind": "CIVIL_REG", "name": "Conf Somebody Else"}
    sent = accepted(target, "police", sender=claimed)
    sender = shown(target, sent).get("referral", {}).get("sender", {})
    expect(sender.get("agency") == target.ids(SENDER), "a document could name another agency as its sender")
    basic = basic_header(target.ids(SENDER), "x")
    unauthenticated(offered(target, basic), "a client's own password instead of a token")
