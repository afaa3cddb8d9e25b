"""Checks a client assertion as an agency of its own would (RFC 7523 section 3, SMART Backend Services)."""

import time
from collections.abc import Callable

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

ALGORITHMS = ("ES256", "ES384", "RS384", "EdDSA", "Ed25519")
MAX_LIFE = 300
"""Seconds an assertion may still live when it arrives."""
SKEW = 60
"""Seconds a client's clock may run ahead in `iat` and `nbf`."""

SpendJti = Callable[[str, str, int, int], bool]
"""`(issuer, jti, expires, now)` -> False when that id was used before."""


class BadAssertionError(Exception):
    """The assertion proves nothing; every cause looks the same to the caller (`invalid_client`)."""


def check(assertion: str, keys: KeySet, client_id: str, audiences: tuple[str, ...], spend: SpendJti) -> None:
    """Accept an assertion once; raises `BadAssertionError`.

    `audiences` are the two strings an audience may be: the token endpoint and the issuer. An array is
    refused. The key is found by `kid` in the registered set; a key named by the assertion is not fetched.
    """
    try:
        token = jwt.decode(assertion, keys, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, KeyError, TypeError):
        raise BadAssertionError from None
    _check_header(token.header)
    expires, jti = _check_claims(token.claims, client_id, audiences)
    if not spend(client_id, jti, expires, int(time.time())):
        raise BadAssertionError


def _check_header(header: dict[str, object]) -> None:
    foreign = {"jku", "jwk", "x5u", "x5c", "crit"} & header.keys()
    if foreign or not isinstance(header.get("kid"), str) or header.get("typ", "JWT") != "JWT":
        raise BadAssertionError


def _check_claims(claims: dict[str, object], client_id: str, audiences: tuple[str, ...]) -> tuple[int, str]:
    now = time.time()
    expires, jti = claims.get("exp"), claims.get("jti")
    if claims.get("iss") != client_id or claims.get("sub") != client_id or claims.get("aud") not in audiences:
        raise BadAssertionError
    if isinstance(expires, bool) or not isinstance(expires, int) or not now < expires <= int(now) + MAX_LIFE:
        raise BadAssertionError
    if not isinstance(jti, str) or not 0 < len(jti) <= 255:
        raise BadAssertionError
    for claim in ("iat", "nbf"):
        moment = claims.get(claim, 0)
        if isinstance(moment, bool) or not isinstance(moment, int | float) or moment > now + SKEW:
            raise BadAssertionError
    return expires, jti
