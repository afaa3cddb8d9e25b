"""Bundles we write, judged by somebody else: google-fhir-r4 knows R4's codes, references and required elements."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mappings.engine.document import Document
from mappings.engine.errors import Refusal
from mappings.engine.mapping import Value
from mappings.samples import fullest_samples, golden_samples
from tests.laws.strategies import referrals
from tests.mappings.health_documents import health, referral, resource, spoiled

json_format = pytest.importorskip("google.fhir.r4.json_format", reason="google-fhir-r4 is not installed")
validation = pytest.importorskip("google.fhir.r4.resource_validation")
errors = pytest.importorskip("google.fhir.core.fhir_errors")
protos = pytest.importorskip("google.fhir.r4.proto.core.resources.bundle_and_contained_resource_pb2")

EXAMPLES = 30
Json = dict[str, Any]


def judged(document: bytes) -> None:
    """Let the judge read and validate a Bundle; raises what it has to say."""
    validation.validate_resource(json_format.json_fhir_string_to_proto(document.decode(), protos.Bundle))


@pytest.mark.parametrize(
    "change",
    [
        lambda b: resource(b, "ServiceRequest").update(status="bogus"),
        lambda b: resource(b, "ServiceRequest").update(subject={"reference": "Medication/1"}),
        lambda b: resource(b, "ServiceRequest").update(authoredOn="2026-03-02T11:24:05"),
        lambda b: resource(b, "ServiceRequest").pop("intent"),
    ],
)
def test_the_judge_can_say_no(change: Callable[[Json], object]) -> None:
    with pytest.raises((errors.InvalidFhirError, ValueError)):
        judged(spoiled(referral(), change))


@pytest.mark.parametrize(("name", "data"), list(golden_samples(health())))
def test_a_golden_sample_passes_the_judge(name: str, data: bytes) -> None:
    judged(data)
    assert json.loads(data)["resourceType"] == "Bundle", name


@pytest.mark.parametrize(("name", "value"), list(fullest_samples(health())))
def test_the_fullest_bundle_passes_the_judge(name: str, value: Value) -> None:
    document = health().write(value)
    judged(document.value)
    assert name == f"fullest.{document.document}.json"


@pytest.mark.parametrize("document", [d for d in health().documents if d.writes], ids=lambda d: d.name)
def test_random_bundles_pass_the_judge(document: Document) -> None:
    passed = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(referrals(health(), document))
    def pass_all(value: Value) -> None:
        try:
            written = health().write(value)
        except Refusal:
            return
        judged(written.value)
        passed.append(written.document)

    pass_all()
    assert passed.count(document.name) >= EXAMPLES // 2
