"""An agency as a sender: a simulator of the sandbox sends to the gateway that the inspector pretends to be."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from conformance.connecting import sender
from conformance.findings import UnusableError
from conformance.listening import Listener
from conformance.sandbox.credentials import initialise
from conformance.sandbox.program import build
from conformance.sandbox.serve import served
from conformance.sandbox.settings import AGENCIES, load
from gateway.demo.processes import free_ports

CHOSEN = "RCV-04,SND-01,SND-04,SND-05,SND-06,SND-08,SND-11"


@pytest.fixture
def police(tmp_path: Path) -> Iterator[tuple[str, Path, int]]:
    """Lend a simulator whose gateway is the inspector: its address, the credentials, and the port to listen at."""
    *ports, port = free_ports(len(AGENCIES) + 1)
    chosen = dict(zip(AGENCIES, ports, strict=True))
    config = initialise(tmp_path, f"http://127.0.0.1:{port}", chosen)
    with served(build(load(config, "police"), tmp_path / "data"), chosen["police"]) as url:
        yield url, tmp_path / "gateway.toml", port


def run(url: str, credentials: Path, listen: str, out: Path) -> tuple[int, str]:
    call = ["run", "--target", url, "--profile", "police", "--credentials", str(credentials), "--listen", listen]
    done = CliRunner().invoke(app, [*call, "--operator", "Namuna", "--out", str(out), "--only", CHOSEN])
    return done.exit_code, done.output


def test_a_simulator_is_watched_while_it_sends_over_real_lines(police: tuple[str, Path, int], tmp_path: Path) -> None:
    url, credentials, port = police

    _, output = run(url, credentials, str(port), tmp_path / "out")

    told = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    assert {one["check"]: one["verdict"] for one in told["results"]} == dict.fromkeys(CHOSEN.split(","), "pass"), output
    assert told["listened"]
    assert "listen" in told["capabilities"]


def test_what_cannot_be_listened_for_is_said(police: tuple[str, Path, int], tmp_path: Path) -> None:
    url, credentials, port = police
    for place, text in (("door", "needs a port"), (url.rpartition(":")[2], "nobody can listen")):
        code, output = run(url, credentials, place, tmp_path / "out")
        assert (code, text in output) == (2, True), output
    credentials.write_text(credentials.read_text("utf-8").replace("[police.client]", "[police.customer]"), "utf-8")
    code, output = run(url, credentials, str(port), tmp_path / "out")
    assert (code, "[police.client]" in output) == (2, True), output


def test_a_login_that_was_not_agreed_gets_no_token(police: tuple[str, Path, int], tmp_path: Path) -> None:
    _, credentials, _ = police
    ear = Listener("http://gateway.invalid", sender("nadra", credentials))
    for headers in ({}, {"authorization": "Basic Og=="}, {"authorization": "Bearer x"}):
        assert ear.answer("POST", "/oauth/token", headers, b"grant_type=client_credentials").status == 401
    assert ear.answer("POST", "/v1/referrals", {"authorization": "Bearer x"}, b"").status == 401
    assert ear.answer("GET", "/readyz", {}, b"").status == 200
    assert [one.answered for one in ear.heard] == [401] * 4
    with pytest.raises(UnusableError):
        sender("nadra", tmp_path / "absent.toml")
