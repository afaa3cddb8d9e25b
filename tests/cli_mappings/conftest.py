"""A copy of an installed mapping, to be changed, and a gateway that has stored messages of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gateway.house import House, running

MAPPINGS = Path(__file__).parents[2] / "mappings"
Change = Callable[..., Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """Return a maker of changed folders: a format's copy in which texts of a file are replaced."""

    def make(name: str, *replaced: tuple[str, str, str]) -> Path:
        folder = tmp_path / name
        shutil.copytree(MAPPINGS / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for file, old, new in replaced:
            text = (folder / file).read_text("utf-8")
            assert old in text, f"{file} does not hold {old}"
            (folder / file).write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return make


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("cli") / "gateway") as lent:
        yield lent
