"""Police XML, both ways: examples E1, E3, E5 and the cases of section D that concern the common path."""

from __future__ import annotations

import re

import pytest

from mappings.engine import laws
from mappings.engine.mapping import canonical
from mappings.police.series import message_id_of
from mappings.referral import Referral
from mappings.reply import Reply
from tests.mappings.police_documents import SANDBOX, changed, example, fir, psrms, read, refused, unwritten, warned

CHILD = '<Person id="p2"><RoleCode>VICTIM</RoleCode>'


def e1(*pairs: tuple[str, str]) -> bytes:
    return changed("E1.xml", *pairs)


def report(data: bytes) -> Referral:
    value = read(fir(), data)
    assert isinstance(value, Referral)
    return value


def test_e1_reads_as_a_referral_for_the_victim() -> None:
    value = report(example("E1.xml"))
    assert value.incident is not None
    assert value.concern is not None
    assert (value.child.name_ur, value.child.roles, value.child.whereabouts) == ("م۔ف", ("VICTIM",), "HOSPITAL")
    assert (value.incident.number, value.incident.serial, value.incident.year) == ("123/25", 123, 2025)
    assert value.incident.station is not None
    assert value.incident.station.code == "9901"
    assert value.concern.types == ("SEXUAL_VIOLENCE",)
    assert value.concern.verification == "SUSPECTED"
    assert [(p.relation, p.roles) for p in value.persons] == [
        ("PARENT", ("COMPLAINANT", "GUARDIAN")), ("NEIGHBOUR", ("ACCUSED",)), (None, ("ACCUSED_UNKNOWN",)),
    ]  # fmt: skip
    assert all(p.alleged_perpetrator is None for p in value.persons)


def test_e1_is_read_without_a_leftover_and_warns_of_the_delay() -> None:
    (reading,) = fir().read(example("E1.xml"))
    assert reading.leftover == ()
    assert warned(fir(), example("E1.xml")) == {("POL-W05", "/FIRDocument/Incident[1]/ReportDelay[1]")}


@pytest.mark.parametrize("name", ["E1.xml", "E3.xml"])
def test_examples_are_written_and_read_back_without_loss(name: str) -> None:
    value = report(example(name))
    assert read(fir(), fir().write(value).value) == value
    for law in (laws.round_trip, laws.accounted, laws.valid):
        assert law(fir(), value) == []


def test_e3_is_a_non_cognizable_report_without_a_number() -> None:
    value = report(example("E3.xml"))
    assert value.incident is not None
    assert (value.incident.document, value.incident.number, value.incident.registered_under) == (
        "NC_REPORT", None, "CRPC_155",
    )  # fmt: skip
    assert value.incident.offences[0].clause == "i"


def test_e5_reads_as_one_reply_for_each_receipt() -> None:
    first, second = (t.value for t in fir().read(example("E5.xml")))
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert (first.kind, first.state, first.in_reply_to) == (
        "RECEIVE", "DELIVERED", "0f9d1c1e-1111-4a11-8a11-000000000001",
    )  # fmt: skip
    assert [(r.scheme, r.value) for r in first.references] == [("pk-fir-uid", "PB-9901-2025-123")]
    assert (second.kind, second.state) == ("REJECT", "REJECTED")


def test_the_e_tag_of_a_receipt_becomes_a_reference() -> None:
    data = changed("E5.xml", ("<FIRUid>PB-9901-2025-123</FIRUid>", "<ETagID>FT-21/11/2026-0001</ETagID>"))
    value = fir().read(data)[0].value
    assert isinstance(value, Reply)
    assert [(r.scheme, r.value) for r in value.references] == [("pk-etag", "FT-21/11/2026-0001")]


@pytest.mark.parametrize("name", ["fir-9-year-old.xml", "missing-child.xml"])
def test_the_simulators_samples_are_read_and_written_back(name: str) -> None:
    value = report((SANDBOX / "samples" / name).read_bytes())
    assert read(fir(), fir().write(value).value) == value


def test_d4_unknown_accused_are_counted_and_get_no_name() -> None:
    value = report(e1(("<CountQuantity>1</CountQuantity>", "<CountQuantity>3</CountQuantity>")))
    (unknown,) = [p for p in value.persons if p.roles == ("ACCUSED_UNKNOWN",)]
    assert (unknown.count, unknown.name, unknown.name_ur) == (3, None, None)


def test_d7_an_unknown_occurrence_is_warned_of_and_no_delay_is_computed() -> None:
    data = e1(('start="2025-03-14T16:30:00+05:00" precision="EXACT" raw="14-03-2025 04:30 PM"',
               'precision="UNKNOWN" raw="چند ماہ قبل"'))  # fmt: skip
    assert warned(fir(), data) == {("POL-W01", "/FIRDocument/Incident[1]/ActivityDate[1]")}


def test_d9_next_of_kin_cannot_disclose_while_a_caregiver_is_accused() -> None:
    data = e1(
        ('code="IO_GOOD_FAITH"', 'code="NEXT_OF_KIN"'),
        ("<CaregiverIsAccusedIndicator>false", "<CaregiverIsAccusedIndicator>true"),
    )
    assert refused(fir(), data) == {("POL-E08", "/FIRDocument/Header[1]/DisclosureAuthority[1]")}


def two_children(second: str) -> bytes:
    extra = f'<Person id="p9">{second}</Person><Association from="p1" to="p2" code="PARENT"/>'
    return e1(('<Association from="p1" to="p2" code="PARENT"/>', extra))


def test_d10_two_victims_and_an_accused_child_are_linked_referrals() -> None:
    data = e1((
        '<Person id="p4">',
        '<Person id="p5"><RoleCode>VICTIM</RoleCode><PersonAgeMeasure unit="Y">6</PersonAgeMeasure></Person>'
        '<Person id="p6"><RoleCode>ACCUSED_NAMED</RoleCode><PersonAgeMeasure unit="Y">15</PersonAgeMeasure></Person>'
        '<Person id="p4">',
    ))  # fmt: skip
    values = [t.value for t in fir().read(data)]
    assert all(isinstance(v, Referral) for v in values)
    nine, six, accused = (v for v in values if isinstance(v, Referral))
    ids = [message_id_of("0f9d1c1e-1111-4a11-8a11-000000000001", n) for n in range(3)]
    assert [nine.message_id, six.message_id, accused.message_id] == ids
    assert {(link.kind, link.ref) for link in nine.links} == {("SAME_INCIDENT", ids[1]), ("SAME_INCIDENT", ids[2])}
    assert accused.child.roles == ("IN_CONFLICT_WITH_LAW",)
    assert accused.concern is not None
    assert accused.concern.types == ("CONFLICT_WITH_LAW",)
    assert six.concern is not None
    assert six.concern.types == ("SEXUAL_VIOLENCE",)
    assert all(len(v.persons) == 3 for v in (nine, six, accused))
    assert six.persons[0].relation is None


def test_children_of_one_named_parent_are_siblings() -> None:
    data = two_children("<RoleCode>VICTIM</RoleCode>").replace(
        b'<Association from="p3"', b'<Association from="p1" to="p9" code="PARENT"/><Association from="p3"'
    )
    values = [t.value for t in fir().read(data)]
    assert [v.links[0].kind for v in values if isinstance(v, Referral)] == ["SIBLING", "SIBLING"]


def test_an_adult_victim_is_no_child() -> None:
    data = e1(('raw="9 سال">9<', 'raw="30 سال">30<'))
    assert refused(fir(), data) == {("POL-E02", "/FIRDocument/Person")}


def test_d13_a_cancelled_case_is_read_with_a_warning() -> None:
    data = e1(('code="UNDER_INVESTIGATION"', 'code="CANCELLED"'))
    assert ("POL-W07", "/FIRDocument/CaseStatus[1]") in warned(fir(), data)


def test_d14_a_section_out_of_force_is_warned_of() -> None:
    data = e1(('section="377-B"', 'section="292-C"'))
    assert ("POL-W04", "/FIRDocument/Offense[1]") in warned(fir(), data)


def test_an_unmapped_section_names_no_concern_and_is_warned_of() -> None:
    data = e1(('section="377-B"><CPCategoryCode>SEXUAL', 'section="999"><CPCategoryCode>UNMAPPED'))
    assert ("POL-W03", "/FIRDocument/Offense[1]") in warned(fir(), data)
    value = report(data)
    assert value.concern is not None
    assert value.concern.types == ()


@pytest.mark.parametrize("tier", ["T2", "T3"])
def test_d17_a_protected_identity_in_clear_is_refused_without_repeating_it(tier: str) -> None:
    data = e1(
        ("<DisclosureTierCode>T1<", f"<DisclosureTierCode>{tier}<"),
        ('<PersonFullName script="Arab">م۔ف</PersonFullName>', '<PersonFullName script="Latn">Misali</PersonFullName>'),
    )
    found = refused(fir(), data)
    assert ("POL-E07", "/FIRDocument/Person[2]/PersonFullName[1]") in found
    assert {code for code, _ in found} == {"POL-E07"}
    assert "Misali" not in "".join(f.message + f.path for f in fir().validate(data))


def test_at_t1_a_protected_name_needs_an_authority() -> None:
    name = (
        '<PersonFullName script="Arab">م۔ف</PersonFullName>',
        '<PersonFullName script="Latn">Misali</PersonFullName>',
    )
    authority = '<DisclosureAuthority code="IO_GOOD_FAITH" ref="IO/TEST/17" date="2025-03-15"/>'
    assert refused(fir(), e1(name)) == set()
    assert refused(fir(), e1(name, (authority, ""))) == {("POL-E07", "/FIRDocument/Person[2]/PersonFullName[1]")}


def test_d18_a_document_type_declaration_is_refused() -> None:
    assert refused(fir(), b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + example("E1.xml")) == {
        ("POL-E01", "")
    }
    assert refused(fir(), b"<FIRDocument") == {("POL-E01", "")}


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (">2025-03-15T19:10:00+05:00<", ">2025-02-31T19:10:00+05:00<", "ActivityReportedDateTime[1]"),
        (">2025-03-15T19:10:00+05:00<", ">2025-03-13T19:10:00+05:00<", "ActivityReportedDateTime[1]"),
        (">2025-03-15T19:45:00+05:00<", ">2025-03-15T19:00:00+05:00<", "DispatchDateTime[1]"),
    ],
)
def test_d19_impossible_dates_and_orders_are_refused(old: str, new: str, path: str) -> None:
    assert refused(fir(), e1((old, new))) == {("POL-E05", f"/FIRDocument/Incident[1]/{path}")}


def test_d20_a_non_cognizable_report_has_no_number() -> None:
    number = "<FIRNumber>8/25</FIRNumber><FIRSerialNumber>8</FIRSerialNumber><FIRYear>2025</FIRYear>"
    data = changed("E3.xml", ("<Registration>", f"<Registration>{number}"))
    assert refused(fir(), data) == {("POL-E12", "/FIRDocument/Registration[1]/FIRNumber[1]")}


def test_d21_an_identity_number_of_twelve_digits_is_refused() -> None:
    data = e1(("<ArrestStatusCode>", "<ArrestStatusCode>"), (
        '<Parentage code="SO">فرضی اکرم</Parentage>',
        '<Parentage code="SO">فرضی اکرم</Parentage><PersonNationalID type="CNIC">39999-000123-1</PersonNationalID>',
    ))  # fmt: skip
    assert refused(fir(), data) == {("POL-E06", "/FIRDocument/Person[3]/PersonNationalID[1]")}


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("<FIRYear>2025</FIRYear>", "<FIRYear>2024</FIRYear>", "POL-E03", "/FIRDocument/Registration[1]/FIRNumber[1]"),
        ("123/25<", "12325<", "POL-E03", "/FIRDocument/Registration[1]/FIRNumber[1]"),
        ("<OffensesRawText>377-B/34 ت پ</OffensesRawText>", "", "POL-E02", "/FIRDocument/OffensesRawText"),
        ("<UrgencyCode>IMMEDIATE</UrgencyCode>", "", "POL-E02", "/FIRDocument/ChildProtection[1]/UrgencyCode"),
        ("<RoleCode>GUARDIAN<", "<RoleCode>UNCLE<", "POL-E13", "/FIRDocument/Person[1]/RoleCode[2]"),
    ],
)
def test_faults_are_found_at_their_place(old: str, new: str, code: str, path: str) -> None:
    assert refused(fir(), e1((old, new))) == {(code, path)}


def test_a_missing_child_needs_a_last_seen_time_or_a_description() -> None:
    text = (SANDBOX / "samples" / "missing-child.xml").read_text("utf-8")
    text = text.replace('lastSeenDateTime="2026-05-04T08:00:00+05:00" ', "")
    start, end = text.index("<PersonDescriptionText>"), text.index("</PersonDescriptionText>")
    assert refused(fir(), text.encode()) == set()
    text = text[:start] + text[end + len("</PersonDescriptionText>") :]
    assert refused(fir(), text.encode()) == {("POL-E17", "/FIRDocument")}


def test_d8_an_alert_after_two_hours_is_warned_of() -> None:
    text = (SANDBOX / "samples" / "missing-child.xml").read_text("utf-8")
    late = text.replace('zarraNotifiedDateTime="2026-05-04T13:45', 'zarraNotifiedDateTime="2026-05-04T18:45')
    assert "POL-W06" not in {code for code, _ in warned(fir(), text.encode())}
    assert "POL-W06" in {code for code, _ in warned(fir(), late.encode())}


def test_a_report_out_of_order_is_not_written() -> None:
    value = report(example("E1.xml"))
    tree = canonical(value)
    tree["incident"]["reported_at"] = "2025-03-01T00:00:00Z"
    assert unwritten(fir(), Referral.model_validate(tree)) == {("POL-E05", "")}


def test_a_source_without_a_date_is_dated_by_intake_or_refused() -> None:
    value = report(example("E1.xml")).model_copy(update={"authored_at": None})
    assert unwritten(fir(), value) == {("MISSING_REQUIRED", "received_at")}
    dated = value.model_copy(update={"received_at": "2025-03-15T16:06:00Z"})
    assert b"<MessageDateTime>2025-03-15T21:06:00+05:00" in fir().write(dated).value


def test_e1_goes_to_psrms_and_back_with_what_psrms_holds() -> None:
    value = report(example("E1.xml"))
    back = psrms().read(psrms().write(value).value)[0].value
    again = report(fir().write(back).value)
    assert again.incident is not None
    assert value.incident is not None
    for leaf in ("number", "tier", "reported_at", "offences", "offences_text", "narrative", "status", "disclosures"):
        assert getattr(again.incident, leaf) == getattr(value.incident, leaf), leaf
    assert again.child.name_ur == value.child.name_ur
    assert again.persons[1].aliases == ("کالا",)
    assert again.priority == value.priority


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("FIRNumber", "Registration[1]/FIRNumber"),
        ("FIRSerialNumber", "Registration[1]/FIRSerialNumber"),
        ("RegisteredUnderCode", "Registration[1]/RegisteredUnderCode"),
    ],
)
def test_what_is_left_out_is_named_where_several_elements_could_have_stood(name: str, path: str) -> None:
    without = re.sub(rf"\s*<{name}>[^<]*</{name}>".encode(), b"", e1())
    assert without != e1()
    assert refused(fir(), without) == {("POL-E02", f"/FIRDocument/{path}")}


def test_what_stands_twice_is_not_taken_for_something_left_out() -> None:
    twice = e1(("<FIRYear>", "<FIRYear>2025</FIRYear><FIRYear>"))
    assert refused(fir(), twice) == {("UNKNOWN_FIELD", "/FIRDocument/Registration[1]/FIRYear[2]")}
