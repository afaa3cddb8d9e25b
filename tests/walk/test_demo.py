"""The demonstration itself: it ends well, tells what it does, and can end badly."""

import io
import subprocess

import pytest
from rich.console import Console

from gateway.demo import scenario
from gateway.demo.callers import Agency
from gateway.demo.processes import Stage, command

pytestmark = [pytest.mark.walk, pytest.mark.slow, pytest.mark.timeout(400)]

STEPS = (
    "1. A police station registers a FIR",
    "2. The hospital suspects abuse",
    "3. The bureau knows only a birth certificate's number",
    "4. The school accepts and keeps the child's place",
    "5. Two documents are refused",
)


def test_the_demonstration_ends_well_and_tells_every_step(tmp_path: object) -> None:
    ended = subprocess.run(
        [command("raabta"), "demo", "--once", "--folder", str(tmp_path)],
        capture_output=True, text=True, timeout=300, check=False, env=None,
    )  # fmt: skip
    told = " ".join(ended.stdout.split())
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [step for step in STEPS if step not in told] == []
    assert "✗" not in told
    assert told.count("✓") >= 12
    assert "Everything ended as the scenario says." in told
    assert "The story of rb-" in told
    assert "API documentation http://127.0.0.1:" in told


def test_the_demonstration_says_no_when_an_agency_stays_down(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario, "PATIENCE", 8.0)
    Agency(stage, "health").control("POST", "faults", {"down": True})
    heard = io.StringIO()
    well = scenario.play(stage, Console(file=heard, width=160))
    told = heard.getvalue()
    assert well is False
    assert "✗ hospital, school and bureau have received it" in told
    assert "✗ exactly one effect at the health simulator" in told
    assert "✓ exactly one effect at the school simulator" in told
    assert "expectation(s) were not met" in told
