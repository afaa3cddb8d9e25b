"""The published OpenAPI documents are valid, complete, and about what is really served."""

from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

from conformance.profiles.catalogue import profiles
from conformance.sandbox.program import agency_module
from conformance.sandbox.settings import AGENCIES, load
from conformance.sandbox.store import Store
from tests.house.repository import ROOT

DOCUMENTS = ("gateway.yaml", "agency.yaml")


def document(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "openapi" / name).read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_is_a_valid_openapi_document(name: str) -> None:
    validate(document(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_has_an_id_a_summary_and_an_answer_to_a_wrong_token(name: str) -> None:
    for path, methods in document(name)["paths"].items():
        for method, operation in methods.items():
            assert operation.get("operationId"), path
            assert operation.get("summary"), path
            if operation.get("security") and not path.startswith("/soap/"):  # SOAP says it in a Fault
                assert "401" in operation["responses"], f"{method} {path}"


def test_what_the_gateway_takes_is_shown_in_every_language() -> None:
    spec = document("gateway.yaml")
    for path in ("/v1/referrals", "/v1/translations"):
        bodies = spec["paths"][path]["post"]["requestBody"]["content"]
        bare = [name for name, body in bodies.items() if name != "application/zip" and not body.get("examples")]
        assert bare == []
    for example in spec["components"]["examples"].values():
        assert example["value"]


def test_what_an_agency_takes_is_shown_in_its_language() -> None:
    for path, methods in document("agency.yaml")["paths"].items():
        body = methods.get("post", {}).get("requestBody", {}).get("content", {})
        assert not body or any("example" in shown for shown in body.values()), path


def test_every_path_of_an_agency_is_served_by_its_simulator_and_every_served_path_is_described(tmp_path: Any) -> None:
    from conformance.sandbox.credentials import initialise

    config = initialise(tmp_path, "http://gateway.invalid")
    served = {"/oauth/token"}
    for name in AGENCIES:
        agency = agency_module(name).make(load(config, name), Store(tmp_path / f"{name}.sqlite"))
        paths = {getattr(route, "path", "") for route in agency.router().routes}
        assert profiles()[name].path in paths
        served |= paths
    assert set(document("agency.yaml")["paths"]) == served
