"""The inspector at our own door: a running gateway with the sandbox behind it, as its user would start them."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conformance.cli import app
from gateway.demo.processes import Stage, describe, gateway, simulators
from tests.walk.staging import own_stage

pytestmark = [pytest.mark.walk, pytest.mark.slow, pytest.mark.timeout(900)]
AGENCIES = ("nadra", "police", "health", "school", "welfare")
OMITTED = {"nadra": {"RCV-03"}, "school": {"RCV-03"}}
"""What cannot be asked of an agency: where the agreed login is a secret there is no assertion to be replayed."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Lend a stage whose gateway is started again when it ends, as a service manager would."""
    prepared = own_stage(tmp_path_factory.mktemp("inspected"))
    prepared.config.write_text(
        prepared.config.read_text("utf-8").replace("poll = 0.2", "poll = 0.2\nlease = 5"), "utf-8"
    )
    describe(prepared.folder)
    over = threading.Event()
    with ExitStack() as open_:
        open_.enter_context(simulators(prepared))
        process = open_.enter_context(gateway(prepared))

        def keep() -> None:
            running = process
            while running.wait() is not None and not over.is_set():
                running = open_.enter_context(gateway(prepared))

        watcher = threading.Thread(target=keep, daemon=True)
        watcher.start()
        try:
            yield prepared
        finally:
            over.set()


def inspected(stage: Stage, tmp_path: Path, profile: str, target: str, credentials: Path) -> dict[str, object]:
    """Run a profile by the command line and give what results.json says."""
    call = ["run", "--target", target, "--profile", profile, "--credentials", str(credentials), "--hostile"]
    done = CliRunner().invoke(app, [*call, "--operator", "Namuna", "--out", str(tmp_path)])
    told: dict[str, object] = json.loads((tmp_path / "results.json").read_text("utf-8"))
    results: list[dict[str, str]] = told["results"]  # type: ignore[assignment]
    assert {one["check"] for one in results if one["verdict"] == "omit"} == OMITTED.get(profile, set())
    assert [(one["check"], one["finding"]) for one in results if one["verdict"] not in {"pass", "omit"}] == []
    assert done.exit_code == 0, done.output
    return told


def test_our_gateway_is_conformant_and_no_must_is_skipped(stage: Stage, tmp_path: Path) -> None:
    told = inspected(stage, tmp_path, "gateway", stage.gateway, stage.folder / "conformance.toml")
    assert told["conclusion"] == "conformant"
    assert {path.name for path in tmp_path.iterdir()} >= {"report.html", "junit.xml", "badge.svg", "badge.json"}
    badge = CliRunner().invoke(
        app, ["verify", str(tmp_path / "badge.json"), "--results", str(tmp_path / "results.json")]
    )
    assert badge.exit_code == 0
    assert "conformant" in badge.output


@pytest.mark.parametrize("profile", AGENCIES)
def test_every_simulated_agency_is_conformant(stage: Stage, tmp_path: Path, profile: str) -> None:
    credentials = stage.folder / "sandbox" / "gateway.toml"
    told = inspected(stage, tmp_path, profile, stage.agencies[profile], credentials)
    assert told["conclusion"] == "conformant"
