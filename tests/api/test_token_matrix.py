"""Bad assertions and bad tokens against the running gateway: none is accepted, each is refused for its own reason."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from auth.errors import CredentialRefused
from auth.requests import Presented
from tests.api.forgery import (
    ABSENT,
    ASSERTION_TYPE,
    assertion,
    assertion_claims,
    by_hmac,
    encoded,
    forge,
    hang_locks,
    key,
    public,
    refused,
    signed,
    token,
    token_claims,
)
from tests.gateway.house import House, running
from tests.gateway.manifests import HEALTH, POLICE, SCHOOL, WELFARE

Forged = Callable[[House], str]
NOW = time.time
FOREIGN = "https://evil.example/jwks"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("matrix") / "gateway", amend=hang_locks) as lent:
        yield lent


def head(alg: str = "ES384", **changes: Any) -> dict[str, Any]:
    return {"alg": alg, "kid": f"{alg}-own", "typ": "JWT", **changes}


def claims_with(**changes: Any) -> Forged:
    return lambda house: assertion(house, **changes)


def header_with(**changes: Any) -> Forged:
    return lambda house: assertion(house, header=changes)


def raw(header: bytes | None = None, claims: Callable[[bytes], bytes] = lambda text: text) -> Forged:
    def made(house: House) -> str:
        good = json.dumps(assertion_claims(house)).encode()
        return forge(header or json.dumps(head()).encode(), claims(good), key("ES384"), "ES384")

    return made


def unsigned(house: House) -> str:
    return f"{encoded(json.dumps(head('none')).encode())}.{encoded(json.dumps(assertion_claims(house)).encode())}."


def by_public_key(house: House) -> str:
    return by_hmac({**head("HS256"), "kid": "ES256-own"}, assertion_claims(house), key("ES256"))


def tampered(house: House) -> str:
    first, _, last = assertion(house).split(".")
    return f"{first}.{encoded(json.dumps(assertion_claims(house, sub=WELFARE, iss=WELFARE)).encode())}.{last}"


def stray_bits(house: House) -> str:
    """Write the same bytes in another way: the last character of the claims carries bits nobody reads."""
    for padding in range(3):
        first, middle, last = raw(claims=lambda text, n=padding: text + b" " * n)(house).split(".")
        if len(middle) % 4:
            alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            return f"{first}.{middle[:-1]}{alphabet[alphabet.index(middle[-1]) ^ 1]}.{last}"
    raise AssertionError


ASSERTIONS: dict[str, tuple[Forged, str]] = {
    "alg none": (unsigned, "NOT_COMPACT"),
    "alg none with a signature": (header_with(alg="none"), "ALGORITHM"),
    "HS256 with the public key as secret": (by_public_key, "ALGORITHM"),
    "RS256, which SMART does not name": (
        lambda h: signed(head("RS256"), assertion_claims(h), key("RS384"), "RS256"), "ALGORITHM"),
    "alg in another case": (header_with(alg="es384"), "ALGORITHM"),
    "alg no string": (header_with(alg=["ES384"]), "ALGORITHM"),
    "no alg": (lambda h: signed({"kid": "ES384-own"}, assertion_claims(h), key("ES384"), "ES384"), "ALGORITHM"),
    "another algorithm than the key's": (
        lambda h: signed(head("ES384", kid="ES256-own"), assertion_claims(h), key("ES384"), "ES384"), "KEY_UNFIT"),
    "typ of an access token": (header_with(typ="at+jwt"), "TYPE"),
    "typ of a proof": (header_with(typ="dpop+jwt"), "TYPE"),
    "typ no string": (header_with(typ=7), "TYPE"),
    "no kid": (header_with(kid=ABSENT), "KID_MISSING"),
    "kid empty": (header_with(kid=""), "KID_MISSING"),
    "kid no string": (header_with(kid=1), "KID_MISSING"),
    "kid unknown": (header_with(kid="nobody"), "KID_UNKNOWN"),
    "kid that is a path": (header_with(kid="../../keys/tokens/first.pem"), "KID_UNKNOWN"),
    "kid that is a statement": (header_with(kid="x' OR '1'='1"), "KID_UNKNOWN"),
    "kid of two keys": (
        lambda h: signed(head("ES256", kid="twins"), assertion_claims(h), key("ES256", "one"), "ES256"),
        "KID_AMBIGUOUS"),
    "jku to a stranger": (header_with(jku=FOREIGN), "HEADER_PARAMETER"),
    "x5u to a stranger": (header_with(x5u=FOREIGN), "HEADER_PARAMETER"),
    "x5c of its own": (header_with(x5c=["MIIB"]), "HEADER_PARAMETER"),
    "jwk of its own": (header_with(jwk=public(key("ES384", "forger"))), "HEADER_PARAMETER"),
    "crit": (header_with(crit=["exp"]), "HEADER_PARAMETER"),
    "b64 false": (header_with(b64=False), "HEADER_PARAMETER"),
    "another's key": (lambda h: signed(head(), assertion_claims(h), key("ES384", "forger"), "ES384"), "SIGNATURE"),
    "claims exchanged": (tampered, "CLIENT_METHOD"),
    "signature cut": (lambda h: assertion(h)[:-8], "SIGNATURE"),
    "stray bits": (stray_bits, "ENCODING"),
    "five parts": (lambda h: assertion(h) + ".a.b", "NOT_COMPACT"),
    "too long": (claims_with(more="x" * 9000), "TOO_LONG"),
    "claims no JSON": (raw(claims=lambda _: b"{"), "JSON"),
    "claims a list": (raw(claims=lambda _: b"[]"), "JSON"),
    "claims not UTF-8": (raw(claims=lambda _: b'{"sub":"\xff"}'), "JSON"),
    "a claim twice": (raw(claims=lambda text: text[:-1] + b',"sub":"x"}'), "DUPLICATE_MEMBER"),
    "a header member twice": (raw(header=b'{"alg":"ES384","alg":"none","kid":"ES384-own"}'), "DUPLICATE_MEMBER"),
    "NaN": (raw(claims=lambda text: text[:-1] + b',"x":NaN}'), "JSON"),
    "nested deeply": (raw(claims=lambda text: text[:-1] + b',"x":' + b"[" * 2900 + b"]" * 2900 + b"}"), "JSON"),
    "no iss": (claims_with(iss=ABSENT), "ISSUER"),
    "iss of another": (claims_with(iss=WELFARE), "ISSUER"),
    "no sub": (claims_with(sub=ABSENT), "SUBJECT"),
    "sub a list": (claims_with(sub=[HEALTH]), "SUBJECT"),
    "a client nobody knows": (claims_with(sub="nobody", iss="nobody"), "CLIENT_UNKNOWN"),
    "a client of another method": (claims_with(sub=SCHOOL, iss=SCHOOL), "CLIENT_METHOD"),
    "no aud": (claims_with(aud=ABSENT), "AUDIENCE"),
    "aud of another server": (claims_with(aud="https://other.example/oauth/token"), "AUDIENCE"),
    "aud as a list": (lambda h: assertion(h, aud=[f"{h.url}/oauth/token"]), "AUDIENCE_ARRAY"),
    "aud as a list with a stranger": (
        lambda h: assertion(h, aud=[h.url, "https://other.example"]), "AUDIENCE_ARRAY"),
    "aud a prefix": (lambda h: assertion(h, aud=f"{h.url}/oauth"), "AUDIENCE"),
    "aud with a slash more": (lambda h: assertion(h, aud=f"{h.url}/oauth/token/"), "AUDIENCE"),
    "aud in capitals": (lambda h: assertion(h, aud=f"{h.url}/OAUTH/TOKEN"), "AUDIENCE"),
    "no exp": (claims_with(exp=ABSENT), "EXPIRY"),
    "exp a text": (claims_with(exp="9999999999"), "EXPIRY"),
    "exp true": (claims_with(exp=True), "EXPIRY"),
    "exp without end": (raw(claims=lambda t: t.replace(b'"exp": ', b'"exp": 1e999, "e": ')), "EXPIRY"),
    "expired": (lambda h: assertion(h, exp=int(NOW()) - 11), "EXPIRED"),
    "lives too long": (lambda h: assertion(h, exp=int(NOW()) + 330), "TOO_LONG_LIVED"),
    "lives a day": (lambda h: assertion(h, exp=int(NOW()) + 86400), "TOO_LONG_LIVED"),
    "not yet valid": (lambda h: assertion(h, nbf=int(NOW()) + 30), "NOT_YET_VALID"),
    "nbf a text": (claims_with(nbf="now"), "NOT_YET_VALID"),
    "issued ahead": (lambda h: assertion(h, iat=int(NOW()) + 30), "ISSUED_AHEAD"),
    "iat a text": (claims_with(iat="now"), "ISSUED_AT"),
    "no jti": (claims_with(jti=ABSENT), "JTI"),
    "jti a number": (claims_with(jti=7), "JTI"),
    "jti empty": (claims_with(jti=""), "JTI"),
    "jti with a line end": (claims_with(jti="a\nb"), "JTI"),
    "jti too long": (claims_with(jti="x" * 256), "JTI"),
}  # fmt: skip


def ask(house: House, text: str, **form: str) -> httpx.Response:
    given = {"grant_type": "client_credentials", "scope": "referral.read", "client_assertion_type": ASSERTION_TYPE}
    return house.http.post("/oauth/token", data={**given, "client_assertion": text, **form})


@pytest.mark.parametrize("alg", ["RS384", "PS256", "ES256", "ES384", "EdDSA"])
def test_a_good_assertion_is_accepted_once_and_its_replay_is_not(house: House, alg: str) -> None:
    good = assertion(house, alg)

    assert ask(house, good).status_code == 200
    again = ask(house, good)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert refused(house) == "REPLAYED"


@pytest.mark.parametrize("name", ASSERTIONS)
def test_a_bad_assertion_is_refused_for_its_own_reason(house: House, name: str) -> None:
    forged, reason = ASSERTIONS[name]

    answer = ask(house, forged(house))

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert "access_token" not in answer.text
    assert refused(house) == reason


def own_signed(header: dict[str, Any] | None = None, **changes: Any) -> Forged:
    return lambda house: token(house, header=header, **changes)


def by_another_key(house: House) -> str:
    own = house.gateway.keys.signing_key(NOW())
    return signed({"alg": "ES256", "kid": own.kid, "typ": "at+jwt"}, token_claims(house), key("ES256"), "ES256")


def by_the_published_key(house: House) -> str:
    own = house.gateway.keys.signing_key(NOW())
    return by_hmac({"alg": "HS256", "kid": own.kid, "typ": "at+jwt"}, token_claims(house), own.private)


def an_assertion(house: House) -> str:
    return assertion(house, "ES256")


def replayed_by_another_agency(house: House) -> str:
    """Return a token whose claims were changed to another agency, under the old signature."""
    first, _, last = token(house).split(".")
    return f"{first}.{encoded(json.dumps(token_claims(house, agency=POLICE)).encode())}.{last}"


TOKENS: dict[str, tuple[Forged, str]] = {
    "alg none": (lambda h: ".".join([*token(h, {"alg": "none"}).split(".")[:2], "AA"]), "algorithm"),
    "HS256 with the published key": (by_the_published_key, "algorithm"),
    "RS384, which no issuer of ours uses": (
        lambda h: signed({"alg": "RS384", "kid": "k", "typ": "at+jwt"}, token_claims(h), key("RS384"), "RS384"),
        "algorithm"),
    "no typ": (own_signed({"typ": ABSENT}), "type"),
    "typ JWT": (own_signed({"typ": "JWT"}), "type"),
    "an assertion": (an_assertion, "type"),
    "kid unknown": (own_signed({"kid": "nobody"}), "kid-unknown"),
    "kid a path": (own_signed({"kid": "../ledger.pem"}), "kid-unknown"),
    "no kid": (own_signed({"kid": ABSENT}), "kid-missing"),
    "jku": (own_signed({"jku": FOREIGN}), "header-parameter"),
    "jwk": (own_signed({"jwk": public(key("ES256"))}), "header-parameter"),
    "crit": (own_signed({"crit": ["exp"]}), "header-parameter"),
    "another key": (by_another_key, "signature"),
    "claims exchanged": (replayed_by_another_agency, "signature"),
    "iss of another": (own_signed(iss="https://other.example"), "issuer"),
    "no iss": (own_signed(iss=ABSENT), "issuer"),
    "no sub": (own_signed(sub=ABSENT), "subject"),
    "no client_id": (own_signed(client_id=ABSENT), "client-id"),
    "no agency": (own_signed(agency=ABSENT), "agency"),
    "agency a path": (own_signed(agency="../x"), "agency"),
    "aud of another": (own_signed(aud="https://other.example"), "audience"),
    "aud as a list": (lambda h: token(h, aud=[h.url]), "audience-array"),
    "aud with a slash more": (lambda h: token(h, aud=f"{h.url}/"), "audience"),
    "expired": (lambda h: token(h, iat=int(NOW()) - 300, exp=int(NOW()) - 11), "expired"),
    "no exp": (own_signed(exp=ABSENT), "expiry"),
    "no iat": (own_signed(iat=ABSENT), "issued-at"),
    "lives an hour": (lambda h: token(h, exp=int(NOW()) + 3600), "too-long-lived"),
    "ends before it began": (lambda h: token(h, iat=int(NOW()) + 9, exp=int(NOW()) + 5), "too-long-lived"),
    "issued ahead": (lambda h: token(h, iat=int(NOW()) + 60, exp=int(NOW()) + 300), "issued-ahead"),
    "not yet valid": (lambda h: token(h, nbf=int(NOW()) + 60), "not-yet-valid"),
    "no jti": (own_signed(jti=ABSENT), "jti"),
    "no scope": (own_signed(scope=ABSENT), "scope"),
    "scope a list": (own_signed(scope=["referral.read"]), "scope"),
    "scope malformed": (own_signed(scope="system/Task.sur"), "scope"),
    "bound to what we cannot check": (own_signed(cnf={"kid": "x"}), "binding"),
    "bound to two things": (own_signed(cnf={"jkt": "x" * 43, "x5t#S256": "y" * 43}), "binding"),
    "bound to nothing": (own_signed(cnf={}), "binding"),
    "bound to a key, sent as bearer": (own_signed(cnf={"jkt": "x" * 43}), "binding"),
    "bound to a certificate, none shown": (own_signed(cnf={"x5t#S256": "y" * 43}), "certificate-missing"),
    "no compact form": (lambda _: base64.b64encode(b"token").decode(), "not-compact"),
}  # fmt: skip


def test_a_token_made_by_these_rules_would_be_accepted(house: House) -> None:
    answer = house.http.get("/v1/referrals", headers={"Authorization": f"Bearer {token(house)}"})

    assert answer.status_code == 200


@pytest.mark.parametrize("name", TOKENS)
def test_a_bad_token_is_refused_for_its_own_reason(house: House, name: str) -> None:
    forged, reason = TOKENS[name]
    text = f"Bearer {forged(house)}"

    answer = house.http.get("/v1/referrals", headers={"Authorization": text})

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    with pytest.raises(CredentialRefused) as caught:
        house.app.state.desk.access.admit(Presented(text), "GET", f"{house.url}/v1/referrals")
    assert caught.value.reason.value == reason


def test_there_are_enough_of_them() -> None:
    assert len(ASSERTIONS) + len(TOKENS) >= 60
