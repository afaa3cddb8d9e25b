"""The civil registry simulator: two styles, five operations, codes, Faults."""

import pytest
from lxml import etree

from conformance.sandbox.nadra.register import BadDateError, digits, folded, read_date
from conformance.sandbox.nadra.rules import XSD
from tests.sandbox.caller import Caller, new_id
from tests.sandbox.conftest import Start
from tests.sandbox.documents import Call, nadra_call, notification

ZARMINA = "<CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER>"


@pytest.fixture
def nadra(start: Start) -> Caller:
    return start("nadra")


def call(nadra: Caller, operation: str, content: str, transaction: str = "", *, legacy: bool = False) -> Call:
    user = (nadra.user["username"], (nadra.sandbox / nadra.user["password_file"]).read_text())
    return nadra_call(operation, transaction or new_id("nadra"), content, user, legacy=legacy)


def ask(nadra: Caller, operation: str, content: str, transaction: str = "") -> etree._Element:
    answer = nadra.send(call(nadra, operation, content, transaction))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    root = etree.fromstring(answer.content)
    assert XSD.validate(root), XSD.error_log
    return root


def code(root: etree._Element) -> str:
    return root.findtext("RESPONSE_DATA/RESPONSE_STATUS/CODE", "")


def test_a_birth_is_found_by_either_number(nadra: Caller) -> None:
    by_certificate = ask(nadra, "GetBirthRegistration", ZARMINA)
    by_child = ask(nadra, "GetBirthRegistration", "<CHILD_NUMBER>۳۹۹۹۹-۰۰۰۰۰۱۳-۴</CHILD_NUMBER>")
    for root in (by_certificate, by_child):
        assert code(root) == "100"
        assert root.findtext(".//CHILD/CHILD_NUMBER") == "3999900000134"


def test_a_foundling_has_stated_unknown_parents(nadra: Caller) -> None:
    root = ask(nadra, "GetBirthRegistration", "<CRMS_NUMBER>B499902-21-00003</CRMS_NUMBER>")
    assert root.find(".//FATHER").get("status") == "ASSIGNED"
    assert root.find(".//MOTHER").get("status") == "UNKNOWN"


def test_the_legacy_style_lies_about_its_encoding_and_says_the_same(nadra: Caller) -> None:
    transaction = new_id("nadra")
    legacy = nadra.send(call(nadra, "GetBirthRegistration", ZARMINA, transaction, legacy=True))
    plain = nadra.send(call(nadra, "GetBirthRegistration", ZARMINA, transaction))
    assert legacy.headers["content-type"] == "text/xml; charset=utf-8"
    assert b'encoding="utf-16"?&gt;&#xD;\n' in legacy.content
    inner = etree.fromstring(legacy.content).findtext(".//{*}GetBirthRegistrationResult", "")
    said, without = inner.split("?>", 1)[1].strip().replace("\r\n", "\n"), plain.text
    assert said == without
    assert nadra.outcomes() == ["accepted", "duplicate"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("<CHILD_NAME>Hina Namuna</CHILD_NAME><MOTHER_ID>3999900000272</MOTHER_ID>", "B999903-15-00017"),
        ("<CHILD_NAME>حِرا</CHILD_NAME><DISTRICT>Farziabad</DISTRICT>", ""),
        ("<CHILD_NAME>Hira Namuna</CHILD_NAME><FATHER_ID>3999900000261</FATHER_ID>", "B999903-15-00018"),
        ("<CHILD_NAME>Hira Namuna</CHILD_NAME><MOTHER_NAME>Farzi Begum</MOTHER_NAME>", ""),
    ],
)
def test_a_search_tells_twins_apart(nadra: Caller, content: str, found: str) -> None:
    dates = "<DOB_FROM>01-01-2015</DOB_FROM><DOB_TO>31-12-2015</DOB_TO>"
    root = ask(nadra, "SearchBirthRegistration", content + dates)
    assert code(root) == ("100" if found else "901")
    assert root.findtext(".//CRMS_NUMBER", "") == found


@pytest.mark.parametrize(
    ("name", "born", "expected"),
    [
        ("Misali Farzi", "2-11-2016", ("YES", "YES")),
        ("Misaly Farzi", "03-11-2016", ("CLOSE", "CLOSE")),
        ("Somebody Else", "02-11-2015", ("NO", "NO")),
    ],
)
def test_a_verification_answers_field_by_field_and_gives_no_record(
    nadra: Caller, name: str, born: str, expected: tuple[str, str]
) -> None:
    content = f"<CHILD_NUMBER>3999900003033</CHILD_NUMBER><CHILD_NAME>{name}</CHILD_NAME>"
    root = ask(nadra, "VerifyChildRegistration", f"{content}<DATE_OF_BIRTH>{born}</DATE_OF_BIRTH>")
    assert (root.findtext(".//MATCH/CHILD_NAME"), root.findtext(".//MATCH/DATE_OF_BIRTH")) == expected
    assert root.find(".//BIRTH_REGISTRATION") is None


def test_a_notification_gets_a_number_that_can_be_replayed(nadra: Caller) -> None:
    transaction = new_id("nadra")
    first = ask(nadra, "SubmitBirthNotification", notification("Misali Farzi"), transaction)
    replay = ask(nadra, "GetLastResult", "", transaction)
    assert first.findtext(".//NOTIFICATION_NUMBER", "").startswith("BN-9999")
    assert etree.tostring(first) == etree.tostring(replay)
    assert code(ask(nadra, "GetLastResult", "")) == "151"
    assert [one["operation"] for one in nadra.received()["effects"]] == ["SubmitBirthNotification"]


@pytest.mark.parametrize(
    ("operation", "content", "expected"),
    [
        ("GetBirthRegistration", "<CRMS_NUMBER>B999999-16-00001</CRMS_NUMBER>", "901"),
        ("GetBirthRegistration", "<CRMS_NUMBER>B999903-14-00009</CRMS_NUMBER>", "903"),
        ("GetBirthRegistration", "<CHILD_NUMBER>399990000013</CHILD_NUMBER>", "107"),
        ("GetBirthRegistration", "<CHILD_NUMBER>0999900000134</CHILD_NUMBER>", "107"),
        ("GetBirthRegistration", "", "910"),
        ("GetBirthRegistration", ZARMINA + "<CANARY>x</CANARY>", "910"),
        ("GetBirthRegistration", ZARMINA + ZARMINA, "910"),
        ("SubmitBirthNotification", notification("A").replace("02-11-2016", "31-2-2016"), "906"),
        ("SubmitBirthNotification", notification("A").replace("3999900003011", "CANARY"), "107"),
        ("SubmitBirthNotification", notification("A").replace("NOTIFIED", "REGISTERED"), "910"),
        ("SubmitBirthNotification", notification("A").replace('<MOTHER status="UNKNOWN"/>', ""), "910"),
        ("SubmitBirthNotification", notification("A" * 121), "910"),
        ("SubmitBirthNotification", notification("A").replace("<GENDER>MALE</GENDER>", ""), "910"),
    ],
)
def test_a_bad_request_has_its_code_and_no_effect(nadra: Caller, operation: str, content: str, expected: str) -> None:
    answer = nadra.send(call(nadra, operation, content))
    assert code(etree.fromstring(answer.content)) == expected
    assert "CANARY" not in answer.text
    assert nadra.received()["effects"] == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<PASSWORD>", "<PASSWORD>not-", "106"),
        ("<USERNAME>gateway_test</USERNAME>", "", "106"),
        ("<AREA_NAME>punjab</AREA_NAME>", "<AREA_NAME>atlantis</AREA_NAME>", "184"),
        ("<PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE>", "", "904"),
        ("<LEGAL_BASIS>TEST-ORDER-0001</LEGAL_BASIS>", "", "904"),
        ("<TRANSACTION_ID>9901", "<TRANSACTION_ID>", "115"),
    ],
)
def test_what_every_request_must_hold(nadra: Caller, old: str, new: str, expected: str) -> None:
    good = call(nadra, "GetBirthRegistration", ZARMINA)
    answer = nadra.send(good.with_body(good.body.replace(old.encode(), new.encode())))
    assert code(etree.fromstring(answer.content)) == expected


def test_a_planned_business_code_is_given_once(nadra: Caller) -> None:
    nadra.fail("code:300")
    assert code(ask(nadra, "GetBirthRegistration", ZARMINA)) == "300"
    assert code(ask(nadra, "GetBirthRegistration", ZARMINA)) == "100"
    assert nadra.outcomes() == ["fault:code:300", "accepted"]


@pytest.mark.parametrize("legacy", [True, False])
def test_a_document_type_declaration_is_a_fault(nadra: Caller, legacy: bool) -> None:
    good = call(nadra, "GetBirthRegistration", ZARMINA, legacy=legacy)
    bomb = b'<!DOCTYPE x [<!ENTITY a "CANARY">]><CIVIL_REGISTRATION>'
    answer = nadra.send(good.with_body(good.body.replace(b"<CIVIL_REGISTRATION>", bomb)))
    assert answer.status_code == 500
    assert etree.fromstring(answer.content).findtext(".//faultcode") == "soap:Client"
    assert "CANARY" not in answer.text


def test_what_is_broken_outside_is_a_fault_and_inside_a_code(nadra: Caller) -> None:
    good = call(nadra, "GetBirthRegistration", ZARMINA, legacy=True)
    outside = nadra.send(good.with_body(good.body[:-5]))
    unknown = nadra.send(good.with_headers(SOAPAction='"urn:raabta:nadra-crms:1/DeleteEverything"'))
    inside = nadra.send(good.with_body(good.body.replace(b"</CIVIL_REGISTRATION>", b"")))
    assert [one.status_code for one in (outside, unknown, inside)] == [500, 500, 200]
    assert "&lt;CODE&gt;910&lt;" in inside.text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7-3-2016", (2016, 3, 7)),
        ("07/03/2016", (2016, 3, 7)),
        ("07.03.2016", (2016, 3, 7)),
        ("2016-03-07", (2016, 3, 7)),
        ("۷-۳-۲۰۱۶", (2016, 3, 7)),
        ("3-2016", (2016, 3, None)),
        ("2016", (2016, None, None)),
    ],
)
def test_dates_are_read_as_the_registry_writes_them(text: str, value: tuple[int, int | None, int | None]) -> None:
    assert read_date(text) == value


@pytest.mark.parametrize("text", ["13-13-2016", "31-2-2016", "0-0-2016", "", "16", "a-b-2016", "1-2-3-2016"])
def test_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(BadDateError):
        read_date(text)


def test_folding_joins_spellings_and_keeps_names_apart() -> None:
    assert folded("علي") == folded("علی")
    assert folded("\u202bعلی\u202c") == folded("علی")
    assert folded("آمنہ") != folded("امنہ")
    assert folded("تھا") != folded("تہا")
    assert digits("۳۹۹۹۹-۰۰۰۰۰۱۳ ۴") == "3999900000134"
