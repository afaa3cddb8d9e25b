from collections.abc import Iterator

import pytest

from tests.gateway.house import House, running
from tests.gateway.manifests import AGENCIES, Profile

OTHERS = {
    "school-pb-cms": Profile("EDUCATION", "welfare", "raabta", "ENROL"),
}
"""A school that speaks our own language: its copy holds more than one in a school system's own."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Lend a running gateway to all tests of a module; each test sends referrals of its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name, profile in OTHERS.items():
            patch.setitem(AGENCIES, name, profile)
        with running(tmp_path_factory.mktemp("house") / "gateway") as lent:
            yield lent
