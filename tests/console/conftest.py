from collections.abc import Iterator

import pytest

from tests.console.stage import Stage, staged


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Lend a gateway with something to look at to all tests of a module."""
    with staged(tmp_path_factory.mktemp("console") / "gateway") as lent:
        yield lent
