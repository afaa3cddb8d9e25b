"""Calls a simulated agency with the credentials that the gateway has there."""

import time
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
from joserfc import jwt
from joserfc.jwk import import_key

from conformance.sandbox.gateway_login import basic_header
from conformance.sandbox.tokens import ASSERTION_TYPE
from tests.sandbox.documents import Call, valid_call


@dataclass
class Caller:
    """The gateway's client at one agency. A context manager: it closes its connections."""

    name: str
    url: str
    sandbox: Path

    def __post_init__(self) -> None:
        facts = tomllib.loads((self.sandbox / "gateway.toml").read_text())
        self.credentials: dict[str, str] = facts[self.name]["outbound"]
        self.user: dict[str, str] = facts["nadra"]["user"]
        self.http = httpx.Client(base_url=self.url, timeout=10, trust_env=False)
        self._token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def by_secret(self) -> bool:
        return "secret_file" in self.credentials

    def secret(self) -> str:
        return (self.sandbox / self.credentials["secret_file"]).read_text()

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": "raabta",
            "sub": "raabta",
            "aud": f"{self.url}/oauth/token",
            "jti": str(uuid.uuid4()),
        }
        return {**claims, "iat": now, "exp": now + 60, **changed}

    def assertion(self, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None) -> str:
        key = import_key((self.sandbox / self.credentials["key_file"]).read_text(), "EC")
        full = {"alg": self.credentials["alg"], "kid": self.credentials["kid"], **(header or {})}
        return jwt.encode(full, claims or self.claims(), key, algorithms=[full["alg"]])

    def ask_token(self, *, assertion: str = "", secret: str = "", **form: str) -> httpx.Response:
        """Ask for a token, with the right credential unless another is given."""
        fields = {"grant_type": "client_credentials", **form}
        headers = {}
        if self.by_secret:
            headers["Authorization"] = basic_header("raabta", secret or self.secret())
        else:
            proof = assertion or self.assertion()
            fields |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": proof}
        return self.http.post("/oauth/token", data=fields, headers=headers)

    def token(self) -> str:
        if not self._token:
            self._token = self.ask_token().json()["access_token"]
        return self._token

    def send(self, call: Call, token: str | None = None, **headers: str) -> httpx.Response:
        """Send a call with a bearer token; "" sends none."""
        bearer = self.token() if token is None else token
        auth = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        attempt = {"X-Request-Id": str(uuid.uuid4()), "X-Correlation-Id": "R-CORRELATION-1"}
        every = {**call.headers, **attempt, **auth, **headers}
        return self.http.request(call.method, call.path, content=call.body, headers=every)

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, headers={"Authorization": f"Bearer {self.token()}"})

    def valid(self, message_id: str = "", text: str = "Misali Farzi") -> Call:
        """Make a valid document of this agency's main operation; `text` goes into a name."""
        user = (self.user["username"], (self.sandbox / self.user["password_file"]).read_text())
        return valid_call(self.name, message_id or new_id(self.name), text, user)

    def received(self) -> dict[str, Any]:
        return dict(self.http.get("/_sandbox/received").json())

    def outcomes(self) -> list[str]:
        return [one["outcome"] for one in self.http.get("/_sandbox/requests").json()["requests"]]

    def fail(self, *script: str) -> None:
        self.http.post("/_sandbox/faults", json={"script": list(script)}).raise_for_status()


def new_id(name: str) -> str:
    if name == "nadra":
        return "9901" + str(uuid.uuid4().int)[:15]
    return str(uuid.uuid4())
