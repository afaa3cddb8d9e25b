"""Small mapping folders, written for one test each."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mappings.engine.load import load
from mappings.engine.mapping import Mapping

_numbers = itertools.count(1)
HEAD = """format = "misali"
version = "1.0.0"
kind = "EDUCATION"
syntax = "{syntax}"
media_types = ["application/vnd.misali"]
"""

MakeFolder = Callable[..., Callable[[], Mapping]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeFolder]:
    """Return a maker of folders: head, rules and drops become a package that the returned function loads."""
    monkeypatch.syspath_prepend(str(tmp_path))
    made: list[str] = []

    def make(
        rules: str, *, head: str = "", rest: str = "", syntax: str = "json", model: str = "Record"
    ) -> Callable[[], Mapping]:
        name = f"misali_{next(_numbers)}"
        made.append(name)
        package = tmp_path / name
        package.mkdir()
        (package / "__init__.py").write_text("", "utf-8")
        (package / "mapping.toml").write_text(HEAD.format(syntax=syntax) + head, "utf-8")
        drops = rest if "[drops]" in rest else f'{rest}\n[drops]\n"*" = "Not carried in this test."\n'
        (package / "paper.toml").write_text(f'model = "{model}"\nrules = [\n{rules}\n]\n{drops}', "utf-8")
        return lambda: load(name)

    yield make
    for name in made:
        sys.modules.pop(name, None)
