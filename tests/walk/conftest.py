"""A running gateway with five simulated agencies, once for each module: real processes, real sockets."""

from collections.abc import Callable, Iterator

import pytest

from gateway.demo.callers import Agency
from gateway.demo.processes import Stage
from tests.walk.staging import gateway, own_stage, simulators


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Lend a stage on which gateway and simulators run."""
    prepared = own_stage(tmp_path_factory.mktemp("walk"))
    with simulators(prepared), gateway(prepared):
        yield prepared


@pytest.fixture
def agency(stage: Stage) -> Callable[[str], Agency]:
    """Make an agency by the simulator's name: its control surface, and its login at the gateway."""
    return lambda name: Agency(stage, name)
