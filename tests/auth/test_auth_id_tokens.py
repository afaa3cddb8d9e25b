"""ID tokens: only the provider's, only ours, only about the login that was begun (OpenID Connect Core 1.0 3.1.3.7)."""

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from auth.errors import IdTokenRefused, Reason
from auth.id_tokens import check_id_token

NOW = 1_800_000_000.0
ISSUER, CLIENT, NONCE = "https://idp.example.pk", "raabta-console", "n-0S6_WzA2Mj"
KEYS = {
    "ES256": ECKey.generate_key("P-256", {"kid": "es"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "rs"}),
    "other": ECKey.generate_key("P-256", {"kid": "es"}),
}
SHARED = OctKey.generate_key(256, {"kid": "shared"})
PUBLISHED = json.dumps({"keys": [KEYS["ES256"].as_dict(private=False), KEYS["RS256"].as_dict(private=False)]}).encode()
ABSENT = object()


def claims(**changes: Any) -> dict[str, Any]:
    good = {
        "iss": ISSUER, "aud": CLIENT, "sub": "sitara", "nonce": NONCE, "iat": int(NOW), "exp": int(NOW) + 300,
    }  # fmt: skip
    return {name: value for name, value in {**good, **changes}.items() if value is not ABSENT}


def token(alg: str = "ES256", key: Any = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
    signing = key or KEYS[alg]
    head = {"alg": alg, "kid": signing.kid, **(header or {})}
    return jwt.encode(head, claims(**changes), signing, algorithms=[alg])


def checked(text: str, keys: bytes = PUBLISHED) -> Any:
    return check_id_token(text, keys, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_a_good_token_tells_who_it_is(alg: str) -> None:
    assert checked(token(alg, roles=["auditor"]))["roles"] == ["auditor"]


def test_an_audience_of_one_in_a_list_is_good() -> None:
    assert checked(token(aud=[CLIENT]))["sub"] == "sitara"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example.pk"}, {"iss": ISSUER + "/"}, {"iss": ABSENT}, {"aud": "another"}, {"aud": ABSENT},
        {"aud": []}, {"aud": [CLIENT, "another"]}, {"aud": [CLIENT, "another"], "azp": CLIENT}, {"azp": "another"},
        {"nonce": "another"}, {"nonce": ABSENT}, {"nonce": ""}, {"sub": ABSENT}, {"sub": ""}, {"sub": 7},
        {"sub": "x" * 256}, {"exp": int(NOW) - 60}, {"exp": ABSENT}, {"exp": "soon"}, {"iat": int(NOW) + 600},
        {"iat": ABSENT}, {"nbf": int(NOW) + 600},
    ],
)  # fmt: skip
def test_what_a_token_says_wrongly_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(IdTokenRefused):
        checked(token(**changes))


def test_another_key_of_the_same_name_does_not_do() -> None:
    with pytest.raises(IdTokenRefused) as refused:
        checked(token(key=KEYS["other"]))
    assert refused.value.reason is Reason.SIGNATURE


def test_a_shared_secret_is_no_key_even_where_the_provider_publishes_one() -> None:
    keys = json.dumps({"keys": [SHARED.as_dict()]}).encode()
    with pytest.raises(IdTokenRefused):
        checked(jwt.encode({"alg": "HS256", "kid": "shared"}, claims(), SHARED), keys)


@pytest.mark.parametrize("text", ["", "a.b.c", "x" * 20_000, "..", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(IdTokenRefused):
        checked(text)


@pytest.mark.parametrize("header", [{"jku": "https://evil.example.pk/jwks"}, {"kid": "nobody"}])
def test_a_token_names_no_key_of_its_own(header: dict[str, Any]) -> None:
    with pytest.raises(IdTokenRefused):
        checked(token(key=KEYS["other"], header=header))


@pytest.mark.parametrize("keys", [b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": []}', b"\xff"])
def test_a_key_set_that_is_none_vouches_for_nobody(keys: bytes) -> None:
    with pytest.raises(IdTokenRefused):
        checked(token(), keys)
