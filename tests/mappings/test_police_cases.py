"""Numbered cases of formats/police.md D that were open, in both syntaxes, and the quirks of A7.

Cases that concern the gateway rather than words are listed in docs/adr (police cases).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mappings.engine import laws
from mappings.engine.mapping import Mapping
from mappings.police.disclosure import view
from mappings.police.report import Offended, Party, Report
from mappings.police.stations import Stations, configured
from mappings.police_fir.codec import FirCodec
from mappings.police_psrms.codec import PsrmsCodec
from mappings.referral import Referral
from mappings.reply import Reply
from mappings.text import match_key
from tests.mappings.police_documents import (
    EXAMPLES,
    changed,
    example,
    fir,
    patched,
    psrms,
    read,
    refused,
)

STATIONS = Stations((EXAMPLES / "stations.csv").read_text("utf-8").splitlines())


def e1(*pairs: tuple[str, str]) -> bytes:
    return changed("E1.xml", *pairs)


def e2(**changes: Any) -> bytes:
    return patched("E2.json", **changes)


def report(mapping: Mapping, data: bytes) -> Referral:
    value = read(mapping, data)
    assert isinstance(value, Referral)
    return value


def test_d1_a_childs_report_of_three_sections_keeps_them_all_and_never_goes_wider_than_t1() -> None:
    order = [{"code": "COURT_ORDER", "date": "01-06-2025"}]
    said = {
        "secName": "376(iii)/377-B/34 ت پ",
        "fir_offence_date": "14-03-2025 04:30 PM",
        "disclosure_authority": order,
    }
    value = report(psrms(), e2(**said))
    assert value.incident is not None
    assert [(o.act, o.section, o.clause, o.categories) for o in value.incident.offences] == [
        ("PPC", "376", "iii", ("SEXUAL",)), ("PPC", "377-B", None, ("SEXUAL",)), ("PPC", "34", None, ("AUX",)),
    ]  # fmt: skip
    assert value.incident.occurred is not None
    assert value.incident.occurred.start == "2025-03-14T11:30:00Z"
    assert json.loads(psrms().write(value).value)["secName"] == said["secName"]
    wider = {code for code, _ in refused(psrms(), e2(**said, tier="T2"))}
    assert wider == {"POL-E07"}


ALIASED = "فرضی احمد عرف کالا ولد فرضی رشید"


def test_d5_alias_and_parentage_in_an_xml_name_are_taken_apart_too() -> None:
    apart = "فرضی اسلم</PersonFullName><PersonAlias>کالا</PersonAlias>"
    data = e1((apart, f"{ALIASED}</PersonFullName>"), ('<Parentage code="SO">فرضی اکرم</Parentage>', ""))
    value = report(fir(), data)
    (accused,) = [p for p in value.persons if p.roles == ("ACCUSED",)]
    assert (accused.name_ur, accused.aliases) == ("فرضی احمد", ("کالا",))
    assert accused.parentage is not None
    assert (accused.parentage.kind, accused.parentage.name) == ("SO", "فرضی رشید")
    assert laws.round_trip(fir(), value) == []


def test_d8_a_fir_after_the_missing_report_names_it_as_related() -> None:
    related = [{"type": "ZARRA", "number": "ZT-TEST-9"}, {"type": "DUPLICATE_OF", "number": "31", "unit": "SD:9902"}]
    value = report(psrms(), e2(related_reports=related))
    assert value.incident is not None
    assert [(r.kind, r.number, r.unit) for r in value.incident.related] == [
        ("ZARRA", "ZT-TEST-9", None), ("DUPLICATE_OF", "31", "SD:9902"),
    ]  # fmt: skip
    assert read(psrms(), psrms().write(value).value) == value


def test_d9_next_of_kin_is_refused_in_json_too() -> None:
    protection = {"urgency": "IMMEDIATE", "caregiver_is_accused": True, "whereabouts": "HOME"}
    data = e2(disclosure_authority=[{"code": "NEXT_OF_KIN"}], child_protection=protection)
    assert refused(psrms(), data) == {("POL-E08", "/disclosure_authority/0")}


D11 = (
    '<Offense act="PPC" section="354" changeCode="DELETED" changeDate="2025-04-02"/>'
    '<Offense act="PPC" section="377-B" changeCode="ADDED" changeDate="2025-04-02"/>'
)


def d11(*pairs: tuple[str, str]) -> bytes:
    """Return E1 as an update of itself: only key, changed sections, an officer and the stage."""
    text = e1(
        ("0f9d1c1e-1111-4a11-8a11-000000000001", "0f9d1c1e-1111-4a11-8a11-0000000000d1"),
        (">FIR<", ">FIR_UPDATE<"),
        ("2025-03-15T21:05:00+05:00", "2025-04-02T21:05:00+05:00"),
        ("<DisclosureTierCode>", "<SupersedesMessageID>0f9d1c1e-1111-4a11-8a11-000000000001</SupersedesMessageID>"
         "<DisclosureTierCode>"),
    ).decode()  # fmt: skip
    text = text[: text.index("<Incident>")] + D11 + text[text.index("<Official role") :]
    text = text[: text.index("<ChildProtection>")] + text[text.index("<CaseStatus") :]
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


def test_d11_an_update_in_xml_is_a_reply_with_what_changed() -> None:
    (reading,) = fir().read(d11())
    value = reading.value
    assert isinstance(value, Reply)
    assert value.changes is not None
    assert value.changes.status is not None
    assert [(o.section, o.change, o.change_date, o.categories) for o in value.changes.offences] == [
        ("354", "DELETED", "2025-04-02", ("SEXUAL",)), ("377-B", "ADDED", "2025-04-02", ("SEXUAL",)),
    ]  # fmt: skip
    assert (value.kind, value.in_reply_to) == ("INFORM", "0f9d1c1e-1111-4a11-8a11-000000000001")
    assert [(r.scheme, r.value) for r in value.references] == [("pk-fir-uid", "PB-9901-2025-123")]
    assert [o.role for o in value.changes.officials] == ["REGISTERING", "INVESTIGATING"]
    assert (value.changes.status.code, value.at) == ("UNDER_INVESTIGATION", "2025-04-02T16:05:00Z")


def test_d11_the_added_section_raises_the_tier() -> None:
    dropped = Offended("PPC", "354", "", ("SEXUAL",), "/1", deleted=True)
    added = Offended("PPC", "377-B", "", ("SEXUAL",), "/2", deleted=False)
    victim = Party("/victim", ("VICTIM",), age=9)
    assert view(Report("", "FIR_UPDATE", "T2", parties=(victim,), offences=(dropped,))).floor == "T3"
    assert view(Report("", "FIR_UPDATE", "T2", parties=(victim,), offences=(dropped, added))).floor == "T1"


def test_d14_the_warning_names_the_section_that_took_its_place() -> None:
    (warning,) = [f for f in fir().validate(e1(('section="377-B"', 'section="292-C"'))) if f.code == "POL-W04"]
    assert "22" in warning.message
    assert "22" in warning.message_ur


def test_d11_an_update_is_written_and_read_back() -> None:
    value = read(fir(), d11())
    written = fir().write(value)
    assert written.document == "fir_update"
    assert read(fir(), written.value) == value
    for law in (laws.round_trip, laws.accounted, laws.valid):
        assert law(fir(), value) == []


def test_d11_an_update_travels_between_both_syntaxes() -> None:
    value = read(fir(), d11())
    there = psrms().write(value)
    assert there.document == "fir_update"
    again = read(psrms(), there.value)
    assert isinstance(again, Reply)
    assert isinstance(value, Reply)
    assert (again.changes and again.changes.offences) == (value.changes and value.changes.offences)
    assert again.references == value.references


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("<SupersedesMessageID>0f9d1c1e-1111-4a11-8a11-000000000001</SupersedesMessageID>", "", "POL-E02",
         "/FIRDocument/Header[1]/SupersedesMessageID"),
        ("<FIRYear>2025<", "<FIRYear>2024<", "POL-E03", "/FIRDocument/Registration[1]/FIRNumber[1]"),
    ],
)  # fmt: skip
def test_d11_a_faulty_update_is_refused(old: str, new: str, code: str, path: str) -> None:
    assert refused(fir(), d11((old, new))) == {(code, path)}


def test_d12_a_cross_version_is_read_and_written_as_a_related_report() -> None:
    cross = '<RelatedReport type="CROSS_VERSION" number="124/25" unit="PB:9901"/></FIRDocument>'
    value = report(fir(), e1(("</FIRDocument>", cross)))
    assert value.incident is not None
    assert [(r.kind, r.number, r.unit) for r in value.incident.related] == [("CROSS_VERSION", "124/25", "PB:9901")]
    assert cross.encode() in fir().write(value).value
    assert json.loads(psrms().write(value).value)["related_reports"][0]["type"] == "CROSS_VERSION"


def test_d15_zero_jurisdiction_is_carried_with_the_transfer() -> None:
    value = report(fir(), e1(
        ("</ActivityLocation>", "<OutsideJurisdictionIndicator>true</OutsideJurisdictionIndicator></ActivityLocation>"),
        ("</FIRDocument>", '<RelatedReport type="TRANSFERRED_FROM" number="9/25" unit="KP:9903"/></FIRDocument>'),
    ))  # fmt: skip
    assert value.incident is not None
    assert value.incident.place is not None
    assert value.incident.station is not None
    assert (value.incident.place.outside_jurisdiction, value.incident.station.province) == (True, "PB")
    assert value.incident.related[0].unit == "KP:9903"
    assert read(fir(), fir().write(value).value) == value
    again = report(psrms(), psrms().write(value).value)
    assert again.incident is not None
    assert again.incident.place is not None
    assert again.incident.place.outside_jurisdiction is True
    assert again.incident.related == value.incident.related


@pytest.mark.parametrize("mapping", [fir(), psrms()], ids=["xml", "json"])
def test_d16_the_same_document_gives_the_same_ids_and_bytes(mapping: Mapping) -> None:
    data = example("E1.xml") if mapping.codec.xml else example("E2.json")
    first, again = mapping.read(data)[0].value, mapping.read(data)[0].value
    assert first == again
    assert mapping.write(first).value == mapping.write(again).value


def test_d16_a_duplicate_receipt_says_that_it_arrived() -> None:
    value = fir().read(changed("E5.xml", ("ACCEPTED_WITH_WARNINGS", "DUPLICATE")))[0].value
    assert isinstance(value, Reply)
    assert value.outcome is not None
    assert (value.kind, value.state, value.outcome.code) == ("RECEIVE", "DELIVERED", "DUPLICATE")


def held_against_stations(mapping: Mapping) -> Mapping:
    codec = FirCodec(STATIONS) if mapping.codec.xml else PsrmsCodec(STATIONS)
    if isinstance(codec, FirCodec):
        codec.roots.update({document.name: "FIRDocument" for document in mapping.documents})
    return replace(mapping, codec=codec)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        ({"fir_ps": "فرضی\u200f آباد"}, set()),
        ({"fir_ps": "فرضی ضلع شرقی"}, {("POL-E04", "/fir_ps")}),
        ({"fir_district": "فرضی ضلع غربی"}, {("POL-E04", "/ps_id")}),
        ({"ps_id": "9909"}, {("POL-E04", "/ps_id")}),
        ({"province": "PB"}, {("POL-E04", "/ps_id")}),
    ],
)
def test_d21_a_station_is_held_against_the_registry(changes: dict[str, Any], found: set[tuple[str, str]]) -> None:
    assert refused(held_against_stations(psrms()), e2(**changes)) == found


def test_d21_a_station_in_xml_is_held_against_the_registry() -> None:
    name = '<EnforcementUnitName lang="ur">فرضی ٹاؤن<'
    within = "/FIRDocument/Registration[1]/EnforcementUnit[1]"
    registered = held_against_stations(fir())
    assert refused(registered, example("E1.xml")) == set()
    wrong = e1((name, name.replace("ٹاؤن", "ضلع")))
    assert refused(registered, wrong) == {("POL-E04", f"{within}/EnforcementUnitName[1]")}
    assert refused(registered, e1(("PB:9901", "PB:9909"))) == {("POL-E04", f"{within}/EnforcementUnitID[1]")}


def test_d21_without_a_registry_nothing_is_said_about_stations() -> None:
    assert configured() is None
    assert refused(psrms(), e2(ps_id="9909")) == set()


ROWS = [{"person_type": "WIT", "person_name": "فرضی ملزم"}, {"person_type": "SUS", "person_name": "فرضی گواہ"},
        {"person_type": "fir", "person_name": "فرضی مدعی"}]  # fmt: skip


def test_d23_a_legacy_role_code_means_what_its_sender_means_by_it() -> None:
    value = report(psrms(), e2(persons=ROWS, mustaghis=None, gawahan=[]))
    names = {p.name_ur: p.roles for p in value.persons}
    assert (names["فرضی ملزم"], names["فرضی گواہ"], names["فرضی مدعی"]) == (
        ("ACCUSED",),
        ("WITNESS",),
        ("COMPLAINANT",),
    )
    assert psrms().read(e2(persons=ROWS, mustaghis=None))[0].leftover == ()


def test_d23_a_role_code_outweighs_the_list_it_stands_in() -> None:
    value = report(psrms(), e2(gawahan=[{"person_type": "WIT", "person_name": "فرضی ملزم"}]))
    assert {p.name_ur: p.roles for p in value.persons}["فرضی ملزم"] == ("ACCUSED",)


@pytest.mark.parametrize("changes", [{"sender": "PB-PSRMS"}, {"persons": [{"person_type": "ACC"}]}, {"persons": [{}]}])
def test_d23_without_a_table_nobodys_role_is_guessed(changes: dict[str, Any]) -> None:
    found = refused(psrms(), e2(**{"persons": ROWS[:1], **changes}))
    assert found == {("POL-E13", "/persons/0/person_type")}


def test_d25_a_name_with_marks_matches_the_clean_one() -> None:
    assert match_key("فرضی\u200f\u00a0گڑيا") == match_key("فرضی گڑیا")
