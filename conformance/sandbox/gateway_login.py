"""How a simulated agency logs in at the gateway and posts to it, as any real agency would have to."""

import base64
import time
import uuid
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote_plus

import httpx
from joserfc import jwt
from joserfc.jwk import import_key

from conformance.sandbox.agency import Letter
from conformance.sandbox.settings import BASIC, Login
from conformance.sandbox.tokens import ASSERTION_TYPE

KeyKind = Literal["EC", "RSA", "OKP"]
KEY_KINDS: dict[str, KeyKind] = {"ES256": "EC", "ES384": "EC", "RS384": "RSA", "EdDSA": "OKP"}
"""Signature algorithms an agency may use at the gateway, and their kinds of key (RFC 7518 section 6.1)."""
LIFE = 240
"""Seconds an assertion of ours lives; the limit is 300 (SMART Backend Services)."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What the gateway answered; `status` 0 means that it could not be reached or refused the login."""

    status: int
    location: str = ""
    body: str = ""
    retry_after: str = ""

    def as_json(self) -> dict[str, object]:
        """Give the members that the control surface shows."""
        return {"status": self.status, "location": self.location, "body": self.body}


def assertion(login: Login, now: int | None = None, jti: str | None = None) -> str:
    """Sign a client assertion with a fresh `jti` (RFC 7523); `now` is seconds since 1970."""
    moment = int(time.time()) if now is None else now
    claims = {
        "iss": login.client_id,
        "sub": login.client_id,
        "aud": login.audience,
        "jti": jti or str(uuid.uuid4()),
        "iat": moment,
        "exp": moment + LIFE,
    }
    key = import_key(login.key, KEY_KINDS[login.alg])
    return jwt.encode({"alg": login.alg, "kid": login.kid}, claims, key, algorithms=[login.alg])


class GatewayClient:
    """One agency's client at the gateway. It keeps a token for each scope until shortly before its end."""

    def __init__(self, login: Login, http: httpx.AsyncClient | None = None) -> None:
        """Prepare a client; nothing is sent before the first post. `http` reaches a gateway inside this process."""
        self._login = login
        self._http = http or httpx.AsyncClient(base_url=login.gateway, timeout=15, trust_env=False)
        self._tokens: dict[str, tuple[str, float]] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def post(self, path: str, letter: Letter) -> Posted:
        """Post a letter with the agency's own token; a 401 is answered once by a new login."""
        try:
            answer = await self._send(path, letter)
            if answer is not None and answer.status_code == 401:
                self._tokens.clear()
                answer = await self._send(path, letter)
        except httpx.HTTPError as error:
            return Posted(0, body=f"the gateway could not be reached ({type(error).__name__})")
        if answer is None:
            return Posted(0, body="the gateway refused the login")
        headers = answer.headers
        return Posted(answer.status_code, headers.get("location", ""), answer.text, headers.get("retry-after", ""))

    async def _send(self, path: str, letter: Letter) -> httpx.Response | None:
        token = await self.bearer(scope_for(path))
        if not token:
            return None
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": letter.media_type,
            "Idempotency-Key": letter.message_id,
            "X-Request-Id": letter.message_id if _is_uuid(letter.message_id) else str(uuid.uuid4()),
            "X-Correlation-Id": str(uuid.uuid4()),
        }
        return await self._http.post(path, content=letter.body, headers=headers)

    async def bearer(self, scope: str) -> str:
        """Give an access token for a scope, a kept one while it lives; empty when the login is refused."""
        token, until = self._tokens.get(scope, ("", 0.0))
        if time.monotonic() < until:
            return token
        form = {"grant_type": "client_credentials", "scope": scope}
        headers: dict[str, str] = {}
        if self._login.method == BASIC:
            headers["Authorization"] = basic_header(self._login.client_id, self._login.secret)
        else:
            form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion(self._login)}
        answer = await self._http.post("/oauth/token", data=form, headers=headers)
        if answer.status_code != 200:
            return ""
        grant = answer.json()
        token = str(grant["access_token"])
        self._tokens[scope] = (token, time.monotonic() + max(0, int(grant.get("expires_in", 60)) - 10))
        return token


def scope_for(path: str) -> str:
    """Return the one scope a call needs, and so the one to ask for (contract section 3)."""
    return "reply.write" if path.endswith("/replies") else "referral.write"


def basic_header(client_id: str, secret: str) -> str:
    """Write client credentials as Basic, form-encoded first (RFC 6749 section 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
