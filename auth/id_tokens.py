"""ID tokens: who a person is, as an OpenID provider says it (OpenID Connect Core 1.0 section 3.1.3.7).

Authlib judges the claims, joserfc the signature; the algorithms are fixed here, and none of them is symmetric.
"""

import json
from collections.abc import Mapping

from authlib.oauth2.rfc6749 import OAuth2Error
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from auth.clock import SKEW
from auth.errors import IdTokenRefused, Reason

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"]
"""RS256 is what every OpenID provider must be able to sign with (Core 1.0 section 15.1)."""

MAX_CHARACTERS = 16_384
_ASYMMETRIC = frozenset({"RSA", "EC"})


def check_id_token(
    text: str, keys: bytes, *, issuer: str, client_id: str, nonce: str, now: float
) -> Mapping[str, object]:
    """Return the claims of an ID token that is for us, about the login we began.

    Args:
        text: the token, a compact JWS.
        keys: the provider's JWK Set, JSON.
        issuer: the provider.
        client_id: who we are there.
        nonce: what we began the login with.
        now: seconds since 1970.

    Raises:
        IdTokenRefused: it is not; `reason` says by which rule.

    """
    if len(text) > MAX_CHARACTERS:
        raise IdTokenRefused(Reason.TOO_LONG)
    try:
        token = jwt.decode(text, _public(keys), algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise IdTokenRefused(Reason.SIGNATURE) from error
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={"iss": {"essential": True, "value": issuer}},
        params={"client_id": client_id, "nonce": nonce},
    )
    try:
        claims.validate(now=int(now), leeway=SKEW)
    except (JoseError, OAuth2Error, ValueError, TypeError) as error:
        raise IdTokenRefused(Reason.MISMATCH) from error
    if claims["aud"] not in (client_id, [client_id]):
        # The provider vouches for the token before others too: it could be replayed by them.
        raise IdTokenRefused(Reason.AUDIENCE)
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
        raise IdTokenRefused(Reason.SUBJECT)
    return dict(claims)


def _public(keys: bytes) -> KeySet:
    document = json.loads(keys)
    held = [key for key in document["keys"] if isinstance(key, dict) and key.get("kty") in _ASYMMETRIC]
    return KeySet.import_key_set({"keys": held})
