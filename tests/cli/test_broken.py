"""A corpus of broken configurations: what `raabta check` says of each, and on which line of which file.

Each file in the folder `broken` changes one good configuration in one place (`find`, `put`) and says what must be said:
the line, counted from the one that is changed, and the sentence.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Raabta
from tests.gateway.house import furnish
from tests.gateway.manifests import AGENCY_SCOPES

CORPUS = sorted((Path(__file__).parent / "broken").glob("*.toml"))


@pytest.mark.parametrize("case", CORPUS, ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_line_and_its_sentence(raabta: Raabta, tmp_path: Path, case: Path) -> None:
    said: dict[str, Any] = tomllib.loads(case.read_text("utf-8"))
    config = furnish(tmp_path / "gateway", 8400, scopes=AGENCY_SCOPES)
    broken = config.parent / said["file"]
    text = broken.read_text("utf-8")
    assert text.count(said["find"]) >= 1
    broken.write_text(text.replace(said["find"], said["put"], 1), "utf-8")
    line = text[: text.index(said["find"])].count("\n") + 1 + said["line"]

    told = raabta("check", "--config", str(config), "--json")
    assert told.status == 1
    assert {"file": said["file"], "line": line, "message": said["says"]} in told.json()["mistakes"]
    assert str(tmp_path) not in told.out
    assert "sirr" not in told.out


def test_the_corpus_is_whole() -> None:
    assert len(CORPUS) >= 24
