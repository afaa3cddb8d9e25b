"""Real simulators on loopback ports, each over its own folder, and callers with the gateway's credentials."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.sandbox.credentials import initialise
from conformance.sandbox.program import build
from conformance.sandbox.serve import served
from conformance.sandbox.settings import AGENCIES, load
from gateway.demo.processes import free_ports
from tests.sandbox.caller import Caller

Start = Callable[..., Caller]


@pytest.fixture(scope="session")
def gateway_port() -> int:
    """Choose the port at which a pretend gateway is expected by every simulator."""
    return free_ports(1)[0]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, gateway_port: int) -> Path:
    """Make a folder with fresh keys, secrets and settings of the five agencies."""
    folder = tmp_path_factory.mktemp("sandbox")
    ports = dict(zip(AGENCIES, free_ports(len(AGENCIES)), strict=True))
    initialise(folder, f"http://127.0.0.1:{gateway_port}", ports)
    return folder


@pytest.fixture
def start(sandbox: Path, tmp_path: Path) -> Iterator[Start]:
    """Start an agency by name on a thread of this process; gives a caller with the gateway's credentials."""
    with ExitStack() as running:

        def begin(name: str, token_seconds: int = 300) -> Caller:
            port = free_ports(1)[0]
            config = sandbox / "sandbox.toml"
            if token_seconds != 300:
                text = config.read_text().replace(f"[{name}]\n", f"[{name}]\ntoken_seconds = {token_seconds}\n")
                config = sandbox / f"{name}-{token_seconds}.toml"
                config.write_text(text)
            url = running.enter_context(served(build(load(config, name, port), tmp_path), port))
            return running.enter_context(Caller(name, url, sandbox))

        yield begin


@pytest.fixture(params=AGENCIES)
def agency(request: pytest.FixtureRequest, start: Start) -> Caller:
    """Each of the five agencies in turn."""
    return start(request.param)
