"""The path of docs/first-agency.md, played with the page's own words: thirty lines, the inspector, a police report."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.sandbox.seeded import population
from conformance.sandbox.serve import run
from conformance.sandbox.settings import load
from gateway.demo.processes import PID, Stage, free_ports
from tests import zygote
from tests.house.repository import ROOT
from tests.walk.staging import answering, own_stage, raabta

pytestmark = [pytest.mark.walk, pytest.mark.slow, pytest.mark.timeout(600)]
BLOCK = re.compile(r"^   ```(python|toml|sh)\n(.*?)^   ```", re.MULTILINE | re.DOTALL)
CHILD = population(1).children[0]


@dataclass
class Page:
    """The blocks of the page by language, with this machine's ports and folders in the place of the page's."""

    put: dict[str, str]

    def blocks(self, language: str) -> list[str]:
        text = (ROOT / "docs" / "first-agency.md").read_text("utf-8")
        found = [re.sub("^   ", "", body, flags=re.MULTILINE) for name, body in BLOCK.findall(text) if name == language]
        for old, new in self.put.items():
            found = [one.replace(old, new) for one in found]
        return found

    def block(self, language: str, holding: str) -> str:
        found = [one for one in self.blocks(language) if holding in one]
        assert len(found) == 1, f"the page has {len(found)} blocks of {language} with {holding}"
        return found[0]


@dataclass
class Newcomer:
    """A folder in which somebody follows the page, and what their program has printed so far."""

    page: Page
    folder: Path
    stage: Stage
    printed: Path

    def types(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a block of the page in a shell, with the project's commands on the path."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(  # noqa: S602 - the page's own words
            command, check=False, shell=True, cwd=self.folder, env={**os.environ, "PATH": path}, text=True,
            capture_output=True,
        )  # fmt: skip

    def until(self, seen: Callable[[str], bool]) -> str:
        while not seen(self.printed.read_text("utf-8")):
            time.sleep(0.05)
        return self.printed.read_text("utf-8")


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    """Lend the folder, with the program of the page running and the police simulated beside it."""
    stage = own_stage(tmp_path / "namuna")
    port = str(free_ports(1)[0])
    page = Page({
        "/tmp/namuna": str(stage.folder),  # noqa: S108 - as the page says it
        "http://127.0.0.1:9102": stage.agencies["police"],
        "127.0.0.1:9205": f"127.0.0.1:{port}",
        "bureau.py 9205": f"bureau.py {port}",
    })  # fmt: skip
    folder, printed = tmp_path / "mine", tmp_path / "printed"
    folder.mkdir()
    (folder / "bureau.py").write_text(page.block("python", "class Bureau"), "utf-8")
    (folder / "mine.toml").write_text(page.block("toml", "[welfare.outbound]"), "utf-8")
    with printed.open("w") as out:
        call = page.block("sh", "python bureau.py").split()
        process = subprocess.Popen([sys.executable, *call[1:]], cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
        try:
            yield Newcomer(page, folder, stage, printed)
        finally:
            process.kill()
            process.wait()


def test_thirty_lines_are_conformant_and_receive_a_referral_that_began_as_a_police_report(newcomer: Newcomer) -> None:
    program = (newcomer.folder / "bureau.py").read_text("utf-8")
    assert len([line for line in program.splitlines() if line.strip()]) <= 30

    done = newcomer.types(newcomer.page.block("sh", "raabta-conformance run"))

    told = json.loads((newcomer.folder / "results" / "results.json").read_text("utf-8"))
    assert (told["conclusion"], done.returncode) == ("conformant", 0), done.stdout + done.stderr
    assert {one["verdict"] for one in told["results"]} == {"pass", "omit"}
    report = (newcomer.folder / "results" / "report.html").read_text("utf-8")
    assert "معیار کے مطابق" in report
    assert "there is no assertion" in report
    before = newcomer.printed.read_text("utf-8")
    newcomer_is_connected(newcomer)
    line = newcomer.until(lambda text: CHILD.name in text)[len(before) :]
    assert re.match(rf"received [0-9a-f-]{{36}} {CHILD.name}\n", line)


def newcomer_is_connected(newcomer: Newcomer) -> None:
    """Tell the gateway of the newcomer and let the police register a report, as the last step of the page says."""
    stage = newcomer.stage
    manifest = stage.folder / "gateway" / "agencies" / "welfare-pb-cpb.toml"
    assert manifest.exists()
    manifest.write_text(newcomer.page.block("toml", "[[agreement]]"), "utf-8")
    copied, killed, registered = newcomer.page.block("sh", "cp secret").strip().splitlines()
    assert newcomer.types(copied).returncode == 0
    assert killed == f"kill $(cat {stage.folder / PID})"
    sandbox = stage.folder / "sandbox"
    (sandbox / "data").mkdir(exist_ok=True)
    port = int(stage.agencies["police"].rpartition(":")[2])
    log = stage.folder / "gateway.log"
    born = [
        zygote.start(log, raabta, ["serve", "--config", str(stage.config)]),
        zygote.start(log, run, "police", port, sandbox / "data", sandbox / "sandbox.toml"),
    ]
    try:
        answering(f"{stage.gateway}/readyz", log)
        answering(f"{stage.agencies['police']}/_sandbox/health", log)
        done = newcomer.types(registered)
        assert done.returncode == 0, done.stderr
        newcomer.until(lambda text: CHILD.name in text)
    finally:
        for one in born:
            one.end()
    assert load(sandbox / "sandbox.toml", "police").seed == 1
