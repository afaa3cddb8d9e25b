"""The simulators as programs: the command line, fresh credentials, and memory that survives the process."""

import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from conformance.sandbox.credentials import IDENTITIES, initialise
from conformance.sandbox.serve import main as serve_main
from conformance.sandbox.settings import AGENCIES, SettingsError, load
from gateway.demo.processes import free_ports
from tests.sandbox.caller import Caller


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-m", *arguments], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        try:
            httpx.get(f"{url}/_sandbox/health", timeout=1, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the program ended early")


def conformance(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conformance.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_killed_agency_remembers_what_it_received(sandbox: Path, tmp_path: Path) -> None:
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}"
    options = ["--port", str(port), "--data", str(tmp_path), "--config", str(sandbox / "sandbox.toml")]
    with program("conformance.sandbox.police", *options) as first, Caller("police", url, sandbox) as police:
        wait_for(url, first)
        call = police.valid()
        assertion = police.assertion()
        assert police.ask_token(assertion=assertion).status_code == 200
        before = police.send(call).json()
        first.kill()
        first.wait(timeout=10)
    with program("conformance.sandbox.police", *options) as second, Caller("police", url, sandbox) as police:
        wait_for(url, second)
        assert police.ask_token(assertion=assertion).status_code == 401
        after = police.send(call)
        assert (after.status_code, after.json()["data"]["e_tag"]) == (200, before["data"]["e_tag"])
        assert len(police.received()["effects"]) == 1
        assert police.outcomes() == ["accepted", "duplicate"]


def test_the_command_starts_all_five_and_stops_them_all(tmp_path: Path) -> None:
    ports = free_ports(len(AGENCIES))
    data = tmp_path / "data"
    config = initialise(tmp_path, "http://127.0.0.1:1")
    listed = ",".join(map(str, ports))
    options = ["agencies", "--ports", listed, "--config", str(config), "--data", str(data)]
    with program("conformance.cli", *options) as process:
        for name, port in zip(AGENCIES, ports, strict=True):
            url = f"http://127.0.0.1:{port}"
            wait_for(url, process)
            with Caller(name, url, tmp_path) as caller:
                assert caller.send(caller.valid()).status_code in {200, 202}
    assert process.stderr is not None
    shown = process.stderr.read()
    assert all(identity.agency_id in shown for identity in IDENTITIES.values())
    for port in ports:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/_sandbox/health", trust_env=False)


def test_fresh_credentials_are_private_and_belong_together(tmp_path: Path) -> None:
    done = conformance("agencies", "--init", str(tmp_path / "new"), "--ports", "19100", "--gateway", "http://g.example")
    assert done.returncode == 0
    files = [file for file in (tmp_path / "new").rglob("*") if file.is_file()]
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    ours = tomllib.loads((tmp_path / "new" / "sandbox.toml").read_text())
    theirs = tomllib.loads((tmp_path / "new" / "gateway.toml").read_text())
    assert ours["gateway"] == "http://g.example"
    for place, (name, identity) in enumerate(IDENTITIES.items()):
        assert ours[name]["port"] == 19100 + place
        assert ours[name]["outbound"]["client_id"] == theirs[name]["client"]["client_id"] == identity.client_id
        settings = load(tmp_path / "new" / "sandbox.toml", name)
        assert settings.login.method == identity.method
        assert settings.login.secret not in repr(settings) or not settings.login.secret


def test_credentials_in_use_are_not_replaced(tmp_path: Path) -> None:
    initialise(tmp_path, "http://g.example")
    before = (tmp_path / "keys" / "police-client.pem").read_text()
    assert conformance("agencies", "--init", str(tmp_path)).returncode == 2
    assert (tmp_path / "keys" / "police-client.pem").read_text() == before


@pytest.mark.parametrize("ports", ["1,2", "x", "0", "65535"])
def test_ports_that_cannot_be_are_wrong_usage(ports: str) -> None:
    assert conformance("agencies", "--ports", ports).returncode == 2


def test_wrong_settings_are_told_by_their_place(tmp_path: Path) -> None:
    config = initialise(tmp_path, "http://g.example")
    (tmp_path / "secrets" / "gateway-school").unlink()
    with pytest.raises(SettingsError, match=r"school\.inbound"):
        load(config, "school")
    (tmp_path / "keys" / "gateway-police.jwks.json").write_text("{}")
    with pytest.raises(SettingsError, match=r"police\.inbound"):
        load(config, "police")
    config.write_text(config.read_text().replace('method = "private_key_jwt"', 'method = "none"'))
    with pytest.raises(SettingsError, match=r"police\.inbound\.method"):
        load(config, "police")
    config.write_text("not toml")
    assert serve_main("police", ["--port", "1", "--data", str(tmp_path), "--config", str(config)]) == 2
