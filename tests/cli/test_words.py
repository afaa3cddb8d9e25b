"""``raabta formats``, ``validate`` and ``translate``: what they print where, and with which status they end."""

import json
from pathlib import Path
from typing import Any

import pytest

from mappings.library import library
from mappings.samples import golden_samples
from tests.cli.conftest import Raabta
from tests.gateway.house import furnish
from tests.gateway.manifests import AGENCY_SCOPES, HEALTH, SCHOOL
from tests.gateway.test_intake import TWO_CHILDREN

SAMPLES = {(m.format, name): data for m in library().values() for name, data in golden_samples(m)}
FIR = TWO_CHILDREN.format(id="0f9d1c1e-1111-4a11-8a11-000000000001").encode()
CASE: dict[str, Any] = {
    "type": "referral",
    "message_id": "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0001",
    "ref": "R-1",
    "case_ref": "CASE-7",
    "priority": "HIGH",
    "child": {"name": "Farzi Bachi", "sex": "FEMALE", "birth_date": "2016-03-07", "displacement": "REFUGEE"},
    "persons": [
        {"relation": "FATHER", "name": "Farzi Baap", "alleged_perpetrator": "YES", "phone": "03990000011"},
        {"relation": "MOTHER", "name": "Farzi Maa", "alleged_perpetrator": "NO"},
    ],
    "concern": {"types": ["NEGLECT"], "primary": "NEGLECT", "verification": "SUSPECTED", "narrative": "Azmaishi bayan"},
    "consent": {"basis": "BEST_INTEREST", "giver": "CASE_WORKER", "expires_on": "2099-12-31"},
    "focal_point": {"agency": "welfare-pb-cpb", "role": "CASE_WORKER", "phone": "03990000001"},
    "sender": {"agency": "welfare-pb-cpb", "kind": "SOCIAL_WELFARE"},
    "requested": {
        "service": "EDUCATION",
        "enrolment": "RE_ENROL",
        "target": {"school_scheme": "pk-punjab-emis", "school_code": "39999002"},
    },
}
AT = "2026-03-02T11:24:05+05:00"


@pytest.fixture
def case(tmp_path: Path) -> str:
    path = tmp_path / "case.json"
    path.write_text(json.dumps(CASE), "utf-8")
    return str(path)


@pytest.fixture
def fir(tmp_path: Path) -> str:
    path = tmp_path / "fir.xml"
    path.write_bytes(FIR)
    return str(path)


def test_formats_lists_what_there_is(raabta: Raabta) -> None:
    listed = raabta("formats", "--json").json()

    assert {row["id"] for row in listed} == set(library())
    assert all(set(row) == {"id", "version", "media_types", "directions", "digest"} for row in listed)
    assert all(name in raabta("formats").out for name in library())


@pytest.mark.parametrize(("format_id", "name"), sorted(SAMPLES))
def test_a_published_sample_is_valid(raabta: Raabta, format_id: str, name: str) -> None:
    ended = raabta("validate", "--format", format_id, "--json", "-", given=SAMPLES[format_id, name])

    assert ended.status == 0, ended.out
    assert ended.json()["valid"] is True
    assert ended.json()["format"] == format_id


def test_a_bad_document_ends_with_1_and_every_finding_has_its_path(raabta: Raabta) -> None:
    bad = {**CASE, "child": {"sex": "GIRL", "birth_date": "gestern"}}
    ended = raabta("validate", "--format", "raabta", "--json", "-", given=json.dumps(bad).encode())
    told = ended.json()

    assert ended.status == 1
    assert told["valid"] is False
    assert {finding["path"] for finding in told["findings"]} == {"/child/sex", "/child/birth_date"}
    assert all({"path", "code", "severity", "message", "message_ur"} <= set(finding) for finding in told["findings"])
    assert "GIRL" not in ended.out


def test_findings_for_people_stand_on_standard_output(raabta: Raabta) -> None:
    ended = raabta("validate", "--format", "raabta", "-", given=b'{"child": {"sex": "GIRL"}}')

    assert "UNKNOWN_CODE /child/sex" in ended.out
    assert "not valid raabta" in ended.out


def test_a_path_is_printed_as_it_is_and_not_as_markup(raabta: Raabta) -> None:
    bad = FIR.replace(b'section="328-A"', b'section="[red]"')
    ended = raabta("validate", "--format", "police_fir", "-", given=bad)

    assert ended.status == 1
    assert "/FIRDocument/Offense[1]" in ended.out


@pytest.mark.parametrize(
    "words",
    [["validate", "--format", "klingon", "-"], ["validate", "--format", "raabta", "nowhere.json"], ["validate", "-"],
     ["translate", "--from", "raabta", "--to", "klingon", "-"], ["translate", "--from", "raabta", "-"],
     ["translate", "--from", "raabta", "--to", "fhir_r4", "-"],
     ["translate", "--from", "fhir_r4", "--to", "raabta", "-"],
     ["translate", "--from", "raabta", "--to", "health_fhir", "--by", "soon", "-"],
     ["translate", "--from", "raabta", "--to", "health_fhir", "--at", "2026-03-02T11:24:05", "-"],
     ["translate", "--from", "raabta", "--to", "health_fhir", "--service", "MAGIC", "-"],
     ["translate", "--from", "raabta", "--to", "health_fhir", "--child", "0", "-"],
     ["translate", "--from", "raabta", "--to", "health_fhir", "--child", "2", "-"],
     ["translate", "--from", "raabta", "--to", "health_fhir", "--to-agency", "x", "-"],
     ["translate", "--from", "raabta", "--to", "health_fhir", "--to-agency", "x", "--purpose", "TREAT", "-"],
     ["nonsense"], ["check", "--config", "nowhere.toml"], ["migrate", "--config", "nowhere.toml"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_prints_nothing_to_standard_output(raabta: Raabta, words: list[str]) -> None:
    ended = raabta(*words, given=json.dumps(CASE).encode())

    assert ended.status == 2
    assert ended.out == ""


@pytest.mark.parametrize("target", ["health_fhir", "school_sis", "police_psrms", "police_fir", "raabta"])
def test_a_translation_is_valid_in_its_target(raabta: Raabta, case: str, target: str) -> None:
    made = raabta("translate", "--from", "raabta", "--to", target, "--at", AT, case)
    assert made.status == 0, made.err

    assert raabta("validate", "--format", target, "-", given=made.out.encode()).status == 0


def test_the_same_input_gives_the_same_bytes(raabta: Raabta, case: str) -> None:
    words = ("translate", "--from", "raabta", "--to", "health_fhir", "--at", AT, case)

    assert raabta(*words).out == raabta(*words).out


def test_standard_input_is_a_file_too(raabta: Raabta, case: str) -> None:
    words = ("translate", "--from", "raabta", "--to", "school_sis", "--at", AT)

    assert raabta(*words, "-", given=json.dumps(CASE).encode()).out == raabta(*words, case).out


def test_the_floor_holds_without_an_agreement(raabta: Raabta, case: str) -> None:
    made = raabta("translate", "--from", "raabta", "--to", "school_sis", "--at", AT, case)

    assert made.status == 0
    assert not any(word in made.out for word in ("Baap", "NEGLECT", "bayan", "REFUGEE", "welfare", "03990000011"))


def test_the_report_says_what_was_withheld_and_what_needs_an_agreement(raabta: Raabta, case: str) -> None:
    told = raabta("translate", "--from", "raabta", "--to", "health_fhir", "--at", AT, "--report", case).json()
    withheld = {entry["path"]: entry["rule"] for entry in told["target"]["withheld"]}

    assert withheld["persons[0].name"] == "floor:perpetrator"
    assert withheld["concern.narrative"] == "floor:narrative"
    assert {entry["path"] for entry in told["conditional"]} >= {"concern.primary", "child.displacement"}
    assert told["complete"] is True
    assert not any(word in json.dumps(told) for word in ("Baap", "Bachi", "bayan"))


def test_an_order_opens_nothing_without_an_agreement(raabta: Raabta) -> None:
    ordered = {**CASE, "consent": {"basis": "COURT_ORDER", "order_ref": "O-1"}}
    words = ("translate", "--from", "raabta", "--to", "police_psrms", "--at", AT, "--report", "-")
    told = raabta(*words, given=json.dumps(ordered).encode()).json()

    assert {e["path"]: e["rule"] for e in told["target"]["withheld"]}["concern.narrative"] == "needs-order:narrative"


def test_an_agreement_is_applied(raabta: Raabta, case: str, tmp_path: Path) -> None:
    config = str(furnish(tmp_path / "gateway", 8400, scopes=AGENCY_SCOPES))
    words = ("translate", "--from", "raabta", "--to", "health_fhir", "--at", AT, "--report", "--config", config)
    told = raabta(*words, "--to-agency", HEALTH, "--purpose", "TREAT", case).json()

    assert told["conditional"] == []
    assert told["complete"] is True


def test_an_agreement_for_another_purpose_is_wrong_usage(raabta: Raabta, case: str, tmp_path: Path) -> None:
    config = str(furnish(tmp_path / "gateway", 8400, scopes=AGENCY_SCOPES))
    words = ("translate", "--from", "raabta", "--to", "health_fhir", "--config", config, "--to-agency", HEALTH)

    assert raabta(*words, "--purpose", "ENROL", case).status == 2
    assert raabta(*words, "--purpose", "TREAT", "--at", "2019-03-02T11:24:05+05:00", case).status == 2


def test_what_is_configured_for_an_agency_is_given_here_too(raabta: Raabta, tmp_path: Path) -> None:
    config = str(furnish(tmp_path / "gateway", 8400, scopes=AGENCY_SCOPES))
    bare = {key: value for key, value in CASE.items() if key != "requested"}
    words = ("translate", "--from", "raabta", "--to", "school_sis", "--at", AT)
    agency = ("--config", config, "--to-agency", SCHOOL, "--purpose", "ENROL")

    assert raabta(*words, "-", given=json.dumps(bare).encode()).status == 1
    made = raabta(*words, *agency, "-", given=json.dumps(bare).encode())
    assert made.status == 0, made.err
    assert "39999002" in made.out


def test_service_and_due_time_can_be_said(raabta: Raabta, case: str) -> None:
    words = ("translate", "--from", "raabta", "--to", "health_fhir", "--at", AT, case)
    made = raabta(*words, "--service", "FORENSIC_EXAM", "--by", "2026-03-05T10:00:00+05:00")

    assert '"forensic-exam"' in made.out
    assert "2026-03-05" in made.out
    assert '"forensic-exam"' not in raabta(*words).out


def test_a_document_about_two_children_is_told_apart(raabta: Raabta, fir: str, tmp_path: Path) -> None:
    words = ("translate", "--from", "police_fir", "--to", "raabta", "--at", AT)
    neither = raabta(*words, fir)
    first, second = (raabta(*words, "--child", number, fir) for number in ("1", "2"))
    both = raabta(*words, "--out", str(tmp_path / "children"), fir)

    assert neither.status == 2
    assert "2 children" in neither.err
    assert [json.loads(each.out)["child"]["name"] for each in (first, second)] == ["Farzi Bacha", "Farzi Bachi"]
    assert both.status == 0
    files = sorted((tmp_path / "children").iterdir())
    assert [file.read_text("utf-8") for file in files] == [first.out, second.out]


def test_a_missing_value_refuses_and_names_both_sides(raabta: Raabta) -> None:
    bare = json.dumps({"type": "referral", "message_id": "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0001"}).encode()
    words = ("translate", "--from", "raabta", "--to", "school_sis", "--at", AT, "-")
    ended = raabta(*words, given=bare)
    report = raabta(*words, "--report", given=bare)

    assert (ended.status, ended.out) == (1, "")
    assert "MISSING_REQUIRED" in ended.err
    assert report.status == 1
    assert report.json()["complete"] is False
    assert {"MISSING_REQUIRED"} <= {finding["code"] for finding in report.json()["findings"]}


def test_part_of_a_document_is_written_where_that_is_asked_for(raabta: Raabta) -> None:
    bare = {key: value for key, value in CASE.items() if key not in {"requested", "focal_point"}}
    words = ("translate", "--from", "raabta", "--to", "school_sis", "--at", AT, "--allow-partial", "-")
    ended = raabta(*words, given=json.dumps(bare).encode())
    report = raabta(*words, "--report", given=json.dumps(bare).encode()).json()

    assert ended.status == 0
    assert "Farzi Bachi" in ended.out
    assert "PARTIAL" in ended.err
    assert report["complete"] is False


def test_the_command_is_a_program_of_its_own(process: Raabta) -> None:
    ended = process("translate", "--from", "raabta", "--to", "raabta", "-", given=b'{"type":"record"}')

    assert ended.status == 0
    assert json.loads(ended.out)["type"] == "record"
    assert process("validate", "--format", "raabta", "-", given=b"{").status == 1
    assert process("validate", "--format", "raabta", "no.json").status == 2
