"""Ways to spoil a sound referral Bundle, and where its resources stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mappings.health_fhir import systems
from tests.mappings.health_documents import add_related, resource

Json = dict[str, Any]
SR, TASK, PATIENT, RELATED, OBSERVATION, CONSENT = (f"/entry/{n}/resource" for n in range(6))


def setting(kind: str, **fields: Any) -> Callable[[Json], object]:
    return lambda bundle: resource(bundle, kind).update(fields)


def dropping(kind: str, name: str) -> Callable[[Json], object]:
    return lambda bundle: resource(bundle, kind).pop(name)


def add_condition(bundle: Json, **fields: Any) -> None:
    person = add_related(bundle)
    person.clear()
    child = {"reference": "urn:uuid:0f9b2a10-0000-4000-8000-000000000003"}
    person.update(resourceType="Condition", subject=child, code={"text": "Invented"}, **fields)
    bundle["entry"][-1]["request"]["url"] = "Condition"


def verification(code: str) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    return {"coding": [{"system": system, "code": code}]}


def reasons(*codes: str, system: str = systems.ICD_10) -> Callable[[Json], object]:
    first = {"system": systems.CONCERN, "code": "physical-abuse-suspected"}
    listed = [first, *({"system": system, "code": code} for code in codes)]
    return setting("ServiceRequest", reasonCode=[{"coding": listed}])
