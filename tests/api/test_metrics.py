"""Metrics say how each agency's deliveries stand, and nothing about anybody."""

import re

import pytest
from sqlalchemy import Connection

from gateway.delivery import endpoints
from gateway.delivery.breaker import BreakerPolicy
from tests.gateway.house import House, child, referral, running
from tests.gateway.manifests import HEALTH, SCHOOL, WELFARE


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory):
    with running(tmp_path_factory.mktemp("metrics") / "gateway") as lent:
        yield lent


def value(house: House, name: str, **labels: str) -> float | None:
    wanted = ",".join(f'{key}="{said}"' for key, said in labels.items())
    found = re.search(rf"^{name}{{{wanted}}} (\S+)$", house.http.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else None


def test_depth_and_age_are_told_for_each_agency(house: House) -> None:
    for _ in range(3):
        house.submit(WELFARE, referral(HEALTH))

    assert value(house, "raabta_deliveries", recipient=HEALTH, state="OPEN") == 3
    assert value(house, "raabta_oldest_open_seconds", recipient=HEALTH) is not None
    assert value(house, "raabta_deliveries", recipient=SCHOOL, state="OPEN") is None


def test_breakers_and_pauses_are_told(house: House) -> None:
    now = house.gateway.room.clock.now()

    def trouble(connection: Connection) -> None:
        for _ in range(BreakerPolicy().streak):
            endpoints.learn(connection, SCHOOL, BreakerPolicy(), now, fault=True)
        endpoints.pause(connection, HEALTH, "HTTP_401")

    house.write(trouble)

    assert value(house, "raabta_breaker", recipient=SCHOOL) == 2
    assert (value(house, "raabta_paused", recipient=SCHOOL), value(house, "raabta_paused", recipient=HEALTH)) == (0, 1)


def test_labels_are_agencies_and_states_and_hold_nothing_of_a_person(house: House) -> None:
    house.submit(WELFARE, referral(HEALTH, child=child(name="Kanarienvogel"), case_ref="CASE-KANARIENVOGEL"))
    text = house.http.get("/metrics").text

    assert "kanarienvogel" not in text.lower()
    assert set(re.findall(r'(\w+)="', text)) <= {"recipient", "state", "agency", "format", "kind", "outcome", "le"}
