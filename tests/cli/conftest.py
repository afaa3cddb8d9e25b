import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import program


@dataclass(frozen=True)
class Ended:
    """How a call of the command ended."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Return standard output, which must be JSON and nothing else."""
        return json.loads(self.out)


Raabta = Callable[..., Ended]


@pytest.fixture
def raabta(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Raabta:
    """Lend the command, run in an empty folder; ``given`` is its standard input."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, given: bytes = b"") -> Ended:
        result = CliRunner().invoke(program(), list(words), input=given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ended(result.exit_code, result.stdout_bytes.decode(), result.stderr_bytes.decode())

    return run


@pytest.fixture
def process(tmp_path: Path) -> Raabta:
    """Lend the command as a process of its own."""

    def run(*words: str, given: bytes = b"") -> Ended:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RAABTA_")}
        call = [sys.executable, "-m", "gateway", *words]
        done = subprocess.run(call, input=given, capture_output=True, cwd=tmp_path, env=environment, check=False)
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
