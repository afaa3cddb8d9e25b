"""The general rules of R4, one by one: what breaks each, and what only looks as if it did."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mappings.fhir_r4_documents import UNKNOWN, URL, narrative, patient, said, said_of


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"resourceType":"Patient","id":"a","id":"b"}', "DUPLICATE_KEY"),
        (b'{"resourceType":"Patient",}', "MALFORMED"),
        (b'{"resourceType":"Patient" /* no */}', "MALFORMED"),
        (b'{"resourceType":"Patient" "id":"a"}', "MALFORMED"),
        (b"{'resourceType':'Patient'}", "MALFORMED"),
        (b'{"resourceType":"Patient","name":[{"given":["A"]]}', "MALFORMED"),
        (b"[]", "FHIR_EMPTY"),
        (b"7", "WRONG_TYPE"),
        (b"{}", "FHIR_EMPTY"),
        (b'{"id":"a"}', "MISSING_REQUIRED"),
        (b'{"resourceType":"patient"}', "FHIR_NO_SUCH_TYPE"),
        (b'{"resourceType":"Resource"}', "FHIR_NO_SUCH_TYPE"),
        (b'{"resourceType":["Patient"]}', "FHIR_NO_SUCH_TYPE"),
        (b'{"resourceType":"ReferralRequest"}', "FHIR_NO_SUCH_TYPE"),
    ],
)
def test_what_is_no_resource_is_refused(data: bytes, code: str) -> None:
    assert code in [found for found, _ in said_of(data)]


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"shoeSize": 31}, ("UNKNOWN_FIELD", "/shoeSize")),
        ({"Name": [{"text": "Misali"}]}, ("UNKNOWN_FIELD", "/Name")),
        ({"name": {"text": "Misali"}}, ("WRONG_TYPE", "/name")),
        ({"gender": ["female"]}, ("WRONG_TYPE", "/gender")),
        ({"name": ["Misali"]}, ("WRONG_TYPE", "/name/0")),
        ({"active": "true"}, ("WRONG_TYPE", "/active")),
        ({"multipleBirthInteger": 1.5}, ("WRONG_TYPE", "/multipleBirthInteger")),
        ({"deceasedBoolean": False, "deceasedDateTime": "2026"}, ("INVALID_VALUE", "")),
        ({"deceasedInteger": 1}, ("UNKNOWN_FIELD", "/deceasedInteger")),
        ({"name": []}, ("FHIR_EMPTY", "/name")),
        ({"name": [{}]}, ("FHIR_EMPTY", "/name/0")),
        ({"gender": ""}, ("FHIR_EMPTY", "/gender")),
        ({"gender": None}, ("FHIR_EMPTY", "/gender")),
        ({"_gender": [{"id": "a"}]}, ("WRONG_TYPE", "/_gender")),
        ({"_name": {"id": "a"}}, ("UNKNOWN_FIELD", "/_name")),
        ({"communication": [{"preferred": True}]}, ("MISSING_REQUIRED", "/communication/0/language")),
        ({"fhir_comments": ["no"]}, ("FHIR_FORBIDDEN_KEY", "")),
        ({"id": "a_b"}, ("FHIR_BAD_ID", "/id")),
        ({"id": "a" * 65}, ("FHIR_BAD_ID", "/id")),
        ({"language": "ur PK"}, ("INVALID_VALUE", "/language")),
        ({"gender": "girl"}, ("UNKNOWN_CODE", "/gender")),
        ({"birthDate": "2017-02-29"}, ("INVALID_DATE", "/birthDate")),
        ({"birthDate": "2017-13"}, ("INVALID_DATE", "/birthDate")),
        ({"birthDate": "2017-05-01T00:00:00Z"}, ("INVALID_DATE", "/birthDate")),
        ({"deceasedDateTime": "2026-03-02T11:24:05"}, ("INVALID_DATE", "/deceasedDateTime")),
        ({"deceasedDateTime": "2026-03-02T11:24Z"}, ("INVALID_DATE", "/deceasedDateTime")),
        ({"meta": {"lastUpdated": "2026-03-02"}}, ("INVALID_DATE", "/meta/lastUpdated")),
        ({"implicitRules": "http://a b"}, ("INVALID_VALUE", "/implicitRules")),
        ({"telecom": [{"rank": 0}]}, ("INVALID_VALUE", "/telecom/0/rank")),
        ({"telecom": [{"value": "0399"}]}, ("FHIR_CPT_2", "/telecom/0")),
        ({"contact": [{"gender": "female"}]}, ("FHIR_PAT_1", "/contact/0")),
        ({"name": [{"period": {"start": "2026", "end": "2025"}}]}, ("FHIR_PER_1", "/name/0/period")),
        ({"name": [{"text": "Mis\u0001ali"}]}, ("INVALID_VALUE", "/name/0/text")),
    ],
)
def test_a_patient_is_as_r4_defines_it(fields: dict[str, Any], finding: tuple[str, str]) -> None:
    assert finding in said(patient(**fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"birthDate": "2017"},
        {"birthDate": "2016-02-29"},
        {"deceasedDateTime": "2026-03-02T23:59:60.123456789+05:00"},
        {"language": "ur-Arab-PK"},
        {
            "name": [
                {
                    "given": ["A", None],
                    "_given": [None, {"extension": [UNKNOWN]}],
                }
            ]
        },
        {"_birthDate": {"extension": [{"url": f"{URL}/data-absent-reason", "valueCode": "unknown"}]}},
        {"name": [{"period": {"start": "2026", "end": "2026-05"}}]},
        {"identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}]},
        {"multipleBirthInteger": 0},
        {"photo": [{"contentType": "image/png", "data": "QUJD", "size": 3}]},
        {"contact": [{"name": {"text": "Farzi"}, "gender": "female"}]},
    ],
)
def test_what_r4_allows_is_no_alarm(fields: dict[str, Any]) -> None:
    assert said(patient(**fields)) == []


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"identifier": [{"system": "mrn", "value": "1"}]}, ("FHIR_NOT_ABSOLUTE", "/identifier/0/system")),
        (
            {"identifier": [{"system": "urn:ietf:rfc:3986", "value": "17"}]},
            ("FHIR_NOT_ABSOLUTE", "/identifier/0/value"),
        ),
        (
            {"identifier": [{"system": "urn:uuid:17", "value": "1"}]},
            ("INVALID_VALUE", "/identifier/0/system"),
        ),
        ({"identifier": [{"system": "urn:oid:1.02", "value": "1"}]}, ("INVALID_VALUE", "/identifier/0/system")),
        (
            {"maritalStatus": {"coding": [{"system": "http://hl7.org/fhir/ValueSet/marital-status", "code": "M"}]}},
            ("FHIR_VALUE_SET_AS_SYSTEM", "/maritalStatus/coding/0/system"),
        ),
        (
            {"maritalStatus": {"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "M"}]}},
            ("UNKNOWN_CODE", "/maritalStatus/coding/0/code"),
        ),
        ({"photo": [{"contentType": "image/png", "data": "QUJ"}]}, ("INVALID_VALUE", "/photo/0/data")),
        (
            {"photo": [{"contentType": "image/png", "data": "QUJD", "size": 4}]},
            ("FHIR_ATTACHMENT_SIZE", "/photo/0/size"),
        ),
        ({"photo": [{"contentType": "png"}]}, ("INVALID_VALUE", "/photo/0/contentType")),
        ({"photo": [{"data": "QUJD"}]}, ("FHIR_ATT_1", "/photo/0")),
        ({"meta": {"profile": ["patient"]}}, ("FHIR_NOT_ABSOLUTE", "/meta/profile/0")),
    ],
)
def test_datatypes_keep_their_own_rules(fields: dict[str, Any], finding: tuple[str, str]) -> None:
    assert finding in said(patient(**fields))


def test_a_text_has_one_mebibyte_at_most() -> None:
    """The limit of a document is reached first: either way it is refused."""
    assert [code for code, _ in said(patient(name=[{"text": "a" * (1024 * 1024 + 1)}]))] == ["TOO_LARGE"]


@pytest.mark.parametrize(
    ("extension", "finding"),
    [
        ({"url": "local", "valueCode": "a"}, "FHIR_NOT_ABSOLUTE"),
        ({"url": "urn:x:y"}, "FHIR_EXT_1"),
        ({"url": "urn:x:y", "valueCode": "a", "extension": [{"url": "b", "valueCode": "c"}]}, "FHIR_EXT_1"),
        ({"url": f"{URL}/humanname-mothers-family", "valueString": "Farzi"}, "FHIR_EXTENSION_PLACE"),
        ({"url": f"{URL}/patient-birthPlace", "valueString": "Lahore"}, "FHIR_EXTENSION_VALUE"),
        (
            {"url": f"{URL}/patient-nationality", "extension": [{"url": "code", "valueCode": "PK"}]},
            "FHIR_EXTENSION_VALUE",
        ),
    ],
)
def test_an_extension_stands_and_holds_as_it_is_defined(extension: dict[str, Any], finding: str) -> None:
    assert finding in [code for code, _ in said(patient(extension=[extension]))]


@pytest.mark.parametrize(
    "fields",
    [
        {"extension": [{"url": "urn:x:y", "extension": [{"url": "inner", "valueCode": "a"}]}]},
        {"extension": [{"url": f"{URL}/patient-birthPlace", "valueAddress": {"city": "Lahore"}}]},
        {
            "name": [
                {
                    "family": "Misali",
                    "_family": {"extension": [{"url": f"{URL}/humanname-mothers-family", "valueString": "Farzi"}]},
                }
            ]
        },
        {"extension": [{"url": "https://gateway.example.pk/fhir/StructureDefinition/x", "valueBoolean": True}]},
    ],
)
def test_an_extension_in_its_place_is_no_alarm(fields: dict[str, Any]) -> None:
    assert said(patient(**fields)) == []


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<p>a", "FHIR_XHTML_MALFORMED"),
        ("<p>a&nbsp;b</p>", "FHIR_XHTML_MALFORMED"),
        ("<script>a</script>", "FHIR_XHTML_NOT_ALLOWED"),
        ("<p onclick='x'>a</p>", "FHIR_XHTML_NOT_ALLOWED"),
        ("<iframe src='x'>a</iframe>", "FHIR_XHTML_NOT_ALLOWED"),
        ("<form>a</form>", "FHIR_XHTML_NOT_ALLOWED"),
        ("<a href='javascript:x'>a</a>", "FHIR_XHTML_NOT_ALLOWED"),
        (" <p> </p> ", "FHIR_XHTML_EMPTY"),
        ("<a href='#nowhere'>a</a>", "FHIR_XHTML_LINK"),
    ],
)
def test_a_narrative_is_harmless_and_says_something(inner: str, code: str) -> None:
    assert said(narrative(inner)) == [(code, "/text/div")]


def test_a_narrative_is_a_div_of_xhtml() -> None:
    assert said(narrative("a", root="<div>")) == [("FHIR_XHTML_ROOT", "/text/div")]
    assert said(patient(text={"status": "generated", "div": "words"})) == [("FHIR_XHTML_MALFORMED", "/text/div")]


@pytest.mark.parametrize(
    "inner",
    [
        "<p style='color: red' class='a' xml:lang='ur'>مثالی &amp; <b>b</b><br/></p>",
        "<img src='a.png' alt='b'/>",
        "<table border='1'><tr><td colspan='2'>a</td></tr></table>",
        "<p id='here'>a</p><a href='#here'>b</a>",
        "<a href='#misali'>the resource itself</a>",
    ],
)
def test_a_narrative_of_the_allow_list_is_no_alarm(inner: str) -> None:
    assert said(narrative(inner)) == []
