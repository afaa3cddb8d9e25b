"""To whom a referral goes, for which purpose, and what must wait for a person."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.errors import UnknownRecipient
from gateway.policy import Agreement, Basis
from gateway.routing import Agency, Destination, Directory, Hold, Plan, Route, RoutingTable, When, route, route_to
from mappings.labels import Label
from mappings.referral import Referral

TODAY = date(2026, 3, 2)


def agreement(agency: str, purpose: str, **said: Any) -> Agreement:
    told: dict[str, Any] = {"valid_from": date(2026, 1, 1), "valid_until": date(2026, 12, 31), **said}
    return Agreement(f"dsa-{agency}", agency, purpose, frozenset(Label), "Invented", "Tests", **told)


def agency(name: str, kind: str, purpose: str, **said: Any) -> Agency:
    aliases = said.pop("aliases", frozenset())
    return Agency(name, kind, f"Namuna {kind}", "raabta", None, (agreement(name, purpose, **said),), aliases)


POLICE = agency("police-pb", "POLICE", "INVESTIGATE")
HEALTH = agency("health-lhr", "HEALTH", "TREAT", aliases=frozenset({"HOSPITAL-0001"}))
SCHOOL = agency("school-pb", "EDUCATION", "ENROL")
WELFARE = agency("welfare-pb", "SOCIAL_WELFARE", "CASE_MANAGE")
NADRA = agency("nadra", "CIVIL_REG", "REGISTER_BIRTH")
ALL = (POLICE, HEALTH, SCHOOL, WELFARE, NADRA)
CONSENT = {"basis": "BEST_INTEREST"}


def referral(*recipients: str | None, **said: Any) -> Referral:
    parties = [{"agency": name} if name else {"kind": "HEALTH"} for name in recipients]
    return Referral.model_validate({"recipients": parties, "consent": CONSENT, **said})


def plan(
    value: Referral, *routes: Route, sender: Agency = WELFARE, known: tuple[Agency, ...] = ALL, on: date = TODAY,
    give: dict[str, dict[str, Any]] | None = None,
) -> Plan:  # fmt: skip
    """Return the plan; what is said of one receiver alone must be its part of it, whatever the plan."""
    directory, table = Directory(known), RoutingTable(routes, give or {})
    made = route(value, sender, directory, table, on)
    parts = {each.agency.id: each for each in made.routed}
    for one in directory.all():
        assert route_to(one, value, sender, directory, table, on) == parts.get(one.id)
    return made


def receivers(made: Plan) -> list[str]:
    return [routed.agency.id for routed in made.routed]


def to(*names: str, **when: Any) -> Route:
    conditions = {key: frozenset(words) for key, words in when.items()}
    return Route(f"to-{names[0]}", When(**conditions), tuple(Destination(name) for name in names))


def test_a_recipient_the_referral_names_gets_it_under_its_agreement() -> None:
    (routed,) = plan(referral("health-lhr")).routed

    assert (routed.agency, routed.purpose, routed.service, routed.rule) == (HEALTH, "TREAT", "HEALTH_CARE", "named")
    assert routed.basis is Basis.CONSENT
    assert routed.agreement.agency == "health-lhr"


@pytest.mark.parametrize("name", ["health-lhr", "health:lhr", "HOSPITAL-0001"])
def test_an_agency_is_found_by_id_by_colon_and_by_alias(name: str) -> None:
    assert receivers(plan(referral(name))) == ["health-lhr"]


@pytest.mark.parametrize("name", ["Health-Lhr", "health lhr", "health"])
def test_an_agency_is_not_guessed(name: str) -> None:
    with pytest.raises(UnknownRecipient):
        plan(referral(name))


def test_an_unknown_recipient_is_named_by_its_place() -> None:
    with pytest.raises(UnknownRecipient) as refused:
        plan(referral("health-lhr", "Kanari-9"))

    assert [finding.path for finding in refused.value.findings] == ["recipients[1].agency"]
    assert "Kanari" not in str(refused.value) + repr(refused.value.findings)


def test_what_the_referral_asks_for_is_asked_of_whom_it_names() -> None:
    (routed,) = plan(referral("health-lhr", requested={"service": "MHPSS"})).routed

    assert routed.service == "MHPSS"


def test_routes_add_receivers_after_the_named_ones() -> None:
    made = plan(referral("school-pb"), to("police-pb", "health-lhr"), to("nadra"))

    assert receivers(made) == ["school-pb", "police-pb", "health-lhr", "nadra"]


def test_an_agency_gets_one_delivery_however_often_it_is_meant() -> None:
    made = plan(referral("health-lhr", "HOSPITAL-0001"), to("health-lhr"), to("health-lhr", "police-pb"))

    assert receivers(made) == ["health-lhr", "police-pb"]
    assert made.routed[0].rule == "named"


@pytest.mark.parametrize("value", [referral("welfare-pb", "health-lhr"), referral("welfare:pb", "health-lhr")])
def test_the_sender_is_never_a_receiver(value: Referral) -> None:
    assert receivers(plan(value, to("welfare-pb"))) == ["health-lhr"]


def test_a_recipient_known_only_by_kind_names_nobody() -> None:
    assert plan(referral(None)).holds == (Hold(None, None, "NO_RECIPIENT"),)


def test_a_referral_for_nobody_waits_for_a_person() -> None:
    made = plan(referral(), to("police-pb", sender_kind=["HEALTH"]))

    assert made == Plan((), (Hold(None, None, "NO_RECIPIENT"),))


def test_a_referral_to_oneself_alone_waits_for_a_person() -> None:
    assert plan(referral("welfare-pb")).holds == (Hold(None, None, "NO_RECIPIENT"),)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"sender": ["welfare-pb"]}, True),
        ({"sender": ["health-lhr"]}, False),
        ({"sender_kind": ["POLICE", "SOCIAL_WELFARE"]}, True),
        ({"sender_kind": ["POLICE"]}, False),
        ({"concern": ["MISSING_CHILD", "NEGLECT"]}, True),
        ({"concern": ["MISSING_CHILD"]}, False),
        ({"service": ["EDUCATION"]}, True),
        ({"service": ["HEALTH_CARE"]}, False),
        ({"district": ["PK617"]}, True),
        ({"district": ["PK711"]}, False),
        ({"concern": ["NEGLECT"], "district": ["PK711"]}, False),
        ({"concern": ["NEGLECT"], "district": ["PK617"], "sender_kind": ["SOCIAL_WELFARE"]}, True),
    ],
)
def test_a_route_holds_when_all_its_conditions_do(when: dict[str, list[str]], holds: bool) -> None:
    value = referral(
        concern={"types": ["OUT_OF_SCHOOL", "NEGLECT"]},
        requested={"service": "EDUCATION"},
        child={"location": {"district": "PK617"}},
    )

    assert receivers(plan(value, to("police-pb", **when))) == (["police-pb"] if holds else [])


@pytest.mark.parametrize("key", ["concern", "service", "district"])
def test_a_condition_on_what_the_referral_does_not_say_does_not_hold(key: str) -> None:
    assert receivers(plan(referral(), to("police-pb", **{key: ["NEGLECT"]}))) == []


@pytest.mark.parametrize(
    ("on", "code"),
    [(date(2025, 12, 31), "NO_AGREEMENT"), (date(2026, 1, 1), None), (date(2026, 12, 31), None),
     (date(2027, 1, 1), "NO_AGREEMENT")],
)  # fmt: skip
def test_without_an_agreement_in_force_a_receiver_waits(on: date, code: str | None) -> None:
    made = plan(referral("health-lhr"), on=on)

    assert made.holds == ((Hold("health-lhr", "TREAT", code),) if code else ())
    assert receivers(made) == ([] if code else ["health-lhr"])


def test_an_agreement_for_another_purpose_is_none() -> None:
    wanted = Route("forensic", When(), (Destination("health-lhr", purpose="FORENSIC_EXAM"),))

    assert plan(referral(), wanted).holds == (Hold("health-lhr", "FORENSIC_EXAM", "NO_AGREEMENT"),)


@pytest.mark.parametrize(
    ("consent", "code"),
    [
        (None, "NO_BASIS"),
        ({"basis": "CONSENT", "expires_on": "2026-03-01"}, "NO_BASIS"),
        ({"basis": "CONSENT", "purposes": ["ENROL"]}, "NO_BASIS"),
        ({"basis": "CONSENT", "recipients": ["POLICE"]}, "NO_BASIS"),
        ({"basis": "CONSENT", "revoked_at": "2026-03-01T10:00:00Z"}, "CONSENT_REVOKED"),
    ],
)
def test_without_a_basis_a_receiver_waits(consent: dict[str, Any] | None, code: str) -> None:
    value = Referral.model_validate(
        {"recipients": [{"agency": "health-lhr"}], **({"consent": consent} if consent else {})}
    )

    assert plan(value).holds == (Hold("health-lhr", "TREAT", code),)


def test_one_receiver_waits_and_the_others_do_not() -> None:
    consent = {"basis": "MANDATORY_REPORT", "statute_id": "PB-PDNCA-2004", "recipients": ["POLICE"]}
    made = plan(referral("police-pb", "health-lhr", consent=consent))

    assert receivers(made) == ["police-pb"]
    assert made.routed[0].basis is Basis.ORDER
    assert made.holds == (Hold("health-lhr", "TREAT", "NO_BASIS"),)


def test_a_hold_is_told_once_however_many_ways_lead_there() -> None:
    made = plan(referral("health-lhr", consent={"giver": "CHILD"}), to("health-lhr"), to("health-lhr"))

    assert made.holds == (Hold("health-lhr", "TREAT", "NO_BASIS"),)


def test_a_way_that_is_open_outweighs_one_that_is_not() -> None:
    both = replace(HEALTH, agreements=(agreement("health-lhr", "FORENSIC_EXAM"),))
    forensic = Route("forensic", When(), (Destination("health-lhr", purpose="FORENSIC_EXAM"),))
    made = plan(referral("health-lhr"), forensic, known=(both, WELFARE))

    assert receivers(made) == ["health-lhr"]
    assert made.routed[0].purpose == "FORENSIC_EXAM"
    assert made.holds == ()


def test_an_agreement_on_a_statute_needs_no_consent() -> None:
    lawful = agency("health-lhr", "HEALTH", "TREAT", statute_id="PB-PDNCA-2004")
    made = plan(referral("health-lhr", consent={"giver": "CHILD"}), known=(lawful, WELFARE))

    assert made.routed[0].basis is Basis.STATUTE


def test_the_same_referral_has_the_same_plan() -> None:
    value = referral("school-pb", "health-lhr")

    assert plan(value, to("nadra")) == plan(value, to("nadra"))


def test_the_statistics_office_has_no_purpose_of_its_own_and_waits() -> None:
    office = agency("mis-pb", "MIS", "REPORT_STATS")

    assert plan(referral("mis-pb"), known=(office, WELFARE)).holds[0].code == "NO_AGREEMENT"


def test_what_is_configured_to_be_given_comes_with_the_receiver() -> None:
    focal = {"focal_point": {"phone": "1121"}}
    (routed,) = plan(referral("school-pb"), give={"school-pb": focal}).routed

    assert routed.give == focal


def test_the_directory_lists_agencies_in_order() -> None:
    assert [each.id for each in Directory(ALL).all()] == sorted(each.id for each in ALL)
