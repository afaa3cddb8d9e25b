"""What a receiver's copy says about itself: silence is filled, words stand."""

from typing import Any

import pytest

from gateway.routing.context import Address, addressed, merge, reply_by
from gateway.routing.table import SERVICE_OF, action_for
from mappings.engine.mapping import canonical
from mappings.referral import Referral
from mappings.vocabulary import Service

ADDRESS = Address("m-2", "rb-2", "case-2", "health-lhr", "HEALTH", "Namuna DHQ", "HEALTH_CARE", None, {})


def referral(**said: Any) -> Referral:
    return Referral.model_validate({"message_id": "m-1", "ref": "R-1", "case_ref": "C-1", **said})


def copy(value: Referral, **changed: Any) -> dict[str, Any]:
    return canonical(addressed(value, Address(**{**vars(ADDRESS), **changed})))


def test_a_copy_goes_by_names_of_its_own() -> None:
    made = copy(referral(supersedes="m-0", recipients=[{"agency": "police-pb"}, {"agency": "health-lhr"}]))

    assert (made["message_id"], made["ref"], made["case_ref"]) == ("m-2", "rb-2", "case-2")
    assert made["recipients"] == [{"agency": "health-lhr", "kind": "HEALTH", "name": "Namuna DHQ"}]
    assert "supersedes" not in made


def test_a_copy_without_a_pseudonym_has_no_case() -> None:
    assert "case_ref" not in copy(referral(), case_ref=None)


def test_what_is_given_fills_silence_and_replaces_nothing() -> None:
    give = {
        "focal_point": {"role": "CHILD_PROTECTION_OFFICER", "phone": "1121"},
        "requested": {"enrolment": "RE_ENROL"},
    }
    made = copy(referral(focal_point={"phone": "03990000001"}), give=give)

    assert made["focal_point"] == {"role": "CHILD_PROTECTION_OFFICER", "phone": "03990000001"}
    assert made["requested"]["enrolment"] == "RE_ENROL"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (None, {"basis": "MANDATORY_REPORT", "statute_id": "S-1"}),
        ({"basis": "CONSENT"}, {"basis": "CONSENT"}),
        ({"giver": "CHILD"}, {"giver": "CHILD"}),
    ],
)
def test_consent_comes_from_one_source_or_not_at_all(own: dict[str, str] | None, expected: dict[str, str]) -> None:
    give = {"consent": {"basis": "MANDATORY_REPORT", "statute_id": "S-1"}}

    assert copy(referral(**({"consent": own} if own else {})), give=give)["consent"] == expected


def test_lists_are_not_mixed() -> None:
    assert merge({"a": [1]}, {"a": [2], "b": [3]}) == {"a": [1], "b": [3]}


def test_merging_leaves_both_sides_as_they_were() -> None:
    ours, given = {"a": {"x": 1}}, {"a": {"y": 2}}
    merged = merge(ours, given)

    assert merged == {"a": {"x": 1, "y": 2}}
    assert (ours, given) == ({"a": {"x": 1}}, {"a": {"y": 2}})


def test_the_service_of_the_receiver_is_asked_and_a_foreign_action_is_not() -> None:
    asked = {"service": "CIVIL_REGISTRATION", "action": "REGISTER"}
    made = copy(referral(requested=asked))

    assert made["requested"]["service"] == "HEALTH_CARE"
    assert made["requested"]["action"] == "TREAT"


def test_the_action_the_sender_named_for_this_service_stands() -> None:
    assert copy(referral(requested={"service": "HEALTH_CARE", "action": "EXAMINE"}))["requested"]["action"] == "EXAMINE"


def test_the_action_of_the_route_wins_over_the_usual_one() -> None:
    assert copy(referral(), action="EXAMINE")["requested"]["action"] == "EXAMINE"


@pytest.mark.parametrize(
    ("numbers", "action"),
    [
        ([], "REGISTER"),
        ([{"scheme": "hospital-mrn", "value": "7"}], "REGISTER"),
        ([{"scheme": "pk-crms", "value": "B999901-16-00017"}], "LOOK_UP"),
        ([{"scheme": "pk-bform", "value": "3999900000172"}], "LOOK_UP"),
    ],
)
def test_a_register_that_may_know_the_child_is_asked_before_it_is_told(
    numbers: list[dict[str, str]], action: str
) -> None:
    value = referral(child={"identifiers": numbers})

    assert action_for(Service.CIVIL_REGISTRATION, value) == action


@pytest.mark.parametrize("service", [None, Service.OTHER, Service.WASH])
def test_nobody_invents_an_action_for_a_service_that_has_none(service: Service | None) -> None:
    assert action_for(service, referral()) is None


def test_every_kind_of_agency_is_asked_for_something() -> None:
    assert set(SERVICE_OF) == {"HEALTH", "EDUCATION", "POLICE", "CIVIL_REG", "SOCIAL_WELFARE"}


@pytest.mark.parametrize(
    ("priority", "due"),
    [
        ("EMERGENCY", "2026-03-02T07:24:05Z"),
        ("HIGH", "2026-03-03T06:24:05Z"),
        ("MEDIUM", "2026-03-05T06:24:05Z"),
        ("LOW", "2026-03-09T06:24:05Z"),
    ],
)
def test_an_answer_is_due_by_the_clock_of_its_priority(priority: str, due: str) -> None:
    assert reply_by(referral(priority=priority, authored_at="2026-03-02T11:24:05+05:00")) == due


def test_the_clock_runs_from_when_the_sender_wrote_and_not_from_when_it_came() -> None:
    value = referral(priority="HIGH", authored_at="2026-03-02T11:00:00+05:00", received_at="2026-03-02T18:00:00Z")

    assert reply_by(value) == "2026-03-03T06:00:00Z"


def test_a_clock_in_utc_and_one_in_karachi_name_the_same_instant() -> None:
    one = reply_by(referral(priority="HIGH", authored_at="2026-03-02T20:00:00Z"))
    other = reply_by(referral(priority="HIGH", authored_at="2026-03-03T01:00:00+05:00"))

    assert one == other == "2026-03-03T20:00:00Z"


@pytest.mark.parametrize("said", [{"priority": "HIGH"}, {"authored_at": "2026-03-02T20:00:00Z"}, {}])
def test_without_a_start_or_a_priority_there_is_no_clock(said: dict[str, str]) -> None:
    assert reply_by(referral(**said)) is None


def test_the_time_the_sender_set_stands() -> None:
    value = referral(
        priority="HIGH", authored_at="2026-03-02T11:00:00+05:00", requested={"reply_by": "2026-03-02T13:00:00+05:00"}
    )

    assert copy(value)["requested"]["reply_by"] == "2026-03-02T08:00:00Z"


@pytest.mark.parametrize(
    ("answers", "accused"),
    [
        ([], None),
        ([None], None),
        (["UNKNOWN"], None),
        (["NO"], False),
        (["NO", "NO"], False),
        (["NO", None], None),
        (["NO", "UNKNOWN"], None),
        (["NO", "YES"], True),
        ([None, "YES"], True),
        (["YES"], True),
    ],
)
def test_whether_a_caregiver_is_accused_is_said_only_where_every_entry_answers(
    answers: list[str | None], accused: bool | None
) -> None:
    people = [{"relation": "FATHER", **({"alleged_perpetrator": said} if said else {})} for said in answers]

    assert copy(referral(persons=people)).get("concern", {}).get("caregiver_is_accused") is accused


def test_an_accused_neighbour_is_no_caregiver() -> None:
    people = [
        {"relation": "NEIGHBOUR", "alleged_perpetrator": "YES"},
        {"relation": "MOTHER", "alleged_perpetrator": "NO"},
    ]

    assert copy(referral(persons=people))["concern"]["caregiver_is_accused"] is False


def test_an_uncle_who_is_the_guardian_is_a_caregiver() -> None:
    people = [{"relation": "UNCLE_AUNT", "roles": ["GUARDIAN"], "alleged_perpetrator": "YES"}]

    assert copy(referral(persons=people))["concern"]["caregiver_is_accused"] is True


def test_what_the_sender_said_about_the_caregiver_stands() -> None:
    people = [{"relation": "FATHER", "alleged_perpetrator": "NO"}]
    made = copy(referral(persons=people, concern={"caregiver_is_accused": True}))

    assert made["concern"] == {"caregiver_is_accused": True}
