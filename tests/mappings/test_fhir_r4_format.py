"""``fhir_r4`` as a format: it is judged, and neither read nor written (contract.md section 3)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import program
from mappings.engine.errors import Refusal
from mappings.fhir_r4.mapping import r4_mapping
from mappings.library import by_media_type, library
from tests.mappings.fhir_r4_documents import Json, patient
from tests.mappings.health_documents import data, health, read, referral

run = CliRunner()


@pytest.fixture
def child(tmp_path: Path) -> Path:
    file = tmp_path / "child.json"
    file.write_text(json.dumps(patient(gender="female")), "utf-8")
    return file


def test_the_library_knows_it_as_a_format_that_is_only_judged() -> None:
    mapping = library()["fhir_r4"]
    assert mapping.directions == ("validate",)
    assert (mapping.media_types, mapping.documents, len(mapping.digest)) == ((), (), 64)
    assert by_media_type("") is None


def test_it_refuses_to_read_and_to_write() -> None:
    with pytest.raises(Refusal):
        r4_mapping().read(b"{}")
    with pytest.raises(Refusal):
        r4_mapping().write(read(data(referral())))


def test_a_byte_order_mark_is_a_warning() -> None:
    findings = r4_mapping().validate(b"\xef\xbb\xbf" + json.dumps(patient()).encode())
    assert [(f.code, f.severity.value) for f in findings] == [("BYTE_ORDER_MARK", "warning")]


def test_a_finding_never_repeats_a_value() -> None:
    spoiled: Json = patient(gender="canary-4711", birthDate="canary-4712", identifier=[{"system": "canary-4713"}])
    spoiled["canary-4714"] = 1
    printed = json.dumps([f.as_json() for f in r4_mapping().validate(json.dumps(spoiled).encode())])
    assert "UNKNOWN_CODE" in printed
    assert "canary-47" not in printed


def test_the_command_says_valid(child: Path) -> None:
    result = run.invoke(program(), ["validate", "--format", "fhir_r4", str(child)])
    assert (result.exit_code, result.stdout.strip()) == (0, "valid fhir_r4")


def test_the_command_says_what_is_wrong_and_ends_with_one(child: Path) -> None:
    child.write_text(json.dumps(patient(gender="girl")), "utf-8")
    result = run.invoke(program(), ["validate", "--format", "fhir_r4", "--json", str(child)])
    said = json.loads(result.stdout)
    assert (result.exit_code, said["valid"], said["format"]) == (1, False, "fhir_r4")
    assert [(f["path"], f["code"]) for f in said["findings"]] == [("/gender", "UNKNOWN_CODE")]


@pytest.mark.parametrize(("source", "target"), [("fhir_r4", "raabta"), ("raabta", "fhir_r4")])
def test_the_command_translates_neither_way(child: Path, source: str, target: str) -> None:
    assert run.invoke(program(), ["translate", "--from", source, "--to", target, str(child)]).exit_code == 2


def test_the_command_lists_it() -> None:
    listed = {row["id"]: row for row in json.loads(run.invoke(program(), ["formats", "--json"]).stdout)}
    assert listed["fhir_r4"]["directions"] == ["validate"]
    assert run.invoke(program(), ["formats"]).exit_code == 0


def test_our_own_examples_keep_the_general_rules() -> None:
    assert r4_mapping().validate(data(referral())) == []
    assert r4_mapping().validate(health().write(read(data(referral()))).value) == []
