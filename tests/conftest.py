"""What every test run shares: the order of the long ones, and hashes of secrets that cost little."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auth import client_secrets

SHIPPED = client_secrets.NOBODY
"""A hash of a client secret at the cost of the program itself; tests/auth says what that has to be."""

# Every gateway hashes the secrets of its agencies as it starts, and one secret for each token: at the cost of the
# program that would be a quarter of what some folders here take.
client_secrets._LOG_N = 10
client_secrets.NOBODY = replace(SHIPPED, log_n=10)


@pytest.fixture(autouse=True, scope="session")
def _new_databases() -> None:
    from tests import new_databases  # to collect needs no database

    new_databases.install()


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
