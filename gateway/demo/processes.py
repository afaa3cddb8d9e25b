"""Start and stop the processes of a demonstration, each on its own port."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import httpx

from gateway.demo.configure import CONSOLE, LAPSED, PROFILES, configure

PATIENCE = 180.0
"""Seconds a process may take until it answers, on a busy machine; one that ends is noticed at once."""

PID = "gateway.pid"
"""File in a stage's folder with the number of the gateway's process."""
USUAL_PORT = 8400
USUAL_SIMULATORS = (9101, 9102, 9103, 9104, 9105, 9106)
_NOT_EPHEMERAL = range(10_000, 32_000)
"""Ports below those a system gives to outgoing connections (RFC 6335 section 6; Linux begins at 32768)."""


class NotStarted(Exception):
    """A process ended or did not answer in time; carries its name."""


@dataclass(frozen=True)
class Stage:
    """A running demonstration."""

    folder: Path
    config: Path
    gateway: str
    agencies: dict[str, str]
    """Base URL of each simulator by name."""
    people: str = ""
    """Base URL of the OpenID provider at which people log in; empty: none."""


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on at this moment, and that no outgoing connection is given in the next."""
    return list(islice(filter(_free, random.SystemRandom().sample(_NOT_EPHEMERAL, 1_000)), count))


def preferred_ports(port: int | None) -> tuple[int, list[int]]:
    """Return the gateway's port and the simulators': 8400 and 9101 to 9106 where they are free."""
    usual = [port or USUAL_PORT, *USUAL_SIMULATORS]
    if all(_free(number) for number in usual):
        return usual[0], usual[1:]
    others = free_ports(len(usual))
    return port or others[0], others[1:]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def command(name: str) -> str:
    """Return one of the project's commands, beside this interpreter or on the path."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else (shutil.which(name) or name)


def prepare(folder: Path, port: int | None) -> Stage:
    """Write fresh keys and configuration for both sides into a folder."""
    gateway_port, ports = preferred_ports(port)
    listening = dict(zip(PROFILES, ports, strict=False))
    people = f"http://127.0.0.1:{ports[-1]}"
    url = f"http://127.0.0.1:{gateway_port}"
    sandbox = folder / "sandbox"
    sandbox.mkdir(parents=True, exist_ok=True)
    chosen = ",".join(str(number) for number in listening.values())
    call = [command("raabta-conformance"), "agencies", "--init", str(sandbox), "--gateway", url, "--ports", chosen]
    subprocess.run(call, check=True, capture_output=True)  # noqa: S603 - our own command
    config = configure(sandbox, folder / "gateway", gateway_port, people)
    describe(folder)
    agencies = {name: f"http://127.0.0.1:{number}" for name, number in listening.items()}
    return Stage(folder, config, url, agencies, people)


def describe(folder: Path) -> Path:
    """Write what a conformance run has to be told of this stage, as ``conformance.toml``."""
    issuer = tomllib.loads((folder / "sandbox" / "gateway.toml").read_text("utf-8"))["issuer"]
    file = folder / "conformance.toml"
    file.write_text(
        f"""# For: raabta-conformance run --profile gateway --credentials this-file
sandbox = "sandbox/sandbox.toml"
lapsed = "{LAPSED}"
logs = ["gateway.log"]
kill = ["sh", "-c", "kill -9 $(cat {PID})"]
verify = ["{command("raabta")}", "ledger", "verify", "--bundle", "{{evidence}}", "--key", "{{key}}"]
[operator]
client_id = "operator-local"
secret_file = "gateway/keys/operator.secret"
[issuer]
url = "{issuer["url"]}"
key_file = "sandbox/{issuer["key_file"]}"
kid = "{issuer["kid"]}"
client_id = "{issuer["client_id"]}"
agency = "{issuer["agency"]}"
""",
        "utf-8",
    )
    return file


@contextmanager
def running(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """Run simulators and gateway until the block ends; yields the gateway's process."""
    with simulators(stage), provider(stage), gateway(stage) as process:
        yield process


@contextmanager
def simulators(stage: Stage) -> Iterator[None]:
    """Run the five simulated agencies."""
    sandbox = stage.folder / "sandbox"
    call = [
        command("raabta-conformance"), "agencies", "--config", str(sandbox / "sandbox.toml"), "--data",
        str(sandbox / "data"),
    ]  # fmt: skip
    with _process(call, stage.folder / "sandbox.log") as process:
        for name, url in stage.agencies.items():
            _await(name, f"{url}/_sandbox/health", process)
        yield


@contextmanager
def provider(stage: Stage) -> Iterator[None]:
    """Run the OpenID provider."""
    call = [
        sys.executable, "-m", "conformance.sandbox.issuer", "--port", stage.people.rpartition(":")[2],
        "--client-id", CONSOLE, "--redirect-uri", f"{stage.gateway}/console/callback",
    ]  # fmt: skip
    with _process(call, stage.folder / "people.log") as process:
        _await("provider", f"{stage.people}/.well-known/openid-configuration", process)
        yield


@contextmanager
def gateway(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """Run the gateway."""
    call = [command("raabta"), "serve", "--config", str(stage.config)]
    with _process(call, stage.folder / "gateway.log") as process:
        (stage.folder / PID).write_text(str(process.pid), "utf-8")
        _await("gateway", f"{stage.gateway}/readyz", process)
        yield process


def keep(stage: Stage, process: subprocess.Popen[bytes]) -> None:
    """Wait for the gateway, and start it again whenever it ends, as a service manager would; until interrupted."""
    process.wait()
    while True:
        with gateway(stage) as again:
            again.wait()


@contextmanager
def _process(call: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            call, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process and its children to end, and insist after a while."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=25)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(name: str, url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise NotStarted(name)
