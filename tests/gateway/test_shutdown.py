"""A gateway that is told to end (SIGTERM) finishes what it holds; a real process, a real agency that is slow."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx

from tests.gateway.house import furnish, referral
from tests.gateway.manifests import AGENCY_SCOPES, SECRET, STRANGER, WELFARE

SLOW = 1.5
"""Seconds the agency takes to answer."""


class Agency(BaseHTTPRequestHandler):
    """A case management system that answers late, with a proper receipt."""

    protocol_version = "HTTP/1.1"
    begun = threading.Event()
    effects: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        message = self.headers.get("idempotency-key", "")
        answer = {"access_token": "token", "token_type": "Bearer", "expires_in": 300}
        if self.path != "/oauth/token":
            self.begun.set()
            time.sleep(SLOW)
            self.effects.append(message)
            answer = {"receipt_id": f"R-{len(self.effects)}", "message_id": message, "state": "RECEIVED"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def configured(folder: Path, port: int, agency: str) -> Path:
    config = furnish(folder, port, scopes=AGENCY_SCOPES)
    for name in (WELFARE, STRANGER):
        file = folder / "agencies" / f"{name}.toml"
        text = file.read_text("utf-8").replace(f"https://{name}.example.pk", agency)
        file.write_text(re.sub(r"(?m)^base_url", "allow_private = true\nbase_url", text, count=1), "utf-8")
    return config


def started(config: Path, url: str) -> subprocess.Popen[bytes]:
    log = (config.parent / "log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "gateway", "serve", "--config", str(config)], stderr=log)
    for _ in range(1_800):
        assert process.poll() is None, (config.parent / "log").read_text("utf-8")
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                return process
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the gateway did not start")


def test_sigterm_lets_requests_and_sendings_end(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Agency)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with ThreadingHTTPServer(("127.0.0.1", 0), Agency) as probe:
        port = int(probe.server_address[1])
    url = f"http://127.0.0.1:{port}"
    config = configured(tmp_path / "gateway", port, f"http://127.0.0.1:{server.server_address[1]}")
    process = started(config, url)
    try:
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
            form = {"grant_type": "client_credentials", "scope": "referral.write"}
            token = http.post("/oauth/token", data=form, auth=(STRANGER, SECRET)).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            answers = [http.post("/v1/referrals", json=referral(WELFARE), headers=headers) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [202, 202, 202]
            assert Agency.begun.wait(20), "nothing was sent"
        process.send_signal(signal.SIGTERM)
        process.wait(40)
    finally:
        process.kill()
        server.shutdown()
        server.server_close()

    rows = sqlite3.connect(config.parent / "raabta.sqlite")
    states = dict(rows.execute("SELECT state, count(*) FROM delivery GROUP BY state"))
    owners = rows.execute("SELECT count(*) FROM lane WHERE lease_owner IS NOT NULL").fetchone()[0]
    rows.close()
    assert process.returncode in {0, -signal.SIGTERM}
    assert states.get("DONE", 0) == len(Agency.effects) >= 1
    assert sum(states.values()) == 3
    assert owners == 0, "a delivery was left in the hands of a process that has ended"
