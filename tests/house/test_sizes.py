"""Rooms stay small enough to be read at one sitting."""

import ast
import statistics

from tests.house.repository import named, parsed, sources

LONGEST_FILE = 300
LONGER = {"gateway/ledger/verifier/verify.py": 390}
"""What stands alone by design: an auditor is handed this one file, to read it and run it without any other of ours."""
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions() -> list[tuple[str, int]]:
    """Return every function's place and its length in lines."""
    return [
        (f"{named(path)}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for path in sources()
        for node in ast.walk(parsed(path))
        if isinstance(node, Function)
    ]


def test_no_file_is_longer_than_three_hundred_lines() -> None:
    lengths = {named(p): p.read_text("utf-8").count("\n") for p in sources()}
    long = {name: lines for name, lines in lengths.items() if lines > LONGER.get(name, LONGEST_FILE)}

    assert long == {}


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = {name: lines for name, lines in _functions() if lines > LONGEST_FUNCTION}

    assert long == {}


def test_half_of_all_functions_are_shorter_than_twelve_lines() -> None:
    assert statistics.median(lines for _, lines in _functions()) < MEDIAN_FUNCTION
