"""``raabta translate`` from each agency's language into another's, with nothing but the document at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mappings.library import library
from tests.cli.conftest import Raabta

MAPPINGS = Path(__file__).parents[2] / "mappings"
AT = "2026-03-02T11:24:05+05:00"
WHOLE = [
    ("police_fir", "fir.xml", "health_fhir"),
    ("police_fir", "fir.xml", "police_psrms"),
    ("police_fir", "status_update.xml", "health_fhir"),
    ("police_fir", "status_update.xml", "school_sis"),
    ("police_psrms", "fir.json", "health_fhir"),
    ("police_psrms", "fir.json", "police_fir"),
    ("health_fhir", "referral.json", "police_fir"),
    ("health_fhir", "referral.json", "police_psrms"),
    ("health_fhir", "status.json", "police_fir"),
    ("nadra_crms", "registration.xml", "health_fhir"),
    ("nadra_crms", "registration.xml", "crvs_dci"),
    ("nadra_crms", "receipt.xml", "health_fhir"),
    ("crvs_dci", "on_search_registration.json", "nadra_crms"),
    ("crvs_dci", "on_search_registration.json", "health_fhir"),
    ("school_sis", "reenrolment_request.json", "health_fhir"),
    ("school_sis", "enrolment.json", "school_oneroster"),
    ("school_sis", "enrolment.json", "health_fhir"),
    ("school_sis", "decision.json", "health_fhir"),
    ("school_sis", "decision.json", "police_fir"),
]


def words(source: str, name: str, target: str, *more: str) -> list[str]:
    file = MAPPINGS / source / "samples" / name
    return ["translate", "--from", source, "--to", target, "--at", AT, *more, str(file)]


@pytest.mark.parametrize(("source", "name", "target"), WHOLE)
def test_a_document_of_one_agency_is_a_valid_one_of_another(
    raabta: Raabta, source: str, name: str, target: str
) -> None:
    ended = raabta(*words(source, name, target))
    assert ended.status == 0, ended.err

    findings = library()[target].validate(ended.out.encode())
    assert [finding.code for finding in findings if finding.severity.value == "error"] == []
    assert raabta(*words(source, name, target)).out == ended.out


def test_what_only_a_gateway_knows_is_derived_and_shown_as_routed(raabta: Raabta) -> None:
    report = raabta(*words("police_fir", "fir.xml", "health_fhir", "--report")).json()

    assert {"ref", "case_ref", "sender.agency", "requested.service", "requested.reply_by"} <= set(report["routed"])
    assert not {"child.sex", "message_id", "priority", "sender.kind"} & set(report["routed"])


def test_the_sending_agency_can_be_named(raabta: Raabta) -> None:
    bundle = raabta(*words("police_fir", "fir.xml", "health_fhir", "--from-agency", "police-pb-psrms")).json()
    numbers = [
        number["value"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "Organization"
        for number in entry["resource"]["identifier"]
    ]

    assert "police-pb-psrms" in numbers


def test_an_answer_is_about_the_referral_it_answers(raabta: Raabta) -> None:
    """The reference derived for a request is the one derived for the decision about it."""
    request = raabta(*words("school_sis", "reenrolment_request.json", "raabta")).json()
    decision = raabta(*words("school_sis", "decision.json", "raabta")).json()
    assert decision["in_reply_to"] == request["message_id"]

    bare = json.dumps({key: value for key, value in request.items() if key != "ref"}).encode()
    out = raabta("translate", "--from", "raabta", "--to", "health_fhir", "--at", AT, "-", given=bare).out
    told = raabta(*words("school_sis", "decision.json", "health_fhir")).json()
    (task,) = [e["resource"] for e in told["entry"] if e["resource"]["resourceType"] == "Task"]
    assert task["focus"]["identifier"]["value"] in out


def test_a_home_language_gets_no_name_that_nobody_gave(raabta: Raabta) -> None:
    ours = raabta(*words("police_fir", "fir.xml", "raabta")).json()

    assert not {"ref", "case_ref"} & set(ours)
    assert "agency" not in ours["sender"]
