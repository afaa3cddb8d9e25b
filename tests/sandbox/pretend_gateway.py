"""A gateway that only checks who calls and remembers what came: the other end of an officer's work."""

import json
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from joserfc.jwk import KeySet

from conformance.sandbox.assertions import BadAssertionError, check
from conformance.sandbox.tokens import basic_pair


@dataclass
class Mail:
    client: str
    path: str
    content_type: str
    idempotency_key: str
    body: bytes


@dataclass
class PretendGateway:
    url: str
    sandbox: Path
    mail: list[Mail] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses to give before 202."""
    logins: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        facts = tomllib.loads((self.sandbox / "gateway.toml").read_text())
        named = [one["client"] for one in facts.values() if isinstance(one, dict) and "client" in one]
        self.clients = {one["client_id"]: one for one in named}

    def spend(self, _issuer: str, _jti: str, _expires: int, _now: int) -> bool:
        return True

    def who(self, form: dict[str, str], authorization: str) -> str:
        if authorization:
            client, secret = basic_pair(authorization)
            known = (self.sandbox / self.clients[client]["secret_file"]).read_text()
            return client if secret == known else ""
        for client, facts in self.clients.items():
            if "jwks_file" in facts:
                keys = KeySet.import_key_set(json.loads((self.sandbox / facts["jwks_file"]).read_text()))
                try:
                    check(form["client_assertion"], keys, client, (f"{self.url}/oauth/token",), self.spend)
                except BadAssertionError:
                    continue
                return client
        return ""

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/oauth/token")
        async def token(request: Request) -> Response:
            form = {name: str(value) for name, value in (await request.form()).items()}
            client = self.who(form, request.headers.get("authorization", ""))
            self.logins.append(client)
            if not client:
                return JSONResponse({"error": "invalid_client"}, 401)
            return JSONResponse({"access_token": f"token-of-{client}", "token_type": "Bearer", "expires_in": 300})

        @app.post("/{path:path}")
        async def take(request: Request) -> Response:
            status = self.answers.pop(0) if self.answers else 202
            client = request.headers["authorization"].removeprefix("Bearer token-of-")
            path = unquote(request.scope["raw_path"].decode())
            headers = request.headers
            body = await request.body()
            self.mail.append(Mail(client, path, headers["content-type"], headers["idempotency-key"], body))
            return Response(status_code=status, headers={"Location": "/v1/referrals/R-1"})

        return app


@contextmanager
def pretending(port: int, sandbox: Path) -> Iterator[PretendGateway]:
    gateway = PretendGateway(f"http://127.0.0.1:{port}", sandbox)
    server = uvicorn.Server(uvicorn.Config(gateway.app(), port=port, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield gateway
    server.should_exit = True
    thread.join(timeout=10)
