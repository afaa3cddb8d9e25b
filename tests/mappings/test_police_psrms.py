"""Police JSON, both ways: examples E2, E4, envelopes, and the cases of section D that concern the common path."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.engine import laws
from mappings.engine.mapping import canonical
from mappings.referral import Referral
from mappings.reply import Reply
from tests.mappings.police_documents import SANDBOX, example, fir, patched, psrms, read, refused, unwritten, warned


def report(data: bytes) -> Referral:
    value = read(psrms(), data)
    assert isinstance(value, Referral)
    return value


def e2(**changes: Any) -> bytes:
    return patched("E2.json", **changes)


def test_e2_reads_as_a_referral_for_the_missing_girl() -> None:
    value = report(example("E2.json"))
    assert value.incident is not None
    assert value.incident.station is not None
    assert value.incident.missing is not None
    assert value.concern is not None
    assert (value.child.name_ur, value.child.sex, value.child.roles) == ("فرضی گڑیا", "FEMALE", ("MISSING",))
    assert (value.incident.number, value.incident.serial, value.incident.year) == ("87/25", 87, 2025)
    assert value.incident.registered_under == "CRPC_154"
    assert (value.incident.station.code, value.incident.station.province) == ("9902", "SD")
    assert value.incident.reported_at == "2025-06-02T15:20:00Z"
    assert value.incident.diary[0].entry_time == "20:05"
    assert value.incident.missing.zarra_ref == "ZT-TEST-9"
    assert value.concern.types == ("MISSING_CHILD",)
    assert [p.roles for p in value.persons] == [("COMPLAINANT",), ("ACCUSED_UNKNOWN",), ("WITNESS",)]


def test_e2_is_read_whole_without_a_warning() -> None:
    (reading,) = psrms().read(example("E2.json"))
    assert (reading.leftover, reading.warnings) == ((), ())


def test_e2_is_written_and_read_back_without_loss() -> None:
    value = report(example("E2.json"))
    assert read(psrms(), psrms().write(value).value) == value
    for law in (laws.round_trip, laws.accounted, laws.valid):
        assert law(psrms(), value) == []


def test_e2_becomes_xml_once_intake_has_dated_it() -> None:
    value = report(example("E2.json"))
    assert unwritten(fir(), value) == {("MISSING_REQUIRED", "received_at")}
    dated = value.model_copy(update={"received_at": "2025-06-02T16:40:00Z"})
    again = read(fir(), fir().write(dated).value)
    assert isinstance(again, Referral)
    assert again.incident is not None
    assert (again.incident.number, again.incident.registered_under) == ("87/25", "CRPC_154")
    assert again.incident.offences[0].section == "363"


def test_e4_reads_as_a_reply_with_what_changed() -> None:
    value = read(psrms(), example("E4.json"))
    assert isinstance(value, Reply)
    assert value.changes is not None
    assert value.changes.status is not None
    assert value.outcome is not None
    (offence,) = value.changes.offences
    assert (offence.section, offence.change, offence.change_date) == ("377-B", "ADDED", "2025-06-05")
    assert offence.categories == ("SEXUAL",)
    assert (value.changes.status.code, value.changes.status.text) == ("CHALLAN_INTERIM", "نامکمل چالان")
    assert (value.kind, value.in_reply_to) == ("INFORM", "0f9d1c1e-2222-4a11-8a11-000000000002")
    assert value.outcome.child_outcome == "RECOVERED"


def test_e4_says_what_it_could_not_read() -> None:
    (reading,) = psrms().read(example("E4.json"))
    assert set(reading.leftover) == {
        f"/accused/0/{key}" for key in ("role", "person_name", "person_cnic", "age", "cicl")
    }


def test_e4_is_written_and_read_back() -> None:
    value = read(psrms(), example("E4.json"))
    assert read(psrms(), psrms().write(value).value) == value


def test_e4_becomes_an_xml_status_update_once_it_is_dated() -> None:
    value = read(psrms(), example("E4.json"))
    assert unwritten(fir(), value) == {("MISSING_REQUIRED", "at")}
    again = read(fir(), fir().write(value.model_copy(update={"at": "2025-06-16T05:00:00Z"})).value)
    assert isinstance(again, Reply)
    assert again.changes is not None
    assert again.changes.offences[0].change == "ADDED"


def test_d2_the_printed_number_is_kept_in_its_own_digits() -> None:
    data = e2(fir_no="۸۷/۲۵", fir_year=None, secName="۳۶۳ ت پ")
    assert refused(psrms(), data) == {("POL-E02", "/fir_year")}
    value = report(e2(fir_no="۸۷/۲۵", secName="۳۶۳ ت پ"))
    assert value.incident is not None
    assert (value.incident.number, value.incident.serial, value.incident.year) == ("۸۷/۲۵", 87, 2025)
    written = json.loads(psrms().write(value).value)
    assert (written["fir_no"], written["fir_year"]) == ("۸۷", "۲۵")
    assert report(psrms().write(value).value).incident == value.incident


def test_d5_alias_and_parentage_in_the_name_field() -> None:
    value = report(e2(mustaghis={"person_name": "فرضی احمد عرف کالا ولد فرضی رشید"}))
    (complainant,) = [p for p in value.persons if "COMPLAINANT" in p.roles]
    assert (complainant.name_ur, complainant.aliases, complainant.identifiers) == ("فرضی احمد", ("کالا",), ())
    assert complainant.parentage is not None
    assert (complainant.parentage.kind, complainant.parentage.name) == ("SO", "فرضی رشید")
    assert "عرف کالا" in json.loads(psrms().write(value).value)["mustaghis"]["person_name"]


def victim(**keys: Any) -> dict[str, Any]:
    return {"mutasra_ashkhas": [{"role": "VICTIM", **keys}]}


def test_d6_an_estimated_age_near_a_threshold_is_a_child_and_warned_of() -> None:
    data = e2(**victim(age="تقریباً 16/17 سال"))
    assert ("POL-W02", "/mutasra_ashkhas/0/age") in warned(psrms(), data)
    age = report(data).child.age
    assert age is not None
    assert (age.value, age.estimated, age.text) == (16.5, True, "تقریباً 16/17 سال")


def test_d10_an_accused_child_is_a_second_referral() -> None:
    data = e2(namzad_mulziman=[{"person_name": "فرضی", "age": "15 سال", "cicl": True}], disclosure_authority=[
        {"code": "COURT_ORDER", "date": "01-06-2025"}])  # fmt: skip
    victim_value, accused = (t.value for t in psrms().read(data))
    assert isinstance(victim_value, Referral)
    assert isinstance(accused, Referral)
    assert accused.child.roles == ("IN_CONFLICT_WITH_LAW",)
    assert accused.concern is not None
    assert accused.concern.types == ("CONFLICT_WITH_LAW",)
    assert (accused.links[0].kind, accused.links[0].ref) == ("SAME_INCIDENT", victim_value.message_id)
    written = json.loads(psrms().write(accused).value)
    assert written["namzad_mulziman"][0]["cicl"] is True
    assert read(psrms(), psrms().write(accused).value) == accused.model_copy(update={"links": ()})


def test_d22_legacy_answers_are_empty_results_and_html_is_no_data() -> None:
    value = read(psrms(), b'\xef\xbb\xbf{"status":false,"message":"No record found"}')
    assert value == Reply()
    assert refused(psrms(), b"<html>FIR not found</html>") == {("POL-E16", "")}


def test_d24_the_state_complains_without_personal_data() -> None:
    value = report(e2(mustaghis={"person_name": "سرکار بذریعہ پولیس"}))
    assert ("STATE",) in [p.roles for p in value.persons]
    assert read(psrms(), psrms().write(value).value) == value


def test_d25_bidi_marks_in_a_name_are_kept() -> None:
    value = report(e2(**victim(person_name="فرضی\u200f\u00a0گڑیا", age=7)))
    assert value.child.name_ur == "فرضی\u200f\u00a0گڑیا"


def test_a_byte_order_mark_and_blank_fields_are_tolerated() -> None:
    data = b"\xef\xbb\xbf" + e2(e_tag="", narrative=" ", gawahan=[])
    value = report(data)
    assert value.incident is not None
    assert (value.incident.e_tag, value.incident.narrative) == (None, None)


@pytest.mark.parametrize("key", ["ps_id", "ps_tbl_id"])
@pytest.mark.parametrize("number", ["9902", 9902])
def test_station_numbers_have_two_names_and_two_types(key: str, number: object) -> None:
    value = report(e2(**{"ps_id": None, key: number}))
    assert value.incident is not None
    assert value.incident.station is not None
    assert value.incident.station.code == "9902"


def test_a_section_text_without_an_act_is_warned_of() -> None:
    assert ("POL-W03", "/secName") in warned(psrms(), e2(secName="363"))
    value = report(e2(secName=None, sections="363 ت پ"))
    assert value.incident is not None
    assert value.incident.offences_text == "363 ت پ"


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"fir_no": "8x"}, "POL-E03", "/fir_no"),
        ({"fir_report_date": "31-02-2025 08:20 PM"}, "POL-E05", "/fir_report_date"),
        ({"fir_report_date": "01-06-2025 08:20 PM"}, "POL-E05", "/fir_report_date"),
        ({"fir_dispatch_date": "02-06-2025 07:40 PM"}, "POL-E05", "/fir_dispatch_date"),
        ({"fir_offence_date": "31-02-2025 05:00 PM"}, "POL-E05", "/fir_offence_date"),
        ({"mustaghis": {"person_cnic": "39999-000123-1"}}, "POL-E06", "/mustaghis/person_cnic"),
        ({"message_type": "NC_REPORT"}, "POL-E12", "/fir_no"),
        ({"mutasra_ashkhas": [{"role": "BYSTANDER"}]}, "POL-E13", "/mutasra_ashkhas/0/role"),
        ({"secName": None}, "POL-E02", "/secName"),
        ({"mutasra_ashkhas": []}, "POL-E02", "/mutasra_ashkhas"),
        ({"secName": "376 ت پ"}, "POL-E07", "/mutasra_ashkhas/0/person_name"),
    ],
)
def test_faults_are_found_at_their_place(changes: dict[str, Any], code: str, path: str) -> None:
    assert (code, path) in refused(psrms(), e2(**changes))


@pytest.mark.parametrize("data", [b'{"message_type":"FIR"', b'{"a":1,"a":2}', b"\xff{}"])
def test_broken_json_is_refused(data: bytes) -> None:
    assert refused(psrms(), data) == {("POL-E01", "")}


@pytest.mark.parametrize("data", [b"[]", b"{}", b'"FIR"', b'{"message_type":["FIR"]}'])
def test_other_json_is_refused_without_a_crash(data: bytes) -> None:
    assert refused(psrms(), data)


def test_the_envelope_of_a_receipt_is_a_reply() -> None:
    body = {"status": True, "code": "OK", "message": "received", "data": {
        "e_tag": "FT-21/11/2026-0001", "receipt": {
            "ReceiptID": "rcp-000001", "RefMessageID": "0f9d1c1e-1111-4a11-8a11-0000000000aa",
            "ResultCode": "ACCEPTED", "ReceivedDateTime": "2026-11-21T10:00:00+05:00"}}}  # fmt: skip
    value = read(psrms(), json.dumps(body).encode())
    assert isinstance(value, Reply)
    assert (value.kind, value.state, value.in_reply_to) == (
        "RECEIVE", "DELIVERED", "0f9d1c1e-1111-4a11-8a11-0000000000aa",
    )  # fmt: skip
    assert [(r.scheme, r.value) for r in value.references] == [("pk-etag", "FT-21/11/2026-0001")]


def test_a_refusal_keeps_its_code() -> None:
    value = read(psrms(), b'{"status":false,"code":"POL-E02","message":"x","data":null}')
    assert isinstance(value, Reply)
    assert value.outcome is not None
    assert value.outcome.code == "POL-E02"


def test_the_simulators_sample_is_read() -> None:
    assert report((SANDBOX / "samples" / "psrms-missing-girl.json").read_bytes()).child.name_ur == "فرضی گڑیا"


def test_offences_without_the_sources_text_are_written_as_sections() -> None:
    tree = canonical(report(example("E2.json")))
    del tree["incident"]["offences_text"]
    assert json.loads(psrms().write(Referral.model_validate(tree)).value)["secName"] == "363 ت پ"
