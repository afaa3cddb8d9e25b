"""The token, key set and metadata answers, in plain data, ready to be mounted by any HTTP framework.

A route reads the form *as a list of pairs*, so that a repeated parameter is still seen::

    async def token(request):
        pairs = (await request.form()).multi_items()
        presented = Presented(request.headers.get("Authorization"))
        answer = await run_in_threadpool(token_response, issuer, pairs, presented)
        return JSONResponse(answer.body, answer.status, answer.headers)
"""

from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from auth.identity import IssuerIdentity
from auth.issuer import TokenIssuer
from auth.keys import ALGORITHMS, VerificationKeys
from auth.requests import GRANT_TYPE, Answer, Presented
from auth.token_care import METHODS

JWKS_MAX_AGE = 300
"""Seconds a verifier may keep our key set: half of `auth.keyring.LEAD`, so a new key is known before used."""

METADATA_MAX_AGE = 3600
"""Seconds a client may keep the metadata."""


def token_response(issuer: TokenIssuer, form: list[tuple[str, str]], presented: Presented) -> Answer:
    """Answer `POST /oauth/token` (RFC 6749 section 5, RFC 7523). Blocks: call it in a thread.

    200 with `access_token`, `token_type`, `expires_in`, `scope`; otherwise `error` and `error_description`,
    401 for `invalid_client` and 400 for the rest. Every answer is `no-store`.
    """
    return issuer.respond(form, presented)


def introspection_response(issuer: TokenIssuer, form: list[tuple[str, str]], presented: Presented) -> Answer:
    """Answer `POST /oauth/introspect` (RFC 7662): `active` and what the token says. Blocks like `token_response`."""
    return issuer.introspect(form, presented)


def revocation_response(issuer: TokenIssuer, form: list[tuple[str, str]], presented: Presented) -> Answer:
    """Answer `POST /oauth/revoke` (RFC 7009): 200 also for a token that does not hold. Blocks like `token_response`."""
    return issuer.take_back(form, presented)


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
        "token_endpoint_auth_methods_supported": METHODS,
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "introspection_endpoint": identity.introspection_url,
        "introspection_endpoint_auth_methods_supported": METHODS,
        "introspection_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "revocation_endpoint": identity.revocation_url,
        "revocation_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": True,
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
    }
    # Authlib wants at least one response type; without an authorization endpoint there is none to name.
    AuthorizationServerMetadata({**document, "response_types_supported": ["none"]}).validate()
    return document


def challenge(error: str | None = None, scope: str | None = None, scheme: str = "Bearer") -> dict[str, str]:
    """Return the `WWW-Authenticate` header for a resource request (RFC 6750 section 3, RFC 9449 section 7.1).

    No error when no token was sent; `invalid_token` or `invalid_dpop_proof` with 401; `insufficient_scope` and the
    scope with 403. Every argument is the caller's own constant and never text of the request.
    """
    parts = ['realm="raabta"']
    if scheme == "DPoP":
        parts.append(f'algs="{" ".join(ALGORITHMS)}"')
    if error is not None:
        parts.append(f'error="{error}"')
    if scope is not None:
        parts.append(f'scope="{scope}"')
    return {"WWW-Authenticate": f"{scheme} " + ", ".join(parts)}
