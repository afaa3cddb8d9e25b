"""Published Bundles (formats/health.md 11.1, 11.2) and small ways to spoil them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from mappings.engine.load import load
from mappings.engine.mapping import Mapping
from mappings.referral import Referral
from mappings.samples import fullest_samples

Json = dict[str, Any]
HERE = Path(__file__).parent / "health_examples"


@cache
def health() -> Mapping:
    return load("mappings.health_fhir")


def example(name: str) -> Json:
    """Return a fresh copy of a published example: ``referral_11_1`` or ``declined_11_2``."""
    document: Json = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    return document


def referral() -> Json:
    return example("referral_11_1")


def declined() -> Json:
    return example("declined_11_2")


def resource(bundle: Json, kind: str, number: int = 0) -> Json:
    """Return the nth resource of a type."""
    found: list[Json] = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]
    return found[number]


def data(bundle: Json) -> bytes:
    return json.dumps(bundle, ensure_ascii=False).encode()


def spoiled(bundle: Json, change: Callable[[Json], object]) -> bytes:
    """Return a document after a change of a copy."""
    document = copy.deepcopy(bundle)
    change(document)
    return data(document)


def errors(document: bytes) -> list[tuple[str, str]]:
    """Return (code, path) of every error."""
    return [(f.code, f.path) for f in health().validate(document) if f.severity.value == "error"]


def warnings(document: bytes) -> list[str]:
    return [f.code for f in health().validate(document) if f.severity.value == "warning"]


def read(document: bytes) -> Any:
    (translation,) = health().read(document)
    return translation.value


def add_related(bundle: Json, **fields: Any) -> Json:
    """Append a RelatedPerson connected to the child and return it."""
    number = len(bundle["entry"]) + 1
    person = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": "urn:uuid:0f9b2a10-0000-4000-8000-000000000003"},
        **fields,
    }
    url = f"urn:uuid:0f9b2a10-0000-4000-8000-{number:012d}"
    request = {"method": "POST", "url": "RelatedPerson"}
    bundle["entry"].append({"fullUrl": url, "resource": person, "request": request})
    return person


def fullest() -> Referral:
    (value,) = [v for name, v in fullest_samples(health()) if name == "fullest.referral.json"]
    assert isinstance(value, Referral)
    return value


def written(value: Any) -> dict[str, Any]:
    bundle: dict[str, Any] = json.loads(health().write(value).value)
    return bundle
