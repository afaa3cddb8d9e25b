"""A small OpenID provider (Core 1.0 section 3.1, RFC 7636): choose who you are, and come back as that person."""

import base64
import hashlib
import hmac
import html
import secrets
import time
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import ECKey

from conformance.sandbox.tokens import NO_STORE, basic_pair

PEOPLE = {
    "sitara": ("Sitara Namuna", ["auditor"]),
    "umar": ("Umar Namuna", ["operator"]),
    "hina": ("Hina Namuna", ["administrator"]),
    "gul": ("Gul Namuna", []),
}
"""Who there is, invented: by login name, with a name and roles."""

CODE_SECONDS = 60
TOKEN_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Registration:
    """The one client this provider knows; with a secret it must show it, without one PKCE is enough."""

    client_id: str
    redirect_uri: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class _Grant:
    person: str
    nonce: str
    challenge: str
    until: float


class Issuer:
    """The provider's memory: its key and the codes it has given out, gone with the process."""

    def __init__(self, url: str, client: Registration) -> None:
        """Serve one client from a base URL without a slash at its end."""
        self.url = url
        self.client = client
        self.key = ECKey.generate_key("P-256", {"kid": "sandbox-issuer", "use": "sig", "alg": "ES256"})
        self._codes: dict[str, _Grant] = {}

    def code_for(self, person: str, nonce: str, challenge: str) -> str:
        """Give out a code for somebody who has said who they are."""
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Grant(person, nonce, challenge, time.monotonic() + CODE_SECONDS)
        return code

    def id_token(self, code: str, verifier: str) -> str | None:
        """Return the ID token a code stands for, once, to whoever began the login; otherwise nothing."""
        grant = self._codes.pop(code, None)
        digest = hashlib.sha256(verifier.encode()).digest()
        shown = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if grant is None or time.monotonic() > grant.until or not hmac.compare_digest(shown, grant.challenge):
            return None
        name, roles = PEOPLE[grant.person]
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": self.client.client_id, "sub": grant.person, "name": name, "roles": roles,
            "nonce": grant.nonce, "iat": now, "exp": now + TOKEN_SECONDS,
        }  # fmt: skip
        return jwt.encode({"alg": "ES256", "kid": "sandbox-issuer"}, claims, self.key)


def build(issuer: Issuer) -> FastAPI:
    """Make the application of a provider."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/.well-known/openid-configuration", lambda: _described(issuer), methods=["GET"])
    app.add_api_route("/jwks", lambda: JSONResponse({"keys": [issuer.key.as_dict(private=False)]}), methods=["GET"])

    @app.get("/authorize")
    def authorize(
        request: Request,
        client_id: Annotated[str, Query()],
        redirect_uri: Annotated[str, Query()],
        state: Annotated[str, Query()] = "",
        nonce: Annotated[str, Query()] = "",
        code_challenge: Annotated[str, Query()] = "",
        code_challenge_method: Annotated[str, Query()] = "plain",
        login: Annotated[str, Query()] = "",
    ) -> Response:
        """Ask who it is; `login` says so at once."""
        known = (client_id, redirect_uri) == (issuer.client.client_id, issuer.client.redirect_uri)
        if not known or code_challenge_method != "S256" or not code_challenge:
            return HTMLResponse("<p>This client is not registered, or shows no S256 challenge.</p>", 400, NO_STORE)
        if login in PEOPLE:
            given = {"code": issuer.code_for(login, nonce, code_challenge), "state": state}
            return RedirectResponse(f"{redirect_uri}?{urlencode(given)}", 303, NO_STORE)
        return HTMLResponse(_choice(str(request.url)), headers=NO_STORE)

    @app.post("/token")
    async def token(request: Request) -> JSONResponse:
        """Give the ID token for a code."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        if not _authenticated(issuer.client, form, request.headers.get("authorization", "")):
            return JSONResponse({"error": "invalid_client"}, 401, NO_STORE)
        fits = form.get("grant_type") == "authorization_code" and form.get("redirect_uri") == issuer.client.redirect_uri
        told = issuer.id_token(form.get("code", ""), form.get("code_verifier", "")) if fits else None
        if told is None:
            return JSONResponse({"error": "invalid_grant"}, 400, NO_STORE)
        body = {"access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        return JSONResponse({**body, "id_token": told}, headers=NO_STORE)

    return app


def _described(issuer: Issuer) -> JSONResponse:
    return JSONResponse(
        {
            "issuer": issuer.url,
            "authorization_endpoint": f"{issuer.url}/authorize",
            "token_endpoint": f"{issuer.url}/token",
            "jwks_uri": f"{issuer.url}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic" if issuer.client.secret else "none"],
        }
    )


def _authenticated(client: Registration, form: dict[str, str], authorization: str) -> bool:
    if not client.secret:
        return form.get("client_id") == client.client_id
    shown = basic_pair(authorization)
    return hmac.compare_digest(":".join(shown).encode(), f"{client.client_id}:{client.secret}".encode())


def _choice(url: str) -> str:
    people = "".join(_person(f"{url}&{urlencode({'login': key})}", *each) for key, each in PEOPLE.items())
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox: who are you?</title>'
        f"<h1>Sandbox: who are you?</h1><p>All of these people are invented.</p><ul>{people}</ul></html>"
    )


def _person(url: str, name: str, roles: list[str]) -> str:
    told = ", ".join(roles) or "no role"
    return f'<li><a href="{html.escape(url, quote=True)}">{html.escape(name)}</a> ({told})</li>'
