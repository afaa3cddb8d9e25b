"""OneRoster: names, dates, sexes and older spellings; what is demanded, unknown or wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.engine.lineage import How
from mappings.referral import Record
from tests.mappings.oneroster_documents import (
    EXAMPLE_D_USER,
    oneroster,
    pointer,
    read,
    record,
    refused,
    refused_writing,
    rest,
    write,
)


@pytest.mark.parametrize(
    ("name", "given", "family", "single"),
    [
        ("Zoya Farzi", "Zoya", "Farzi", False),
        ("Zoya Bibi Farzi", "Zoya Bibi", "Farzi", False),
        ("Zoya", "Zoya", "Zoya", True),
        ("Zoya Zoya", "Zoya", "Zoya", False),
        ("Zoya -", "Zoya -", "Zoya -", True),
    ],
)
def test_a_name_is_cut_before_its_last_word_and_put_together_again(
    name: str, given: str, family: str, single: bool
) -> None:
    user = write(record(child={"name": name}))["users"][0]
    assert (user["givenName"], user["familyName"]) == (given, family)
    assert user["metadata"].get("pk.singleName") == ("true" if single else None)
    assert read(rest(users=[user]))[0]["child"]["name"] == name


@pytest.mark.parametrize("family", ["-", ".", ""])
def test_a_family_name_that_is_none_is_read_as_a_single_name(family: str) -> None:
    assert read(rest(users=[EXAMPLE_D_USER | {"familyName": family}]))[0]["child"] == {"name": "Zoya"}


def test_a_name_in_arabic_script_is_the_name_in_urdu() -> None:
    user = EXAMPLE_D_USER | {"givenName": "زویا", "middleName": "بی بی", "familyName": "فرضی"}
    assert read(rest(users=[user]))[0]["child"] == {"name_ur": "زویا بی بی فرضی"}
    written = write(record(child={"name_ur": "زویا فرضی"}))["users"][0]
    assert (written["givenName"], written["familyName"]) == ("زویا", "فرضی")


@pytest.mark.parametrize(
    ("child", "reported"),
    [
        ({"birth_date": "2016"}, "child.birth_date"),
        ({"birth_date": "2016-03"}, "child.birth_date"),
        ({"birth_date": "2016-03-09", "birth_date_estimated": True}, "child.birth_date"),
    ],
)
def test_a_birth_date_that_is_not_known_to_the_day_is_absent(child: dict[str, Any], reported: str) -> None:
    written = oneroster().write(Record.model_validate(record(child={"name": "Zoya Farzi", **child})))
    assert json.loads(written.value)["demographics"] == []
    assert reported in {drop.path for drop in written.dropped}


@pytest.mark.parametrize(
    ("ours", "theirs"), [("FEMALE", "female"), ("MALE", "male"), ("X", "other"), ("UNKNOWN", "unspecified")]
)
def test_every_sex_has_its_word(ours: str, theirs: str) -> None:
    document = write(record(child={"name": "Zoya Farzi", "sex": ours}))
    assert document["demographics"][0]["sex"] == theirs
    assert read(json.dumps(document).encode())[0]["child"]["sex"] == ours


@pytest.mark.parametrize(
    ("missing", "path"),
    [
        ("student_id", "/users/0/sourcedId"),
        ("updated_at", "/enrollments/0/dateLastModified"),
        ("school_name", "/orgs/0/name"),
    ],
)
def test_a_value_a_roster_demands_is_refused_by_name_and_never_defaulted(missing: str, path: str) -> None:
    tree = record(**{missing: None})
    assert refused_writing(tree) == [("MISSING_REQUIRED", path)]
    partial = oneroster().write(Record.model_validate(tree), allow_partial=True)
    assert (partial.complete, [(w.code, w.path) for w in partial.warnings]) == (False, [("PARTIAL", path)])


def test_a_child_without_a_name_or_a_school_cannot_stand_in_a_roster() -> None:
    assert refused_writing(record(child={"sex": "FEMALE"})) == [("MISSING_REQUIRED", "/users/0/givenName")]
    nowhere = record(school_id=None, school_code=None, school_name=None, school_scheme=None)
    assert refused_writing(nowhere) == [("MISSING_REQUIRED", "/orgs/0/identifier")]
    undated = record(enrolment_id=None, entry_date=None)
    assert refused_writing(undated) == [("MISSING_REQUIRED", "/enrollments/0/beginDate")]


def test_an_instant_finer_than_milliseconds_is_reported_as_coarsened() -> None:
    written = oneroster().write(Record.model_validate(record(updated_at="2026-01-12T04:00:00.123456Z")))
    assert json.loads(written.value)["users"][0]["dateLastModified"] == "2026-01-12T04:00:00.123Z"
    assert [line.how for line in written.lines if line.ours == "enrolment.updated_at"] == [How.COARSENED]


def test_who_is_known_as_no_pupil_is_left_over_and_never_read_as_a_child() -> None:
    teacher = EXAMPLE_D_USER | {"sourcedId": "t1", "givenName": "Namuna"}
    teacher["roles"] = [{"roleType": "primary", "role": "teacher", "org": pointer("orgs", "org", "org-39999001")}]
    (reading,) = oneroster().read(rest(users=[EXAMPLE_D_USER, teacher]))
    assert "/users/1/givenName" in reading.leftover
    assert refused(rest(users=[teacher])) == [("NO_PUPIL", "")]
    assert refused(rest(orgs=[])) == [("NO_PUPIL", "")]


def test_older_spellings_are_read_with_a_warning_at_their_place() -> None:
    old = {key: value for key, value in EXAMPLE_D_USER.items() if key != "roles"}
    old |= {"enabledUser": True, "role": "student", "orgs": [pointer("orgs", "org", "s1")], "status": "inactive"}
    (reading,) = oneroster().read(rest(user=old))
    assert {(w.code, w.path) for w in reading.warnings} == {
        ("OLD_SPELLING", "/user/status"),
        ("OLD_SPELLING", "/user/enabledUser"),
        ("OLD_SPELLING", "/user/role"),
        ("TO_BE_DELETED", "/user/status"),
    }
    assert reading.value.enrolment.school_id == "s1"


def test_an_unknown_member_is_left_over_with_a_warning() -> None:
    (reading,) = oneroster().read(rest(users=[EXAMPLE_D_USER | {"attendance": "97"}]))
    assert [(w.code, w.path) for w in reading.warnings] == [("UNKNOWN_FIELD", "/users/0")]
    assert reading.leftover == ("/users/0/attendance",)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"givenName": 7}, "WRONG_TYPE", "/students/1/givenName"),
        ({"status": "gone"}, "UNKNOWN_CODE", "/students/1/status"),
        ({"sourcedId": "urn:uuid:0000"}, "INVALID_VALUE", "/students/1/sourcedId"),
        ({"roles": []}, "SCHEMA", "/students/1/roles"),
        ({"metadata": {"pk.fatherName": 7}}, "WRONG_TYPE", "/students/1/metadata/pk.fatherName"),
        ({"metadata": {"pk.fatherName": None}}, "WRONG_TYPE", "/students/1/metadata/pk.fatherName"),
        (
            {"userIds": [{"type": "B-Form", "identifier": "123"}]},
            "INVALID_IDENTIFIER",
            "/students/1/userIds/0/identifier",
        ),
    ],
)
def test_what_is_wrong_is_named_at_its_place_in_what_was_sent(change: dict[str, Any], code: str, path: str) -> None:
    assert refused(rest(students=[EXAMPLE_D_USER, EXAMPLE_D_USER | {"sourcedId": "p2"} | change])) == [(code, path)]


@pytest.mark.parametrize("data", [b"{}", b"[]", b'{"lineItems": []}', b"7", b"null"])
def test_what_is_no_roster_is_not_recognised(data: bytes) -> None:
    assert refused(data) == [("UNKNOWN_DOCUMENT", "")]
