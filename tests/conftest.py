"""What every test run shares: the order of the long ones."""

from __future__ import annotations

import pytest

LONG_FIRST = (
    "tests/fuzz", "tests/laws", "tests/chaos/test_simulation", "tests/conformance", "tests/chaos", "tests/walk",
    "tests/secrecy", "tests/console", "tests/sandbox", "tests/store",
)  # fmt: skip
"""Folders whose files take longest: begun first, so that no process is left with one of them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long folders; the order inside a file stays."""

    def rank(item: pytest.Item) -> int:
        place = item.nodeid
        return next((n for n, folder in enumerate(LONG_FIRST) if place.startswith(folder)), len(LONG_FIRST))

    items.sort(key=rank)
