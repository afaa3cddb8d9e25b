"""Hostile and broken input (formats/nadra.md 8, cases 20, 22, 23)."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest

from tests.mappings.nadra_documents import (
    BIRTH,
    CHILD,
    D1,
    D1_INNER,
    FATHER,
    IDS,
    ROOT,
    STATUS,
    birth,
    crms,
    d2,
    legacy,
    referral,
    refused,
    response,
    tree,
    written,
)

RESULT = "/Envelope/Body/GetBirthRegistrationResponse/GetBirthRegistrationResult"
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


def wrapped(inner: str) -> str:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetBirthRegistrationResponse>'
        f"<GetBirthRegistrationResult>{escape(inner)}</GetBirthRegistrationResult>"
        "</GetBirthRegistrationResponse></s:Body></s:Envelope>"
    )


@pytest.mark.parametrize("bomb", [LAUGHS, '<!DOCTYPE a SYSTEM "file:///etc/passwd">', "<!doctype html>"])
def test_case_20_a_document_type_is_refused_outside_and_inside(bomb: str) -> None:
    assert refused(bomb + d2()) == {("DOCTYPE", "")}
    assert refused(bomb + legacy(d2())) == {("DOCTYPE", "")}
    assert refused(wrapped(bomb + d2())) == {("NADRA_910", RESULT), ("DOCTYPE", RESULT)}


def test_case_20_two_children_are_refused() -> None:
    assert refused(d2((CHILD, CHILD + CHILD))) == {("REPEATED", f"{BIRTH}/CHILD[2]")}


@pytest.mark.parametrize("element", ["<CODE>100</CODE>", "<UC_NUMBER>99</UC_NUMBER>", FATHER])
def test_case_20_every_single_element_may_stand_once_only(element: str) -> None:
    found = refused(d2((element, element + element)))
    assert {code for code, _ in found} == {"REPEATED"}
    assert all(path.endswith("[2]") for _, path in found)


def test_case_20_a_body_over_256_kib_is_refused() -> None:
    assert refused(d2(("Farzi Test Hospital", "x" * 262_144))) == {("TOO_LARGE", "")}
    assert crms().limits.octets == 256 * 1024


def test_case_20_a_truncated_inner_document_is_910_at_its_place() -> None:
    assert refused(wrapped(d2()[:-40])) == {("NADRA_910", RESULT), ("MALFORMED", RESULT)}
    assert refused(wrapped("")) == {("NADRA_910", RESULT), ("MALFORMED", RESULT)}
    assert refused(d2()[:-40]) == {("MALFORMED", "")}


def test_a_document_nested_too_deeply_is_refused() -> None:
    deep = "<X>" * 40 + "</X>" * 40
    assert refused(d2((CHILD, CHILD + deep))) == {("TOO_DEEP", "")}
    inside = wrapped(d2((CHILD, CHILD + deep)))
    assert refused(inside) == {("NADRA_910", RESULT), ("TOO_DEEP", RESULT)}


def test_an_envelope_inside_an_envelope_is_no_document() -> None:
    found = refused(wrapped(wrapped(d2())))
    assert found == {("UNKNOWN_DOCUMENT", RESULT)}


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>Service unavailable</body></html>",
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault/></s:Body></s:Envelope>',
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        '<Envelope xmlns="urn:other"><Body><CIVIL_REGISTRATION/></Body></Envelope>',
        "<CIVIL_REGISTRATION/>",
        "<CIVIL_REGISTRATION><OTHER/></CIVIL_REGISTRATION>",
    ],
)
def test_case_22_what_is_no_answer_is_not_read_as_one(page: str) -> None:
    assert {code for code, _ in refused(page)} == {"UNKNOWN_DOCUMENT"}


def test_a_request_and_an_answer_in_one_document_are_refused() -> None:
    request = D1_INNER[D1_INNER.index("<REQUEST_DATA>") : D1_INNER.index("</CIVIL_REGISTRATION>")]
    assert ("NADRA_910", ROOT) in refused(d2(("<RESPONSE_DATA>", request + "<RESPONSE_DATA>")))


@pytest.mark.parametrize("name", ["<b>Misali</b>", "'; DROP TABLE births; --", "&amp;lt;", "]]>"])
def test_case_23_markup_in_a_name_is_text_both_ways(name: str) -> None:
    value = tree(d2(("Zarmina Azmaishi", escape(name))))
    assert value["child"]["name"] == name
    person = [{"relation": "FATHER", "status": "DECLARED", "name": name}]
    assert tree(written(referral(persons=person)))["persons"][0]["name"] == name


def test_case_23_a_name_of_5000_letters_is_910() -> None:
    found = refused(d2(("Zarmina Azmaishi", "x" * 5_000)))
    assert found == {("NADRA_910", f"{BIRTH}/CHILD[1]/NAME[2]")}


@pytest.mark.parametrize("reference", ["&#xD800;", "&#0;", "&#xFFFF;", "&undefined;"])
def test_case_23_a_character_no_document_may_carry_is_not_well_formed(reference: str) -> None:
    assert refused(d2(("Zarmina", reference))) == {("MALFORMED", "")}


def test_bytes_that_are_no_utf8_are_refused() -> None:
    assert refused(d2().encode("utf-16")) == {("NOT_UTF8", "")}


def test_a_refusal_repeats_no_value_of_the_document() -> None:
    text = response(STATUS, IDS, birth(kind="canary-kind")).replace("FEMALE", "canary-sex")
    for finding in crms().validate(text.encode()):
        assert "canary" not in str(finding.as_json())


def test_validate_accepts_requests_and_answers_in_both_styles() -> None:
    for text in (D1, D1_INNER, d2(), legacy(d2())):
        assert crms().validate(text.encode()) == []
