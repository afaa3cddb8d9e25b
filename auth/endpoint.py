"""The token, key set and metadata answers, in plain data, ready to be mounted by any HTTP framework.

A route reads the form *as a list of pairs*, so that a repeated parameter is still seen::

    async def token(request):
        pairs = (await request.form()).multi_items()
        answer = await run_in_threadpool(token_response, issuer, pairs, request.headers.get("Authorization"))
        return JSONResponse(answer.body, answer.status, answer.headers)
"""

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from auth.clients import AuthMethod
from auth.issuer import GRANT_TYPE, Answer, IssuerIdentity, TokenIssuer
from auth.keys import ALGORITHMS, VerificationKeys

JWKS_MAX_AGE = 300
"""Seconds a verifier may keep our key set: half of `auth.keyring.LEAD`, so a new key is known before used."""

METADATA_MAX_AGE = 3600
"""Seconds a client may keep the metadata."""


def token_response(
    issuer: TokenIssuer,
    form: list[tuple[str, str]],
    authorization_header: str | None,
) -> Answer:
    """Answer `POST /oauth/token` (RFC 6749 section 5, RFC 7523). Blocks: call it in a thread.

    200 with `access_token`, `token_type`, `expires_in`, `scope`; otherwise `error` and `error_description`,
    401 for `invalid_client` and 400 for the rest. Every answer is `no-store`.
    """
    return issuer.respond(form, authorization_header)


def jwks_response(keys: VerificationKeys, at: float) -> Answer:
    """Answer `GET /oauth/jwks` (RFC 7517) with the keys that verify at `at`; may block on key files."""
    return Answer(
        200,
        {"Content-Type": "application/jwk-set+json", "Cache-Control": f"max-age={JWKS_MAX_AGE}"},
        keys.public_keys(at).document(),
    )


def metadata_response(identity: IssuerIdentity) -> Answer:
    """Answer `GET /.well-known/oauth-authorization-server` (RFC 8414); never blocks."""
    return Answer(
        200,
        {"Content-Type": "application/json", "Cache-Control": f"max-age={METADATA_MAX_AGE}"},
        metadata(identity),
    )


def metadata(identity: IssuerIdentity) -> dict[str, object]:
    """Return the RFC 8414 metadata, checked by Authlib's own model of that RFC."""
    document: dict[str, object] = {
        "issuer": identity.issuer,
        "token_endpoint": identity.token_url,
        "jwks_uri": identity.jwks_url,
        "scopes_supported": list(identity.scopes_supported),
        "response_types_supported": [],
        "grant_types_supported": [GRANT_TYPE],
        "token_endpoint_auth_methods_supported": [method.value for method in AuthMethod],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    }
    # Authlib wants at least one response type; without an authorization endpoint there is none to name.
    AuthorizationServerMetadata({**document, "response_types_supported": ["none"]}).validate()
    return document


def bearer_challenge(error: str | None = None, scope: str | None = None) -> dict[str, str]:
    """Return the `WWW-Authenticate` header for a resource request (RFC 6750 section 3).

    No error when no token was sent; `invalid_token` with 401; `insufficient_scope` and the scope with 403.
    Both arguments are the caller's own constants and never text of the request.
    """
    parts = ['realm="raabta"']
    if error is not None:
        parts.append(f'error="{error}"')
    if scope is not None:
        parts.append(f'scope="{scope}"')
    return {"WWW-Authenticate": "Bearer " + ", ".join(parts)}
