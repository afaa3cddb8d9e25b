"""The parties every test of `auth` meets: a clock that is set by hand, and an issuer with two clients."""

import pytest
from auth_parties import AT, Bench, SetClock


@pytest.fixture
def clock() -> SetClock:
    return SetClock(AT)


@pytest.fixture
def bench(clock: SetClock) -> Bench:
    return Bench(clock)
