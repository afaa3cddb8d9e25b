"""Every code the words can give has a fixed sentence in English and in Urdu, whatever format gives it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from mappings.engine.findings import sentence
from mappings.library import library

ROOT = Path(__file__).parents[2] / "mappings"
GIVES = {"Finding", "Unfit", "of"}
"""``Finding(code, …)``, ``Unfit(code)`` and ``Refusal.of(code, …)``."""
FILES = sorted(file for file in ROOT.rglob("*.py"))


def given(file: Path) -> Iterator[str]:
    """Yield the codes a module gives by name."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in GIVES and isinstance(code := node.args[0].value, str) and code:
                yield code


CODES = sorted({code for file in FILES for code in given(file)})


def test_codes_are_found_in_every_format() -> None:
    folders = {file.parent.name for file in FILES if any(given(file))}

    assert {name for name, mapping in library().items() if mapping.documents} <= folders
    assert len(CODES) > 100


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_a_sentence_in_english_and_in_urdu(code: str) -> None:
    library()
    english, urdu = sentence(code)

    assert english.strip()
    assert english.isascii()
    assert any("\u0600" <= letter <= "\u06ff" for letter in urdu)
