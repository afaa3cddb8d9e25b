"""In production a sample number is refused; in a sandbox everything says that it is one."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway.house import House, child, referral, running
from tests.gateway.manifests import HEALTH, WELFARE

SAMPLE = {"scheme": "pk-bform", "value": "3999900000172"}


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("house") / "gateway", environment="production") as lent:
        yield lent


def post(house: House, document: dict[str, Any]) -> Any:
    return house.call(WELFARE, "POST", "/v1/referrals", json=document)


@pytest.mark.parametrize(
    "said",
    [{"child": child(identifiers=[SAMPLE])},
     {"persons": [{"relation": "MOTHER", "identifiers": [{"scheme": "pk-cnic", "value": "3999900000268"}]}]}],
)  # fmt: skip
def test_a_sample_number_does_not_enter_production(production: House, said: dict[str, Any]) -> None:
    answer = post(production, referral(HEALTH, **said))

    assert answer.status_code == 422
    assert answer.json()["code"] == "SYNTHETIC_IDENTIFIER"
    assert "39999" not in answer.text


def test_production_takes_a_referral_without_numbers(production: House) -> None:
    answer = post(production, referral(HEALTH))

    assert answer.status_code == 202
    assert answer.headers["raabta-environment"] == "production"
