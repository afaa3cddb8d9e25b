from collections.abc import Iterator

import pytest

from tests.gateway.house import House, running


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Lend a running gateway that takes bodies of up to 20 000 octets."""
    with running(tmp_path_factory.mktemp("house") / "gateway", body=20_000) as lent:
        yield lent
