from collections.abc import Iterator

import pytest

from tests.gateway.house import House, running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Lend a running gateway to all tests of a module; each test sends referrals of its own."""
    with running(tmp_path_factory.mktemp("house") / "gateway") as lent:
        yield lent
