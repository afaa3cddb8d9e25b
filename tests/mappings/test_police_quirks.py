"""Quirks of real systems (formats/police.md A7): words, digits, forms, clocks, partial reports, grown victims."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from mappings.engine.converters import Coarse, Unfit
from mappings.engine.mapping import Mapping, canonical
from mappings.police.converters import SHARED
from mappings.referral import Referral
from tests.mappings.police_documents import changed, example, fir, patched, psrms, read, refused, unwritten, warned


def e1(*pairs: tuple[str, str]) -> bytes:
    return changed("E1.xml", *pairs)


def e2(**changes: Any) -> bytes:
    return patched("E2.json", **changes)


def report(mapping: Mapping, data: bytes) -> Referral:
    value = read(mapping, data)
    assert isinstance(value, Referral)
    return value


def without(value: Referral, *leaves: str) -> Referral:
    tree = canonical(value)
    for leaf in leaves:
        tree["incident"].pop(leaf)
    return Referral.model_validate(tree)


@pytest.mark.parametrize(
    ("words", "stage"),
    [("زير تفتيش", "UNDER_INVESTIGATION"), ("چالان ۵۱۲", "CHALLAN_512"), ("\u200fعدم پتہ", "UNTRACED"),
     ("under trial", "UNDER_TRIAL"), ("اخراج", "CANCELLED"), ("Challan", None)],
)  # fmt: skip
def test_words_for_a_stage_are_compared_folded_and_kept_as_they_came(words: str, stage: str | None) -> None:
    value = report(psrms(), e2(fir_status=words))
    assert value.incident is not None
    assert value.incident.status is not None
    assert (value.incident.status.code, value.incident.status.text) == (stage, words)
    assert json.loads(psrms().write(value).value)["fir_status"] == words


@pytest.mark.parametrize(("word", "kind"), [("S/o", "SO"), ("زوجه", "WO"), ("دختر", "DO"), ("\u200fولد", "SO")])
def test_parentage_words_are_compared_folded(word: str, kind: str) -> None:
    value = report(psrms(), e2(mustaghis={"person_name": "Farzi", "person_father": "Misali", "relation": word}))
    (complainant,) = [p for p in value.persons if "COMPLAINANT" in p.roles]
    assert complainant.parentage is not None
    assert complainant.parentage.kind == kind


def test_numbers_in_urdu_digits_are_numbers() -> None:
    mustaghis = {"person_name": "فرضی", "person_cnic": "۳۹۹۹۹-۰۰۰۰۱۰۲-۲", "person_phone": "۰۳۹۹۰۰۰۰۱۰۲"}
    value = report(
        psrms(), e2(mustaghis=mustaghis, ps_id="۹۹۰۲", distance_km="۱.۵", fir_report_date="۰۲-۰۶-۲۰۲۵ ۰۸:۲۰ PM")
    )
    assert value.incident is not None
    assert value.incident.station is not None
    assert value.incident.place is not None
    assert (value.incident.station.code, value.incident.place.distance_km) == ("9902", 1.5)
    assert value.incident.reported_at == "2025-06-02T15:20:00Z"
    (complainant,) = [p for p in value.persons if "COMPLAINANT" in p.roles]
    assert (complainant.phone, complainant.identifiers[0].value) == ("03990000102", "3999900001022")


def test_a_form_with_one_field_is_read_as_its_json() -> None:
    data = b"payload=" + quote(example("E2.json").decode()).encode()
    assert report(psrms(), data) == report(psrms(), example("E2.json"))
    assert refused(psrms(), b"payload=%7B%22message_type") == {("POL-E01", "")}


@pytest.mark.parametrize(("sent", "found"), [("20:16", set()), ("20:14", {"POL-E05"})])
def test_nothing_is_reported_after_the_report_was_sent(sent: str, found: set[str]) -> None:
    data = e2(sent_at=f"2025-06-02T{sent}:00+05:00", fir_dispatch_date=None)
    assert {code for code, _ in refused(psrms(), data)} == found


def test_a_date_after_the_message_is_refused_in_xml() -> None:
    data = e1(("<MessageDateTime>2025-03-15T21:05", "<MessageDateTime>2025-03-15T19:39"))
    assert refused(fir(), data) == {("POL-E05", "/FIRDocument/Incident[1]/DispatchDateTime[1]")}


@pytest.mark.parametrize(
    ("leaves", "missing"),
    [
        (("officials",), {"incident.officials"}),
        (("offences_text",), {"incident.offences_text"}),
        (("place",), {"incident.place.address"}),
        (("status",), {"incident.status.code"}),
        (("officials", "offences_text", "place", "status"), {
            "incident.officials", "incident.offences_text", "incident.place.address", "incident.status.code"}),
    ],
)  # fmt: skip
def test_a_partial_report_says_what_is_missing(leaves: tuple[str, ...], missing: set[str]) -> None:
    value = without(report(fir(), example("E1.xml")), *leaves)
    assert {code for code, _ in unwritten(fir(), value)} == {"MISSING_REQUIRED"}
    written = fir().write(value, allow_partial=True)
    assert not written.complete
    assert sorted(f.ours for f in written.warnings if f.code == "PARTIAL") == sorted(missing)
    assert b"<FIRDocument" in written.value
    assert psrms().write(value).complete


def test_a_grown_victim_beside_a_child_is_left_unread_and_said_so() -> None:
    grown = (
        '<Person id="p9"><RoleCode>VICTIM</RoleCode><PersonFullName script="Arab">م۔ب</PersonFullName>'
        '<PersonAgeMeasure unit="Y">30</PersonAgeMeasure></Person><Association from="p1"'
    )
    (reading,) = fir().read(e1(('<Association from="p1"', grown)))
    assert isinstance(reading.value, Referral)
    assert len(reading.value.persons) == 3
    assert {"/FIRDocument/Person[5]/RoleCode[1]", "/FIRDocument/Person[5]/PersonAgeMeasure[1]"} <= set(reading.leftover)


def test_a_grown_victim_who_is_the_childs_parent_stays_as_that() -> None:
    grown = '<Person id="p9"><RoleCode>VICTIM</RoleCode><PersonAgeMeasure unit="Y">30</PersonAgeMeasure></Person>'
    tied = f'{grown}<Association from="p9" to="p2" code="PARENT"/><Association from="p1"'
    (reading,) = fir().read(e1(('<Association from="p1"', tied)))
    assert isinstance(reading.value, Referral)
    assert [p.relation for p in reading.value.persons if not p.roles] == ["PARENT"]
    assert reading.leftover == ("/FIRDocument/Person[5]/RoleCode[1]",)


def test_sections_without_a_category_get_the_tables() -> None:
    data = e1(('section="377-B"><CPCategoryCode>SEXUAL</CPCategoryCode></Offense>', 'section="377-B"/>'))
    value = report(fir(), data)
    assert value.incident is not None
    assert value.concern is not None
    assert value.incident.offences[0].categories == ("SEXUAL",)
    assert value.concern.types == ("SEXUAL_VIOLENCE",)


def test_a_slash_before_a_letter_is_read_and_looked_at() -> None:
    assert ("POL-W03", "/secName") in warned(
        psrms(), e2(secName="365/B ت پ", disclosure_authority=[{"code": "COURT_ORDER"}])
    )


def test_a_senders_own_dollar_keys_are_no_marks() -> None:
    planted = {"$state": {"person_address": "x"}, "$offences": [], "$concerns": [{"code": "LABOUR"}]}
    assert report(psrms(), e2(**planted)) == report(psrms(), example("E2.json"))


def test_invisible_marks_at_the_ends_of_a_name_are_left_off_and_said_to_be() -> None:
    """PSRMS takes marks beside ``عرف`` for its own (formats/police.md A7.3): what it would lose is lost openly."""
    alias = next(converter for converter in SHARED if converter.name == "alias")

    assert alias.print("\u200fگڑیا\u200d") == Coarse("گڑیا")
    assert alias.print("گڑیا") == "گڑیا"
    with pytest.raises(Unfit):
        alias.print("\u200d")
