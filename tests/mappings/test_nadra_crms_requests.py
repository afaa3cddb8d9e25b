"""The register's requests: search, verification and last result (formats/nadra.md 7.2), read and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mappings.engine import laws
from mappings.nadra_crms.requests import enclosed, span
from mappings.referral import Referral
from tests.mappings.nadra_documents import (
    D1,
    D1_INNER,
    ROOT,
    crms,
    lookup,
    not_written,
    read,
    referral,
    refused,
    tree,
    written,
)

SANDBOX = Path(__file__).parents[2] / "conformance" / "sandbox" / "nadra" / "civil_registration.xsd"
REQUEST = f"{ROOT}/REQUEST_DATA[1]"
NUMBER = "<CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER>"
SEARCH = (
    '<CHILD_NAME xml:lang="en">Zarmina Azmaishi</CHILD_NAME><DOB_FROM>2016-01-01</DOB_FROM><DOB_TO>2016-12-31</DOB_TO>'
    '<FATHER_ID type="CNIC">39999-0000011-1</FATHER_ID><MOTHER_NAME>نازو آزمائشی</MOTHER_NAME>'
)
VERIFY = (
    "<CHILD_NUMBER>39999-0000013-4</CHILD_NUMBER><CHILD_NAME>زرمینہ آزمائشی</CHILD_NAME>"
    '<DATE_OF_BIRTH precision="DAY">7-3-2016</DATE_OF_BIRTH>'
)


def plain(keys: str) -> str:
    """Return a request that came alone."""
    return D1_INNER.replace(NUMBER, keys)


def wrapped(operation: str, keys: str) -> str:
    """Return a request in an envelope."""
    return D1.replace("GetBirthRegistration", operation).replace(NUMBER, keys)


def document(text: str) -> str:
    return read(text).document


def search(**changes: Any) -> Referral:
    """Return a referral that searches the register without a number, with sections replaced (None takes one out)."""
    sections: dict[str, Any] = {
        "requested": {"service": "CIVIL_REGISTRATION", "action": "LOOK_UP"},
        "child": {"name": "Bilal Namuna", "birth_date": "2019-02", "location": {"province": "SD"}},
        "persons": [{"relation": "MOTHER", "name": "Shirin Namuna"}],
    }
    return referral(**{**sections, **changes})


def verification(**child: Any) -> Referral:
    """Return a referral that has a number, a name and a birth compared."""
    sections = {
        "name": "Zarmina Azmaishi",
        "birth_date": "2016-03-07",
        "identifiers": [{"scheme": "pk-bform", "value": "3999900000134"}],
        "location": {"province": "PB"},
        **child,
    }
    return referral(
        requested={"service": "CIVIL_REGISTRATION", "action": "VERIFY"},
        child={key: value for key, value in sections.items() if value is not None},
        persons=None,
    )


@pytest.mark.parametrize("style", ["plain", "wrapped"])
@pytest.mark.parametrize(
    ("operation", "keys", "name"),
    [
        ("GetBirthRegistration", NUMBER, "lookup"),
        ("SearchBirthRegistration", SEARCH, "search"),
        ("VerifyChildRegistration", VERIFY, "verification"),
        ("GetLastResult", "", "last_result"),
    ],
)
def test_a_request_is_known_by_its_operation_and_without_one_by_its_keys(
    style: str, operation: str, keys: str, name: str
) -> None:
    text = plain(keys) if style == "plain" else wrapped(operation, keys)
    assert document(text) == name
    assert tree(text) == tree(plain(keys))
    assert laws.reading_accounted(crms(), text.encode()) == []


def test_a_last_result_with_a_child_number_is_told_from_a_lookup_by_its_operation_only() -> None:
    number = "<CHILD_NUMBER>3999900000134</CHILD_NUMBER>"
    assert document(wrapped("GetLastResult", number)) == "last_result"
    assert document(plain(number)) == "lookup"


def test_an_operation_nobody_knows_is_refused() -> None:
    assert refused(wrapped("DeleteBirthRegistration", NUMBER)) == {("UNKNOWN_DOCUMENT", "")}


def test_a_last_result_asks_for_the_answer_under_its_transaction_and_is_never_written() -> None:
    value = tree(wrapped("GetLastResult", ""))
    assert value["message_id"] == "9901003999900000172"
    assert value["requested"] == {"service": "CIVIL_REGISTRATION", "action": "LOOK_UP"}
    assert "child" not in value or value["child"] == {"location": {"province": "PB"}}
    assert not next(d for d in crms().documents if d.name == "last_result").writes


def test_a_search_is_a_look_up_by_name_birth_and_parents() -> None:
    value = tree(plain(SEARCH))
    assert value["requested"] == {"service": "CIVIL_REGISTRATION", "action": "LOOK_UP"}
    assert value["child"] == {"name": "Zarmina Azmaishi", "birth_date": "2016", "location": {"province": "PB"}}
    assert value["persons"] == [
        {"relation": "FATHER", "identifiers": [{"scheme": "pk-cnic", "value": "3999900000111"}]},
        {"relation": "MOTHER", "name_ur": "نازو آزمائشی"},
    ]
    assert read(plain(SEARCH)).leftover == ()


@pytest.mark.parametrize(
    ("first", "last", "date"),
    [
        ("2016-01-01", "2016-12-31", "2016"),
        ("01-02-2016", "29/02/2016", "2016-02"),
        ("7-3-2016", "7.3.2016", "2016-03-07"),
    ],
)
def test_two_days_that_enclose_a_year_a_month_or_a_day_are_that_date(first: str, last: str, date: str) -> None:
    text = plain(SEARCH.replace("2016-01-01", first).replace("2016-12-31", last))
    assert tree(text)["child"]["birth_date"] == date
    assert "registration" not in tree(text)


@pytest.mark.parametrize(("last", "date"), [("2016-04-30", "2016"), ("2016-01-30", "2016-01")])
def test_any_other_two_days_are_kept_and_the_birth_is_what_they_share(last: str, date: str) -> None:
    text = plain(SEARCH.replace("2016-12-31", last))
    assert tree(text)["registration"]["sought"] == {"born_from": "2016-01-01", "born_to": last}
    assert tree(text)["child"]["birth_date"] == date
    assert f"<DOB_FROM>2016-01-01</DOB_FROM><DOB_TO>{last}</DOB_TO>" in written(read(text).value)
    assert read(written(read(text).value)).value == read(text).value


def test_two_days_of_different_years_share_no_date() -> None:
    text = plain(SEARCH.replace("2016-12-31", "2017-04-30"))
    assert tree(text)["registration"]["sought"] == {"born_from": "2016-01-01", "born_to": "2017-04-30"}
    assert "birth_date" not in tree(text)["child"]


@pytest.mark.parametrize(
    ("first", "last"), [("2016-12-31", "2016-01-01"), ("2016", "2017"), ("31-2-2016", "2017-01-01")]
)
def test_days_that_are_none_or_turned_round_are_906(first: str, last: str) -> None:
    keys = SEARCH.replace("<DOB_FROM>2016-01-01", f"<DOB_FROM>{first}").replace("<DOB_TO>2016-12-31", f"<DOB_TO>{last}")
    assert ("NADRA_906", f"{REQUEST}/DOB_FROM[1]") in refused(plain(keys))


@pytest.mark.parametrize(
    ("operation", "keys", "lacking"),
    [
        ("SearchBirthRegistration", SEARCH.partition("<FATHER_ID")[0], "FATHER_ID"),
        ("SearchBirthRegistration", SEARCH.replace("<DOB_TO>2016-12-31</DOB_TO>", ""), "DOB_TO"),
        ("SearchBirthRegistration", SEARCH.partition("</CHILD_NAME>")[2], "CHILD_NAME"),
        ("VerifyChildRegistration", VERIFY.partition("<CHILD_NAME>")[0], "CHILD_NAME"),
        ("VerifyChildRegistration", VERIFY.partition("</CHILD_NUMBER>")[2], "CHILD_NUMBER"),
        ("VerifyChildRegistration", VERIFY.partition("<DATE_OF_BIRTH")[0], "DATE_OF_BIRTH"),
        ("SubmitBirthNotification", "", "BIRTH_REGISTRATION"),
    ],
)
def test_a_request_without_its_keys_is_refused(operation: str, keys: str, lacking: str) -> None:
    assert ("MISSING_REQUIRED", f"{REQUEST}/{lacking}") in refused(wrapped(operation, keys))


def test_case_10_a_parents_number_without_its_shape_is_107_in_a_search_too() -> None:
    assert ("NADRA_107", f"{REQUEST}/FATHER_ID[1]") in refused(plain(SEARCH.replace("39999-0000011-1", "12")))
    assert ("NADRA_908", f"{REQUEST}/FATHER_ID[1]/@type") in refused(plain(SEARCH.replace('"CNIC"', '"VOTER"')))


def test_a_verification_asks_whether_number_name_and_birth_belong_together() -> None:
    value = tree(plain(VERIFY))
    assert value["requested"] == {"service": "CIVIL_REGISTRATION", "action": "VERIFY"}
    assert value["child"] == {
        "name_ur": "زرمینہ آزمائشی",
        "birth_date": "2016-03-07",
        "identifiers": [{"scheme": "pk-bform", "value": "3999900000134"}],
        "location": {"province": "PB"},
    }


def test_a_search_is_written_when_no_number_is_known() -> None:
    text = written(search())
    assert (
        '<CHILD_NAME xml:lang="en">Bilal Namuna</CHILD_NAME><DOB_FROM>2019-02-01</DOB_FROM><DOB_TO>2019-02-28</DOB_TO>'
        '<MOTHER_NAME xml:lang="en">Shirin Namuna</MOTHER_NAME><AREA_NAME>sindh</AREA_NAME>'
    ) in text
    assert tree(text)["child"] == {"name": "Bilal Namuna", "birth_date": "2019-02", "location": {"province": "SD"}}
    assert crms().write(search()).document == "search"
    for law in (laws.round_trip, laws.valid, laws.accounted):
        assert law(crms(), search()) == []


def test_a_lookup_is_written_when_a_number_is_known() -> None:
    assert crms().write(lookup([{"scheme": "pk-crms", "value": "B999901-16-00017"}])).document == "lookup"
    assert crms().write(lookup([{"scheme": "pk-bform", "value": "3999900000134"}])).document == "lookup"
    own = search(child={"location": {"province": "PB"}}, registration={"crms_number": "B999901-16-00017"})
    assert crms().write(own).document == "lookup"


def test_a_search_names_the_urdu_name_where_there_is_one_and_tells_what_it_left_out() -> None:
    child = {"name": "Bilal Namuna", "name_ur": "بلال نمونہ", "birth_date": "2019", "location": {"province": "SD"}}
    translation = crms().write(search(child=child))
    assert '<CHILD_NAME xml:lang="ur">بلال نمونہ</CHILD_NAME>'.encode() in translation.value
    assert b"Bilal" not in translation.value
    assert {drop.path for drop in translation.dropped} >= {"child.name"}


def test_what_a_search_or_a_verification_lacks_is_refused_with_our_name_and_theirs() -> None:
    bare = search(child={"birth_date": "2019", "location": {"province": "SD"}}, persons=None)
    assert not_written(bare) == {
        ("MISSING_REQUIRED", f"{REQUEST}/CHILD_NAME", "child.name"),
        ("MISSING_REQUIRED", f"{REQUEST}/FATHER_ID", "persons"),
    }
    assert not_written(verification(name=None)) == {("MISSING_REQUIRED", f"{REQUEST}/CHILD_NAME", "child.name")}
    assert {ours for _, _, ours in not_written(verification(birth_date=None))} == {"child.birth_date"}
    assert {ours for _, _, ours in not_written(verification(identifiers=None))} == {"child.identifiers.value"}


def test_a_verification_is_written_in_the_registers_words() -> None:
    text = written(verification())
    assert (
        '<CHILD_NUMBER>3999900000134</CHILD_NUMBER><CHILD_NAME xml:lang="en">Zarmina Azmaishi</CHILD_NAME>'
        '<DATE_OF_BIRTH precision="DAY">07-03-2016</DATE_OF_BIRTH>'
    ) in text
    for law in (laws.round_trip, laws.valid, laws.accounted):
        assert law(crms(), verification()) == []


@pytest.mark.parametrize("value", [search(), verification()], ids=["search", "verification"])
def test_what_is_asked_satisfies_the_simulated_registers_schema_too(value: Referral) -> None:
    theirs = etree.XMLSchema(etree.parse(str(SANDBOX)))
    assert theirs.validate(etree.fromstring(written(value).encode())), theirs.error_log


@pytest.mark.parametrize("date", ["2016", "2016-02", "2015-02", "2016-12", "2016-03-07"])
def test_the_days_of_a_date_enclose_that_date_again(date: str) -> None:
    assert enclosed(*span(date)) == date


def test_two_days_that_enclose_no_date_are_none() -> None:
    assert enclosed("2016-01-01", "2016-01-30") is None
    assert enclosed("2015-01-01", "2016-12-31") is None
