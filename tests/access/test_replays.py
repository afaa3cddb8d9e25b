"""A spent assertion stays spent: after the gateway was opened again, and in every other process of the same store."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from gateway.app import make_app, open_gateway
from gateway.demo.processes import free_ports
from gateway.settings import read_settings
from tests import postgres
from tests.api.forgery import ASSERTION_TYPE, assertion, hang_locks
from tests.chaos import node
from tests.gateway.house import furnish
from tests.gateway.indoors import Indoors, indoors


def shown(http: Indoors | httpx.Client, text: str) -> int:
    form = {
        "grant_type": "client_credentials", "scope": "referral.read", "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": text,
    }  # fmt: skip
    return http.post("/oauth/token", data=form).status_code


def test_a_restart_forgets_no_spent_assertion(tmp_path: Path) -> None:
    with indoors(tmp_path / "gateway", amend=hang_locks) as house:
        spent, kept = assertion(house), assertion(house)
        assert [shown(house.http, spent), shown(house.http, spent)] == [200, 401]

    again = open_gateway(read_settings(tmp_path / "gateway" / "raabta.toml"))
    http = Indoors(make_app(again, deliver=False), again.settings.gateway.base_url)
    try:
        assert [shown(http, spent), shown(http, kept)] == [401, 200]
    finally:
        http.close()
        again.close()


@dataclass(frozen=True)
class Gateways:
    """Processes of one gateway, by the address it is known under."""

    url: str


def answering(http: httpx.Client, patience: float = 60.0) -> None:
    """Wait until a process answers that it is ready."""
    deadline = time.monotonic() + patience
    while True:
        try:
            if http.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "the process did not start in time"
        time.sleep(0.05)


def test_of_two_processes_one_takes_an_assertion_and_the_other_knows_it(tmp_path: Path) -> None:
    one, other = free_ports(2)
    config = furnish(tmp_path / "gateway", one)
    hang_locks(config)
    text = config.read_text("utf-8") + f'\n[database]\nurl = "{postgres.cleared().url}"\n'
    configs = {port: config.with_name(f"{port}.toml") for port in (one, other)}
    for port, path in configs.items():
        path.write_text(text.replace(f"\nport = {one}\n", f"\nport = {port}\n"), "utf-8")
    born = [node.start("serve", path) for path in configs.values()]
    clients = [httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) for port in configs]
    try:
        for client in clients:
            answering(client)
        first, second, *contested = [assertion(Gateways(f"http://127.0.0.1:{one}")) for _ in range(6)]
        with ThreadPoolExecutor(2) as both:
            raced = [sorted(both.map(lambda http, it=it: shown(http, it), clients)) for it in contested]

        assert [shown(clients[0], first), shown(clients[1], first)] == [200, 401]
        assert [shown(clients[1], second), shown(clients[0], second)] == [200, 401]
        assert raced == [[200, 401]] * len(contested)
    finally:
        for client in clients:
            client.close()
        for each in born:
            each.end()
