"""Entries of the civil register: parents, numbers, names, several of them; numbers are those of formats/nadra.md 8."""

from __future__ import annotations

import json

import pytest

from mappings.text import match_key
from tests.mappings.nadra_documents import (
    BIRTH,
    D1,
    D1_INNER,
    D3,
    FATHER,
    IDS,
    MOTHER,
    OFFICE,
    REGISTRATION,
    ROOT,
    STATUS,
    answer,
    birth,
    crms,
    d2,
    read,
    refused,
    response,
    tree,
    warnings,
)


def test_case_6_an_unknown_father_and_a_mother_without_a_number_are_accepted() -> None:
    value = tree(d2((FATHER, '<FATHER status="UNKNOWN"/>'), ('<ID type="CNIC">3999900000122</ID>', "")))
    assert value["persons"][0] == {"relation": "FATHER", "status": "UNKNOWN"}
    assert value["persons"][1]["status"] == "DECLARED"
    assert "identifiers" not in value["persons"][1]


@pytest.mark.parametrize("parent", ["FATHER", "MOTHER"])
def test_a_parent_is_never_left_out_and_never_without_a_state(parent: str) -> None:
    element = {"FATHER": FATHER, "MOTHER": MOTHER}[parent]
    assert refused(d2((element, ""))) == {("MISSING_REQUIRED", f"{BIRTH}/{parent}")}
    silent = d2((element, element.replace(' status="DECLARED"', "")))
    assert ("MISSING_REQUIRED", f"{BIRTH}/{parent}[1]/@status") in refused(silent)


def test_case_7_a_foundling_keeps_assigned_parents_and_its_guardian_apart() -> None:
    value = tree(D3.replace('<MOTHER status="UNKNOWN"/>', '<MOTHER status="ASSIGNED"/>'))
    assert [p.get("status") for p in value["persons"]] == ["ASSIGNED", "ASSIGNED", None]
    assert value["persons"][2] == {
        "roles": ["GUARDIAN"],
        "name": "Head, Example Children's Home",
        "identifiers": [{"scheme": "pk-cnic", "value": "4999900000411"}],
        "custody": {"kind": "ORPHANAGE_HEAD", "reference": "TEST-AFFIDAVIT-9", "decided_on": "2021-05-20"},
    }
    assert value["child"]["birth_date"] == "2017"


def test_case_8_a_refugee_card_is_opaque() -> None:
    text = d2(('<ID type="CNIC">3999900000122</ID>', '<ID type="POR">PK-TEST-000077</ID>'))
    assert tree(text)["persons"][1]["identifiers"] == [{"scheme": "pk-por", "value": "PK-TEST-000077"}]


def test_case_9_a_number_of_azad_kashmir_is_valid() -> None:
    value = tree(d2(("3999900000122", "89999-0000021-3")))
    assert value["persons"][1]["identifiers"][0]["value"] == "8999900000213"


@pytest.mark.parametrize(
    "number", ["0999900000122", "9999900000122", "399990000012", "3999900000120", "39999OO000122", "39999000001"]
)
def test_case_10_a_number_without_its_shape_is_107_at_its_place(number: str) -> None:
    place = f"{BIRTH}/MOTHER[1]/ID[1]"
    assert ("NADRA_107", place) in refused(d2(("3999900000122", number)))
    assert ("NADRA_107", f"{BIRTH}/CHILD[1]/CHILD_NUMBER[1]") in refused(d2(("3999900000134", number)))


def test_case_10_an_old_number_is_read_under_its_own_type_only() -> None:
    text = d2(('<ID type="CNIC">3999900000122</ID>', '<ID type="OLD_NIC">39999000001</ID>'))
    assert tree(text)["persons"][1]["identifiers"] == [{"scheme": "pk-old-nic", "value": "39999000001"}]


def test_case_10_an_unknown_type_is_908_and_a_missing_one_is_missing() -> None:
    place = f"{BIRTH}/MOTHER[1]/ID[1]/@type"
    assert refused(d2(('<ID type="CNIC">3999900000122', '<ID type="VOTER">3999900000122'))) == {("NADRA_908", place)}
    assert refused(d2(('<ID type="CNIC">3999900000122', "<ID>3999900000122"))) == {("MISSING_REQUIRED", place)}


def test_case_11_a_digit_that_hints_at_another_sex_only_warns() -> None:
    place = f"{BIRTH}/CHILD[1]/CHILD_NUMBER[1]"
    odd = ("3999900000134", "3999900000133")
    assert warnings(d2(odd)) == [("NADRA_907", place)]
    assert tree(d2(odd))["child"]["sex"] == "FEMALE"
    assert warnings(d2(odd, ("FEMALE", "X"))) == []
    assert tree(d2(odd, ("FEMALE", "X")))["child"]["sex"] == "X"
    assert warnings(d2(("<GENDER>FEMALE", "<GENDER>MALE"))) == [("NADRA_907", place)]


def test_an_unknown_gender_code_is_refused_not_guessed() -> None:
    assert refused(d2(("FEMALE", "F"))) == {("UNKNOWN_CODE", f"{BIRTH}/CHILD[1]/GENDER[1]")}


@pytest.mark.parametrize(("one", "other"), [("علي", "علی"), ("\u202bنازو\u202c", "نازو")])
def test_case_12_spellings_a_keyboard_confuses_compare_equal_and_stay_as_received(one: str, other: str) -> None:
    first = tree(d2(("نازو آزمائشی", one)))["persons"][1]["name_ur"]
    second = tree(d2(("نازو آزمائشی", other)))["persons"][1]["name_ur"]
    assert (first, second) == (one, other)
    assert match_key(first) == match_key(second)


@pytest.mark.parametrize(("one", "other"), [("آمنہ", "امنہ"), ("تھا", "تہا")])
def test_case_13_letters_that_carry_meaning_stay_apart(one: str, other: str) -> None:
    first = tree(d2(("نازو آزمائشی", one)))["persons"][1]["name_ur"]
    second = tree(d2(("نازو آزمائشی", other)))["persons"][1]["name_ur"]
    assert match_key(first) != match_key(second)


def test_cases_15_and_16_every_entry_of_a_search_is_a_record_of_its_own() -> None:
    twin = birth(
        REGISTRATION.replace("00017<", "00018<")
        .replace("3999900000134", "3999900000136")
        .replace("<TWINS>NO", "<TWINS>YES")
    )
    text = response(STATUS, IDS, birth(REGISTRATION.replace("<TWINS>NO", "<TWINS>YES")), twin)
    first, second = crms().read(text.encode())
    assert [t.value.registration.crms_number for t in (first, second)] == ["B999901-16-00017", "B999901-16-00018"]
    assert second.value.registration.twins is True
    places = {line.theirs for line in second.lines if "CRMS_NUMBER" in line.theirs}
    assert places == {f"{ROOT}/RESPONSE_DATA[1]/BIRTH_REGISTRATION[2]/CRMS_NUMBER[1]"}


def test_more_than_ten_entries_are_refused() -> None:
    found = refused(response(STATUS, IDS, *[birth()] * 11))
    assert found == {("TOO_MANY", f"{ROOT}/RESPONSE_DATA[1]/BIRTH_REGISTRATION[11]")}


def test_case_17_an_adoption_keeps_the_birth_father_and_names_the_adopters_as_guardian() -> None:
    guardian = '<GUARDIAN><NAME xml:lang="en">Sohrab Farzi</NAME><AUTHORITY>COURT</AUTHORITY></GUARDIAN>'
    adopted = birth(REGISTRATION + guardian + "<REMARKS>Guardian court Farziabad, 14-9-2022</REMARKS>", kind="ADOPTED")
    value = tree(response(STATUS, IDS, adopted))
    assert value["registration"]["kind"] == "ADOPTED"
    assert value["persons"][0]["name"] == "Gulrez Azmaishi"
    assert value["persons"][2]["roles"] == ["GUARDIAN"]
    assert value["persons"][2]["custody"] == {"kind": "COURT"}
    assert value["registration"]["remarks"].startswith("Guardian court")


def test_case_19_success_without_an_entry_and_failure_with_one_release_nothing() -> None:
    place = f"{ROOT}/RESPONSE_DATA[1]/RESPONSE_STATUS[1]/CODE[1]"
    assert refused(answer("100")) == {("NADRA_910", place)}
    assert refused(d2(("<CODE>100", "<CODE>901"))) == {("NADRA_910", place)}


def test_case_25_a_registration_before_the_birth_is_906() -> None:
    found = refused(d2(("2016-04-11", "2016-03-06")))
    assert found == {("NADRA_906", f"{BIRTH}/CHILD[1]/DATE_OF_BIRTH[1]")}
    assert tree(d2(("2016-04-11", "2016-03-07")))["registration"]["registered_on"] == "2016-03-07"


def test_unknown_elements_are_leftovers_with_a_warning_and_their_values_stay_out_of_the_account() -> None:
    text = d2(("<TWINS>", "<BLOOD_GROUP>canary-O</BLOOD_GROUP><TWINS>"), ("<CRC ", '<CRC colour="canary-B" '))
    unknown = {f"{BIRTH}/CHILD[1]/BLOOD_GROUP[1]", f"{BIRTH}/CRC[1]/@colour"}
    assert {path for _, path in warnings(text)} == unknown == set(read(text).leftover)
    assert {code for code, _ in warnings(text)} == {"UNKNOWN_FIELD"}
    assert "canary" not in json.dumps(read(text).report())


@pytest.mark.parametrize("spelling", ["PERMANANT_ADDRESS", "PERMANENT_ADDRESS"])
def test_what_the_identity_services_add_is_tolerated(spelling: str) -> None:
    person = f"<PERSON_DATA><{spelling}>گھر 1، فرضی آباد</{spelling}><CARD_TYPE>smartid</CARD_TYPE></PERSON_DATA>"
    text = response(STATUS, IDS, birth(), person, "<CARD_TYPE>smartid</CARD_TYPE>")
    assert tree(text)["registration"]["residence"] == {"permanent": "گھر 1، فرضی آباد"}
    assert warnings(text) == []
    assert set(read(text).leftover) == {
        f"{ROOT}/RESPONSE_DATA[1]/PERSON_DATA[1]/CARD_TYPE[1]",
        f"{ROOT}/RESPONSE_DATA[1]/CARD_TYPE[1]",
    }


def test_biometrics_and_credentials_are_gone_before_anything_is_said() -> None:
    text = d2(
        ("</CHILD>", "<PHOTOGRAPH>canary-face</PHOTOGRAPH></CHILD>"),
        ("<SESSION_ID>", "<FINGER_TEMPLATE>canary-print</FINGER_TEMPLATE><SESSION_ID>"),
        (
            "<RESPONSE_DATA>",
            "<USER_VERIFICATION><USERNAME>canary-u</USERNAME></USER_VERIFICATION><RESPONSE_DATA>",
        ),
    )
    reading = read(text)
    assert reading.warnings == ()
    assert reading.leftover == ()
    assert "canary" not in json.dumps([reading.report(), reading.tree, tree(text)], ensure_ascii=False)


def test_a_name_without_a_language_is_filed_by_its_script() -> None:
    text = d2(('<NAME xml:lang="ur">نازو آزمائشی</NAME>', "<NAME>نازو آزمائشی</NAME><NAME>Nazo Azmaishi</NAME>"))
    mother = tree(text)["persons"][1]
    assert (mother["name_ur"], mother["name"]) == ("نازو آزمائشی", "Nazo Azmaishi")


def test_two_names_in_one_language_are_refused() -> None:
    text = d2(('<NAME xml:lang="en">Zarmina Azmaishi</NAME>', '<NAME xml:lang="en">A</NAME><NAME>B</NAME>'))
    assert refused(text) == {("REPEATED", f"{BIRTH}/CHILD[1]/NAME[3]")}


def test_every_demanded_part_of_an_entry_is_missed() -> None:
    assert refused(d2((OFFICE, ""))) == {("MISSING_REQUIRED", f"{BIRTH}/OFFICE/AREA_NAME")}
    nameless = d2(
        ('<NAME xml:lang="ur">زرمینہ آزمائشی</NAME>', ""), ('<NAME xml:lang="en">Zarmina Azmaishi</NAME>', "")
    )
    assert refused(nameless) == {("MISSING_REQUIRED", f"{BIRTH}/CHILD[1]/NAME")}


def test_d1_asks_for_the_entry_under_a_certificate_number() -> None:
    value = tree(D1)
    assert value == tree(D1_INNER)
    assert value["type"] == "referral"
    assert value["requested"] == {"service": "CIVIL_REGISTRATION", "action": "LOOK_UP"}
    assert value["child"] == {
        "identifiers": [{"scheme": "pk-crms", "value": "B999901-16-00017"}],
        "location": {"province": "PB"},
    }
    assert value["consent"] == {"order_ref": "TEST-ORDER-0001"}
    assert "not-a-password" not in json.dumps([read(D1).report(), read(D1).tree])


@pytest.mark.parametrize(
    ("element", "code"),
    [
        ("<AREA_NAME>punjab</AREA_NAME>", "NADRA_184"),
        ("<PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE>", "NADRA_904"),
        ("<LEGAL_BASIS>TEST-ORDER-0001</LEGAL_BASIS>", "NADRA_904"),
    ],
)
def test_a_request_without_area_purpose_or_authority_is_refused(element: str, code: str) -> None:
    assert element in D1_INNER
    name = element[1:].partition(">")[0]
    assert refused(D1_INNER.replace(element, "")) == {(code, f"{ROOT}/REQUEST_DATA[1]/{name}")}


def test_a_lookup_without_a_number_asks_for_nothing() -> None:
    text = D1.replace("<CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER>", "")
    assert refused(text) == {("MISSING_REQUIRED", f"{ROOT}/REQUEST_DATA[1]/CRMS_NUMBER")}


@pytest.mark.parametrize("number", ["990100399990000017", "99010039999000001721", "9901-AA3999900000172"])
def test_a_transaction_id_without_19_digits_is_115(number: str) -> None:
    text = D1_INNER.replace("9901003999900000172", number)
    assert refused(text) == {("NADRA_115", f"{ROOT}/REQUEST_DATA[1]/TRANSACTION_ID[1]")}
