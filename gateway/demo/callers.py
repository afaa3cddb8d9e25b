"""The agencies' side of the demonstration: log in at the gateway as an agency, and call it."""

from __future__ import annotations

import ssl
import time
import tomllib
import uuid
from typing import Any

import httpx

from auth.assertions import build_assertion
from auth.keys import read_private_key
from gateway.demo.configure import PROFILES
from gateway.demo.processes import Stage

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: a demonstration speaks plain HTTP with its own machine, and reading all authorities takes time."""

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Agency:
    """One simulated agency, seen from outside: its control surface, and its login at the gateway."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.name = name
        self.url = stage.agencies[name]
        self._stage = stage
        self._http = httpx.Client(verify=PLAIN, trust_env=False, timeout=30)
        self._token: tuple[str, float] = ("", 0.0)

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the simulator's control surface and return what it says."""
        answer = self._http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def effects(self) -> list[dict[str, Any]]:
        """Return what the agency has accepted, as it counts itself."""
        return list(self.control("GET", "received")["effects"])

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the gateway with this agency's own token."""
        headers = {"Authorization": f"Bearer {self.token()}", **options.pop("headers", {})}
        return self._http.request(method, f"{self._stage.gateway}{path}", headers=headers, **options)

    def token(self) -> str:
        """Return an access token for this agency, asking for a new one when the last is about to end."""
        if self._token[1] < time.time() + 30:
            answer = self._http.post(f"{self._stage.gateway}/oauth/token", **self._login())
            answer.raise_for_status()
            body = answer.json()
            self._token = (body["access_token"], time.time() + body["expires_in"])
        return self._token[0]

    def _login(self) -> dict[str, Any]:
        home = self._stage.folder / "sandbox"
        told = tomllib.loads((home / "sandbox.toml").read_text("utf-8"))[self.name]["outbound"]
        form = {"grant_type": "client_credentials", "scope": " ".join(PROFILES[self.name].scopes)}
        if "secret_file" in told:
            secret = (home / told["secret_file"]).read_text("utf-8").strip()
            return {"data": form, "auth": (told["client_id"], secret)}
        key = read_private_key((home / told["key_file"]).read_bytes())
        audience = f"{self._stage.gateway}/oauth/token"
        assertion = build_assertion(told["client_id"], audience, key, told["alg"], told["kid"])
        return {"data": {**form, "client_assertion_type": _ASSERTION, "client_assertion": assertion}}

    def send(self, body: bytes, media_type: str) -> httpx.Response:
        """Send a document to the gateway as a referral."""
        headers = {"Content-Type": media_type, "Idempotency-Key": str(uuid.uuid4())}
        return self.call("POST", "/v1/referrals", content=body, headers=headers)
