"""The path of docs/first-agency.md: fifty lines that receive, the inspector, the report."""

import importlib.util
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import uvicorn
from typer.testing import CliRunner

from conformance.cli import app
from tests.house.repository import ROOT

SECRET = "an-invented-secret"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ModuleType]]:
    """Serve the program of the documentation on a thread; lends its address and itself."""
    monkeypatch.setattr(sys, "argv", ["receiver.py", "0", "raabta", SECRET])
    spec = importlib.util.spec_from_file_location("receiver", ROOT / "docs" / "examples" / "receiver.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    server = uvicorn.Server(uvicorn.Config(module.app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        thread.join(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", module
    server.should_exit = True
    thread.join(30)


def test_fifty_lines_receive_a_referral_and_the_inspector_says_what_is_missing(
    receiver: tuple[str, ModuleType], tmp_path: Path
) -> None:
    url, module = receiver
    (tmp_path / "secret").write_text(SECRET, "utf-8")
    login = '[welfare.outbound]\nclient_id = "raabta"\nmethod = "client_secret_basic"\nsecret_file = "secret"\n'
    (tmp_path / "mine.toml").write_text(login, "utf-8")
    call = ["run", "--target", url, "--profile", "welfare", "--credentials", str(tmp_path / "mine.toml"), "--hostile"]

    done = CliRunner().invoke(app, [*call, "--operator", "Namuna", "--out", str(tmp_path / "out")])

    told = json.loads((tmp_path / "out" / "results.json").read_text("utf-8"))
    found = {one["check"]: one["verdict"] for one in told["results"] if one["verdict"] != "pass"}
    assert found == {"RCV-03": "skip"}, told["results"]
    assert (told["conclusion"], done.exit_code) == ("incomplete", 1)
    assert module.received
    report = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "RCV-03" in report
    assert "نامکمل" in report
