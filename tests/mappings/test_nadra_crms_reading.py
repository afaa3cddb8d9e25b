"""Reading the civil register's documents; numbers are those of formats/nadra.md section 8."""

from __future__ import annotations

import pytest

from tests.mappings.nadra_documents import (
    BIRTH,
    CHILD,
    DATES,
    FATHER,
    IDS,
    MOTHER,
    NUMBERS,
    OFFICE,
    REGISTRATION,
    STATUS,
    birth,
    d2,
    legacy,
    read,
    refused,
    response,
    tree,
    warnings,
)


def dated(text: str) -> str:
    return d2(('<DATE_OF_BIRTH precision="DAY">7-3-2016</DATE_OF_BIRTH>', text), (DATES, DATES_FREE))


DATES_FREE = "<REGISTRATION_DATE>2024-04-11</REGISTRATION_DATE>"


def test_case_1_a_normal_record_with_dashed_numbers_reads_without_a_warning() -> None:
    text = d2(("3999900000111", "39999-0000011-1"), ("3999900000122", "39999-0000012-2"))
    value = tree(text)
    assert [p["identifiers"][0]["value"] for p in value["persons"]] == ["3999900000111", "3999900000122"]
    assert value["registration"]["applicant"]["id_value"] == "3999900000111"
    assert warnings(text) == []
    assert read(text).leftover == ()


def test_every_value_of_d2_arrives() -> None:
    value = tree(d2())
    assert value["message_id"] == "9901003999900000172"
    assert value["child"] == {
        "name": "Zarmina Azmaishi",
        "name_ur": "زرمینہ آزمائشی",
        "sex": "FEMALE",
        "birth_date": "2016-03-07",
        "identifiers": [{"scheme": "pk-bform", "value": "3999900000134"}],
    }
    assert value["persons"][0] == {
        "relation": "FATHER",
        "status": "DECLARED",
        "name": "Gulrez Azmaishi",
        "name_ur": "گلریز آزمائشی",
        "identifiers": [{"scheme": "pk-cnic", "value": "3999900000111"}],
        "nationality": "PAK",
    }
    registration = value["registration"]
    assert registration["office"]["union_council_ur"] == "یونین کونسل فرضی"
    assert registration["birthplace"] == {
        "kind": "HOSPITAL",
        "name": "Farzi Test Hospital",
        "district_ur": "فرضی آباد",
    }
    assert (registration["registered_on"], registration["issued_on"]) == ("2016-04-11", "2024-02-05")
    assert registration["certificate"] == {
        "stage": "UNDER_10",
        "issued_on": "2024-02-12",
        "expires_on": "2026-03-07",
    }
    assert registration["twins"] is False


@pytest.mark.parametrize("soap", ["soap/envelope/", "1.2"])
def test_case_2_the_legacy_string_reads_exactly_like_the_plain_document(soap: str) -> None:
    plain, wrapped = read(d2()), read(legacy(d2(), soap=soap))
    assert wrapped.value == plain.value
    assert wrapped.report() == plain.report()


def test_case_2_the_order_of_elements_does_not_matter() -> None:
    turned = MOTHER + DATES + CHILD + FATHER + "<APPLICANT>" + REGISTRATION.split("<APPLICANT>")[1]
    turned = turned.split("</APPLICANT>")[0] + "</APPLICANT>" + OFFICE + NUMBERS
    assert tree(response(birth(turned), IDS, STATUS)) == tree(d2())


def test_an_inner_document_that_is_no_text_but_an_element_reads_too() -> None:
    body = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{d2()}</s:Body></s:Envelope>'
    assert tree(body) == tree(d2())


@pytest.mark.parametrize("number", ["39999 0000013 4", "39999-0000013-4", "۳۹۹۹۹۰۰۰۰۰۱۳۴", " 3999900000134\n"])
def test_case_3_a_child_number_is_normalised(number: str) -> None:
    value = tree(d2(("3999900000134", number)))
    assert value["child"]["identifiers"] == [{"scheme": "pk-bform", "value": "3999900000134"}]


@pytest.mark.parametrize("text", ["7-3-2016", "07/03/2016", "07.03.2016", "2016-03-07", "۷-۳-۲۰۱۶"])
@pytest.mark.parametrize("precision", ['precision="DAY"', ""])
def test_case_4_a_day_is_read_in_every_form_the_register_uses(text: str, precision: str) -> None:
    value = tree(dated(f"<DATE_OF_BIRTH {precision}>{text}</DATE_OF_BIRTH>"))
    assert value["child"]["birth_date"] == "2016-03-07"
    assert "birth_date_estimated" not in value["child"]


@pytest.mark.parametrize(
    "element",
    [
        "<DATE_OF_BIRTH>13-13-2016</DATE_OF_BIRTH>",
        "<DATE_OF_BIRTH>31-2-2016</DATE_OF_BIRTH>",
        "<DATE_OF_BIRTH>0-0-2016</DATE_OF_BIRTH>",
        "<DATE_OF_BIRTH>03/07-2016</DATE_OF_BIRTH>",
        "<DATE_OF_BIRTH>7 March 2016</DATE_OF_BIRTH>",
        "<DATE_OF_BIRTH/>",
        '<DATE_OF_BIRTH precision="YEAR">7-3-2016</DATE_OF_BIRTH>',
        '<DATE_OF_BIRTH precision="DAY">2016</DATE_OF_BIRTH>',
        '<DATE_OF_BIRTH precision="MONTH">2016</DATE_OF_BIRTH>',
    ],
)
def test_case_4_an_impossible_or_contradictory_birth_is_906(element: str) -> None:
    assert refused(dated(element)) == {("NADRA_906", f"{BIRTH}/CHILD[1]/DATE_OF_BIRTH[1]")}


def test_an_unknown_precision_is_refused() -> None:
    found = refused(dated('<DATE_OF_BIRTH precision="ROUGHLY">2016</DATE_OF_BIRTH>'))
    assert ("UNKNOWN_CODE", f"{BIRTH}/CHILD[1]/DATE_OF_BIRTH[1]") in found


@pytest.mark.parametrize(
    ("element", "date", "estimated"),
    [
        ('<DATE_OF_BIRTH precision="YEAR">2016</DATE_OF_BIRTH>', "2016", None),
        ("<DATE_OF_BIRTH>2016</DATE_OF_BIRTH>", "2016", None),
        ('<DATE_OF_BIRTH precision="MONTH">3-2016</DATE_OF_BIRTH>', "2016-03", None),
        ('<DATE_OF_BIRTH precision="ESTIMATED">1-1-2016</DATE_OF_BIRTH>', "2016", True),
        ('<DATE_OF_BIRTH precision="ESTIMATED">7-3-2016</DATE_OF_BIRTH>', "2016-03-07", True),
        ('<DATE_OF_BIRTH precision="DAY">1-1-2016</DATE_OF_BIRTH>', "2016-01-01", None),
    ],
)
def test_case_5_no_day_is_invented(element: str, date: str, estimated: bool | None) -> None:
    child = tree(dated(element))["child"]
    assert (child["birth_date"], child.get("birth_date_estimated")) == (date, estimated)
