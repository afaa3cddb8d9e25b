"""A real gateway on a real socket, with six invented agencies, and nobody delivering."""

from __future__ import annotations

import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, select

from gateway.api.scopes import SCOPES
from gateway.app import Gateway, make_app, open_gateway
from gateway.clock import Clock
from gateway.settings import read_settings
from gateway.store import referrals
from gateway.store.tables import entry
from tests.gateway.manifests import (
    AGENCIES,
    HEALTH,
    SCHOOL,
    SECRET,
    WELFARE,
    manifest,
)

FOCAL = '{ agency = "welfare-pb-cpb", role = "CHILD_PROTECTION_OFFICER", phone = "1121" }'
CONSENT = '{ basis = "MANDATORY_REPORT", statute_id = "PB-PDNCA-2004", expires_on = "2099-12-31" }'
COMMON = f"{{ focal_point = {FOCAL}, consent = {CONSENT} }}"
ROUTES = f"""
[[route]]
id = "fir-to-care"
when = {{ sender_kind = "POLICE" }}
to = [
  {{ agency = "{HEALTH}", purpose = "TREAT", service = "HEALTH_CARE", give = {COMMON} }},
  {{ agency = "{WELFARE}", purpose = "CASE_MANAGE", service = "CASE_MANAGEMENT", give = {COMMON} }},
]

[give.{SCHOOL}]
focal_point = {FOCAL}
requested = {{ enrolment = "KEEP_PLACE", target = {{ school_scheme = "pk-punjab-emis", school_code = "39999002" }} }}
"""


def furnish(
    folder: Path,
    port: int,
    *,
    environment: str = "sandbox",
    body: int = 1_048_576,
    clients: dict[str, str] | None = None,
    scopes: Iterable[str] = SCOPES,
) -> Path:
    """Write a whole configuration and return its ``raabta.toml``; `clients` adds to the [client] of some agencies.

    Every agency is given all `scopes`: those of the operator too, so that tests see them open nothing.
    """
    agencies = folder / "agencies"
    agencies.mkdir(parents=True)
    (agencies / "secret").write_text(SECRET, "utf-8")
    (agencies / "secret").chmod(0o600)
    for name, profile in AGENCIES.items():
        (agencies / f"{name}.toml").write_text(manifest(name, profile, (clients or {}).get(name, ""), scopes), "utf-8")
    config = folder / "raabta.toml"
    head = f"""[gateway]
base_url = "http://127.0.0.1:{port}"
environment = "{environment}"
database = "raabta.sqlite"
agencies = "agencies"
keys = "keys"
port = {port}

[limits]
body = {body}
"""
    config.write_text(head + ROUTES, "utf-8")
    return config


@dataclass
class House:
    """A running gateway, and the agencies' own clients."""

    url: str
    folder: Path
    gateway: Gateway
    app: FastAPI
    http: httpx.Client
    _tokens: dict[tuple[str, str | None], str] = field(default_factory=dict)

    def token(self, agency: str, scope: str | None = None) -> str:
        """Return an access token of an agency, for all its scopes or for one."""
        if (agency, scope) not in self._tokens:
            form = {"grant_type": "client_credentials", "scope": scope or " ".join(SCOPES)}
            answer = self.http.post("/oauth/token", data=form, auth=(agency, SECRET))
            assert answer.status_code == 200, answer.text
            self._tokens[agency, scope] = answer.json()["access_token"]
        return self._tokens[agency, scope]

    def call(self, agency: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the gateway as an agency; ``headers`` and the rest are httpx's."""
        headers = {"Authorization": f"Bearer {self.token(agency)}", **options.pop("headers", {})}
        return self.http.request(method, path, headers=headers, **options)

    def send(self, agency: str, body: bytes, media_type: str, key: str | None = None) -> httpx.Response:
        """Send a document as a referral."""
        headers = {"Content-Type": media_type, **({"Idempotency-Key": key} if key else {})}
        return self.call(agency, "POST", "/v1/referrals", content=body, headers=headers)

    def submit(self, agency: str, document: dict[str, Any]) -> dict[str, Any]:
        """Send a canonical referral that must be accepted; returns the answer."""
        answer = self.send(agency, json.dumps(document).encode(), "application/json")
        assert answer.status_code == 202, answer.text
        accepted: dict[str, Any] = answer.json()
        return accepted

    def reply(self, agency: str, name: str, **said: Any) -> httpx.Response:
        """Answer a referral in the canonical language."""
        document = {"type": "reply", "message_id": str(uuid.uuid4()), **said}
        headers = {"Content-Type": "application/json"}
        path = f"/v1/referrals/{name}/replies"
        return self.call(agency, "POST", path, content=json.dumps(document).encode(), headers=headers)

    def view(self, agency: str, name: str, accept: str = "application/json") -> httpx.Response:
        """Ask for a referral."""
        return self.call(agency, "GET", f"/v1/referrals/{name}", headers={"Accept": accept})

    def ref_of(self, receiver: str, sender: str, name: str) -> str:
        """Return the name a receiver knows a referral by, looked up behind the wall."""
        with self.reading() as connection:
            mine = referrals.visible(connection, sender, name)
            assert mine is not None
            theirs = referrals.recipient(connection, mine["referral"], receiver)
            assert theirs is not None
            return str(theirs["ref"])

    def id_of(self, agency: str, name: str) -> str:
        """Return the gateway's own id of a referral."""
        with self.reading() as connection:
            found = referrals.visible(connection, agency, name)
            assert found is not None
            return str(found["referral"])

    def reading(self) -> Any:
        """Lend a reading connection."""
        return self.gateway.room.store.readers.connection()

    def write(self, work: Any) -> Any:
        """Do something in a transaction of the gateway's own, behind the wall."""
        return self.gateway.room.store.committer.run(work)

    def entries(self, referral_id: str | None = None) -> list[tuple[str, str]]:
        """Return type and fields of the ledger's entries, of one referral or all."""
        wanted = select(entry.c.type, entry.c.fields).order_by(entry.c.idx)
        if referral_id is not None:
            wanted = wanted.where(entry.c.referral == referral_id)
        with self.reading() as connection:
            return [(row.type, row.fields or "") for row in connection.execute(wanted)]


def count(connection: Connection, table: Any, *conditions: Any) -> int:
    """Return how many rows of a table satisfy conditions."""
    return len(connection.execute(select(table).where(*conditions)).all())


@contextmanager
def running(
    folder: Path, clock: Clock | None = None, amend: Callable[[Path], None] | None = None, **options: Any
) -> Iterator[House]:
    """Run a gateway on a free port until the block ends; by a clock of the test's own, if it has one.

    ``amend`` may change its configuration first.
    """
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        port = int(listening.getsockname()[1])
        config = furnish(folder, port, **options)
        if amend is not None:
            amend(config)
        gateway = open_gateway(read_settings(config), clock)
        app = make_app(gateway, deliver=False)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        url = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
                _await(server, thread)
                yield House(url, folder, gateway, app, http)
        finally:
            server.should_exit = True
            thread.join(30)


def _await(server: uvicorn.Server, thread: threading.Thread) -> None:
    while not server.started:
        assert thread.is_alive(), "the gateway did not start"
        time.sleep(0.02)


def child(**said: Any) -> dict[str, Any]:
    """Return an invented child."""
    return {"name": "Farzi Bachi", "sex": "FEMALE", "birth_date": "2016-03-07", "location": {"province": "PB"}, **said}


def referral(*recipients: str, **said: Any) -> dict[str, Any]:
    """Return a canonical referral of an invented child, with a message id of its own."""
    return {
        "type": "referral",
        "message_id": str(uuid.uuid4()),
        "priority": "HIGH",
        "child": child(),
        "recipients": [{"agency": name} for name in recipients],
        "concern": {"types": ["NEGLECT"], "primary": "NEGLECT", "verification": "SUSPECTED"},
        "consent": {"basis": "BEST_INTEREST", "giver": "CASE_WORKER", "expires_on": "2099-12-31"},
        "focal_point": {"agency": WELFARE, "role": "CASE_WORKER", "phone": "03990000001"},
        "authored_at": "2026-03-15T21:05:00+05:00",
        **said,
    }


def headers_without_ids(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers without those that differ between any two answers."""
    own = {"x-request-id", "x-correlation-id", "date"}
    return {name.lower(): value for name, value in headers if name.lower() not in own}
