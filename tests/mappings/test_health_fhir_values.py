"""FHIR value by value: names, dates, numbers, relatives, certainty; numbers are those of formats/health.md 10."""

from __future__ import annotations

import pytest

from mappings.engine.errors import Refusal
from mappings.health_fhir import systems
from mappings.referral import Record, Referral
from mappings.samples import fullest_samples
from tests.mappings.health_documents import (
    add_related,
    data,
    fullest,
    health,
    read,
    referral,
    resource,
    spoiled,
    warnings,
    written,
)


def test_a_name_is_one_name_whatever_quotes_it_holds() -> None:
    """Number 6: a template would make two names of it; marks of direction survive byte for byte."""
    for name in ('Ali"},{"use":"old"', "مثا\u200cلی\u200f", "Namuna\\u0022"):
        value = fullest().model_copy(update={"child": fullest().child.model_copy(update={"name": name})})
        assert read(health().write(value).value).child.name == name
        assert len(resource(written(value), "Patient")["name"]) == 3


@pytest.mark.parametrize("birth", ["2017", "2017-05", "2016-02-29"])
def test_a_partial_birth_date_stays_partial(birth: str) -> None:
    """Number 15."""
    bundle = referral()
    resource(bundle, "Patient")["birthDate"] = birth
    value = read(data(bundle))
    assert value.child.birth_date == birth
    assert resource(written(value), "Patient")["birthDate"] == birth


def test_an_absent_birth_date_with_a_reason_stays_absent() -> None:
    """Number 15: ``_birthDate`` alone."""
    bundle = referral()
    patient = resource(bundle, "Patient")
    del patient["birthDate"]
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    patient["_birthDate"] = {"extension": [{"url": url, "valueCode": "unknown"}]}
    assert read(data(bundle)).child.birth_date is None


def test_an_estimated_birth_date_is_marked_on_the_date() -> None:
    patient = resource(written(fullest()), "Patient")
    assert patient["_birthDate"]["extension"][0]["valueCode"] == "estimated"


def test_a_child_nobody_knows_travels_as_unknown() -> None:
    """Number 15: no name, no number."""
    bundle = referral()
    patient = resource(bundle, "Patient")
    del patient["name"], patient["identifier"]
    patient["extension"] = [{"url": f"{systems.EXTENSIONS}/unknown-child", "valueBoolean": True}]
    value = read(data(bundle))
    assert value.child.unknown is True
    assert read(health().write(value).value).child == value.child


def test_urdu_digits_and_spaces_in_a_number_fold_to_one_form() -> None:
    """Number 15: Urdu digits."""
    bundle = referral()
    resource(bundle, "Patient")["identifier"][0]["value"] = "۳۹۹۹۹ 0000001-2"
    assert read(data(bundle)).child.identifiers[0].value == "3999900000012"


@pytest.mark.parametrize(
    ("gender", "sex"), [("female", "FEMALE"), ("male", "MALE"), ("other", "X"), ("unknown", "UNKNOWN")]
)
def test_gender_maps_one_to_one(gender: str, sex: str) -> None:
    bundle = referral()
    resource(bundle, "Patient")["gender"] = gender
    value = read(data(bundle))
    assert value.child.sex == sex
    assert resource(written(value), "Patient")["gender"] == gender


@pytest.mark.parametrize(
    ("code", "priority"), [("stat", "EMERGENCY"), ("asap", "HIGH"), ("urgent", "MEDIUM"), ("routine", "LOW")]
)
def test_priority_maps_one_to_one(code: str, priority: str) -> None:
    bundle = referral()
    resource(bundle, "ServiceRequest")["priority"] = resource(bundle, "Task")["priority"] = code
    assert read(data(bundle)).priority == priority


def test_an_untagged_urdu_name_is_known_by_its_script() -> None:
    bundle = referral()
    resource(bundle, "Patient")["name"] = [{"text": "مثالی"}, {"text": "Misali"}, {"text": "Misi", "use": "nickname"}]
    child = read(data(bundle)).child
    assert (child.name, child.name_ur, child.aliases) == ("Misali", "مثالی", ("Misi",))


def test_a_name_in_parts_is_never_joined() -> None:
    bundle = referral()
    resource(bundle, "Patient")["name"] = [{"given": ["Misali"], "family": "Farzi"}]
    child = read(data(bundle)).child
    assert (child.name, child.given_name, child.family_name) == (None, "Misali", "Farzi")


def test_what_a_relative_is_and_may_be_told_travels() -> None:
    bundle = referral()
    url = f"{systems.EXTENSIONS}/"
    add_related(
        bundle,
        relationship=[{"coding": [{"system": systems.ROLE_CODE, "code": "STPFTH"}]}],
        extension=[
            {"url": f"{url}alleged-perpetrator", "valueCode": "yes"},
            {"url": f"{url}contact-rule", "valueCode": "only-via-worker"},
        ],
    )
    person = read(data(bundle)).persons[1]
    assert person.relation == "STEP_FATHER"
    assert (person.alleged_perpetrator, person.contact_rule) == ("YES", "ONLY_VIA_WORKER")


def test_our_relation_code_wins_over_hl7s_wider_word() -> None:
    bundle = referral()
    codes = [{"system": systems.RELATION, "code": "uncle-aunt"}, {"system": systems.ROLE_CODE, "code": "FAMMEMB"}]
    add_related(bundle, relationship=[{"coding": codes}])
    assert read(data(bundle)).persons[1].relation == "UNCLE_AUNT"


@pytest.mark.parametrize(
    ("codes", "verification"),
    [
        (["physical-abuse-suspected"], "SUSPECTED"),
        (["physical-abuse"], "CONFIRMED"),
        (["out-of-school"], None),
        (["neglect", "physical-abuse-suspected"], "SUSPECTED"),
        (["missing-child", "neglect"], "CONFIRMED"),
    ],
)
def test_a_concern_is_confirmed_only_if_nothing_is_suspected(codes: list[str], verification: str | None) -> None:
    bundle = referral()
    reasons = [{"coding": [{"system": systems.CONCERN, "code": code}]} for code in codes]
    resource(bundle, "ServiceRequest")["reasonCode"] = reasons
    concern = read(data(bundle)).concern
    assert concern.verification == verification
    assert concern.primary == concern.types[0]


def test_a_mixture_of_certainty_is_carried_as_suspected_with_a_warning() -> None:
    bundle = referral()
    for code in ("neglect", "physical-abuse-suspected"):
        resource(bundle, "ServiceRequest")["reasonCode"].append({"coding": [{"system": systems.CONCERN, "code": code}]})
    assert "FHIR_SUSPICION_KEPT" in warnings(data(bundle))


@pytest.mark.parametrize("known", [None, "SUSPECTED", "CONFIRMED"])
def test_silence_about_certainty_is_written_as_suspected(known: str | None) -> None:
    concern = {"types": ["OUT_OF_SCHOOL", "NEGLECT"], "primary": "NEGLECT", "verification": known}
    tree = {**fullest().model_dump(mode="json"), "concern": concern}
    reasons = resource(written(Referral.model_validate(tree)), "ServiceRequest")["reasonCode"]
    codes = [reason["coding"][0]["code"] for reason in reasons]
    assert codes == ["neglect" if known == "CONFIRMED" else "neglect-suspected", "out-of-school"]


def test_clinical_codes_travel_where_the_concern_was_not_granted() -> None:
    value = fullest().model_copy(update={"concern": None})
    document = health().write(value).value
    assert b"not-disclosed" in document
    back = read(document)
    assert back.concern is None
    assert back.clinical == value.clinical


def test_suspicion_in_a_us_code_keeps_our_code_suspected() -> None:
    """Number 3: T76 under the US system says suspected; it is passed on untouched."""
    bundle = referral()
    codes = resource(bundle, "ServiceRequest")["reasonCode"][0]["coding"]
    codes[0]["code"] = "physical-abuse"
    codes[2] = {"system": systems.ICD_10_CM, "code": "T76.12XA", "display": "Child physical abuse, suspected"}
    value = read(data(bundle))
    assert value.concern.verification == "SUSPECTED"
    assert value.clinical.reason_codes[1].model_dump() == codes[2]


def test_what_no_rule_reads_is_listed_by_its_place() -> None:
    (translation,) = health().read(spoiled(referral(), lambda b: b["entry"][2]["resource"].update(active=True)))
    assert "/entry/2/resource/active" in translation.leftover


def test_a_message_id_of_another_form_is_written_as_its_uuid() -> None:
    translation = health().write(fullest().model_copy(update={"message_id": "9999000000000000042"}))
    (line,) = [line for line in translation.lines if line.ours == "message_id"]
    assert line.how == "coarsened"
    assert errors_of(translation.value) == []


def errors_of(document: bytes) -> list[str]:
    return [f.code for f in health().validate(document) if f.severity.value == "error"]


def test_a_referral_without_a_receiver_is_no_document() -> None:
    with pytest.raises(Refusal) as refused:
        health().write(fullest().model_copy(update={"recipients": ()}))
    assert [(f.code, f.ours) for f in refused.value.findings] == [("MISSING_REQUIRED", "recipients.agency")]


def test_a_referral_about_nobody_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        health().write(fullest().model_copy(update={"child": fullest().child.__class__(sex="FEMALE")}))
    assert [f.ours for f in refused.value.findings] == ["child.name"]


def test_a_record_carries_facts_and_no_request() -> None:
    (value,) = [v for name, v in fullest_samples(health()) if name == "fullest.record.json"]
    assert isinstance(value, Record)
    bundle = written(value)
    assert bundle["type"] == "collection"
    kinds = {entry["resource"]["resourceType"] for entry in bundle["entry"]}
    assert kinds == {"Patient", "RelatedPerson", "Observation", "Condition", "Organization"}
    assert all("request" not in entry for entry in bundle["entry"])
