"""Every control that docs/security.md claims is proved by a test that exists."""

import ast
import re

from tests.house.repository import ROOT, read

ROWS = [line for line in read("docs/security.md").splitlines() if line.startswith("| ") and "::" in line]
NAMED = re.findall(r"`(tests/[a-z_0-9/]+\.py)::(test_[a-z_0-9]+)`", "\n".join(ROWS))


def _defined(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_test_the_page_names_exists() -> None:
    assert [f"{file}::{name}" for file, name in NAMED if name not in _defined(file)] == []


def test_every_threat_names_what_is_done_and_a_test() -> None:
    assert len(ROWS) >= 20
    for row in ROWS:
        threat, control, proof = row.strip("| ").split(" | ")
        assert threat
        assert control
        assert "::test_" in proof
