"""Consent is taken back, a case changes: every receiver hears what it must."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from gateway.store.tables import document, notice
from tests.gateway.house import House, referral
from tests.gateway.manifests import HEALTH, POLICE, SCHOOL, STRANGER, WELFARE
from tests.recall.post import Post

SAFE_MOTHER = {
    "relation": "MOTHER", "roles": ["GUARDIAN"], "name": "Farzi Maa", "phone": "03990000001", "address": "Zqhomexw 4",
    "contact_rule": "SAFE", "alleged_perpetrator": "NO",
}  # fmt: skip
CONSENT = {"basis": "CONSENT", "giver": "CAREGIVER", "expires_on": "2099-12-31"}


def sent(house: House, *recipients: str, sender: str = WELFARE, **said: Any) -> tuple[str, str, Post]:
    """Send and deliver a referral; returns the sender's name of it, the gateway's id and the postman."""
    post = Post.of(house)
    name = house.submit(sender, referral(*recipients, **{"consent": CONSENT, **said}))["id"]
    post.deliver()
    return name, house.id_of(sender, name), post


def revoke(house: House, name: str, agency: str = WELFARE, **said: Any) -> httpx.Response:
    return house.call(agency, "POST", f"/v1/referrals/{name}/consent/revocation", json=said)


def recalled(answer: httpx.Response) -> dict[str, str | None]:
    assert answer.status_code == 202, answer.text
    return {each["recipient"]: each.get("notice") for each in answer.json()["recalled"]}


def test_revoked_consent_reaches_everybody_who_was_told(house: House) -> None:
    name, identity, post = sent(house, HEALTH, SCHOOL, STRANGER)
    answer = revoke(house, name)
    post.deliver()

    assert recalled(answer) == dict.fromkeys((HEALTH, SCHOOL, STRANGER), "WITHDRAWAL")
    assert answer.json()["state"] == "REVOKED"
    for agency in (HEALTH, SCHOOL, STRANGER):
        assert [each.kind for each in post.handed(agency, identity)] == ["referral", "reply"]
    assert [kind for kind, _ in house.entries(identity)].count("notice.sent") == 3


def test_consent_may_be_taken_back_for_one_purpose_or_one_kind_of_agency(house: House) -> None:
    """The stranger's agreement rests on no statute: without consent for its kind nothing carries the disclosure."""
    name, identity, post = sent(house, HEALTH, STRANGER)
    answer = revoke(house, name, recipients=["SOCIAL_WELFARE"])
    post.deliver()

    assert recalled(answer) == {STRANGER: "WITHDRAWAL"}
    assert len(post.handed(HEALTH, identity)) == 1
    assert house.view(HEALTH, house.ref_of(HEALTH, WELFARE, name)).status_code == 200
    assert house.view(STRANGER, house.ref_of(STRANGER, WELFARE, name)).status_code == 410


def test_the_last_purpose_taken_back_is_the_whole_consent(house: House) -> None:
    name, _, _ = sent(house, STRANGER, consent={**CONSENT, "purposes": ["CASE_MANAGE"]})

    assert recalled(revoke(house, name, purposes=["CASE_MANAGE"])) == {STRANGER: "WITHDRAWAL"}
    assert revoke(house, name).json()["repeated"] is True


def test_what_waited_is_not_sent_and_nobody_is_told_of_it(house: House) -> None:
    name = house.submit(WELFARE, referral(STRANGER, consent=CONSENT))["id"]
    assert recalled(revoke(house, name)) == {STRANGER: None}
    post = Post.of(house)
    post.deliver()

    assert post.handed(STRANGER, house.id_of(WELFARE, name)) == []


def test_after_revocation_only_the_end_of_the_service_is_heard(house: House) -> None:
    name, _, post = sent(house, HEALTH)
    ref = house.ref_of(HEALTH, WELFARE, name)
    assert house.reply(HEALTH, ref, kind="ACCEPT").status_code == 202
    revoke(house, name)
    post.deliver()
    answer = house.reply(HEALTH, ref, kind="COMPLETE", reason_text="Zqsecretxw")

    assert (answer.status_code, answer.json()["state"]) == (202, "REVOKED")
    with house.reading() as connection:
        wanted = select(notice.c.answer).where(notice.c.referral == house.id_of(WELFARE, name))
        assert connection.execute(wanted).scalars().all() == ["COMPLETE"]
        kept = select(document.c.kind).where(document.c.referral == house.id_of(WELFARE, name))
        assert connection.execute(kept).scalars().all().count("ANSWER") == 1


@pytest.mark.parametrize(
    "consent",
    [{"basis": "COURT_ORDER", "order_ref": "O-1"}, {"basis": "MANDATORY_REPORT", "statute_id": "PB-PDNCA-2004"}],
)
def test_what_rests_on_an_order_or_a_duty_is_not_revoked(house: House, consent: dict[str, str]) -> None:
    name = house.submit(WELFARE, referral(POLICE, consent=consent))["id"]
    answer = revoke(house, name)

    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_ON_CONSENT")


def test_a_receiver_cannot_revoke(house: House) -> None:
    name, _, _ = sent(house, HEALTH)

    assert revoke(house, house.ref_of(HEALTH, WELFARE, name), HEALTH).status_code == 404


OFFENCE = {"act": "PPC", "section": "376", "categories": ["SEXUAL"]}


NARROWED = {"kind": "INFORM", "changes": {"offences": [{**OFFENCE, "change": "ADDED"}]}}
CASE = {"number": "912/25", "serial": 912, "offences": [{"act": "PPC", "section": "337-A"}]}
CANONICAL_SCHOOL = "school-pb-cms"


def test_a_section_that_makes_the_child_a_protected_person_narrows_what_was_sent(house: House) -> None:
    """R5: the school was told a safe mother's address; with a sexual offence it may know it no more."""
    name, identity, post = sent(house, CANONICAL_SCHOOL, STRANGER, persons=[SAFE_MOTHER], incident=CASE)
    (first,) = post.handed(CANONICAL_SCHOOL, identity)
    assert b"Zqhomexw" in first.body
    assert house.reply(WELFARE, name, **NARROWED).status_code == 202
    post.deliver()
    _, corrected = post.handed(CANONICAL_SCHOOL, identity)

    said = json.loads(corrected.body)
    assert (corrected.kind, said["supersedes"]) == ("referral", first.message_id)
    assert corrected.message_id != first.message_id
    assert b"Zqhomexw" not in corrected.body
    assert b"376" not in corrected.body
    assert said["child"]["name"] == "Farzi Bachi"
    assert len(post.handed(STRANGER, identity)) == 1


def test_a_corrected_copy_gives_away_nothing_of_what_is_gone(house: House) -> None:
    """It is, but for the names of the message, the copy a receiver would have had in the first place."""
    name, identity, post = sent(house, CANONICAL_SCHOOL, persons=[SAFE_MOTHER], incident=CASE)
    house.reply(WELFARE, name, **NARROWED)
    post.deliver()
    _, corrected = post.handed(CANONICAL_SCHOOL, identity)
    case = {**CASE, "offences": [*CASE["offences"], OFFENCE]}
    _, other, again = sent(house, CANONICAL_SCHOOL, persons=[{k: v for k, v in SAFE_MOTHER.items() if k not in
                           {"phone", "address"}}], incident=case)  # fmt: skip
    (fresh,) = again.handed(CANONICAL_SCHOOL, other)

    def without_names(body: bytes) -> Any:
        said = json.loads(body)
        return {
            k: v for k, v in said.items() if k not in {"message_id", "ref", "case_ref", "supersedes", "received_at"}
        }

    assert without_names(corrected.body) == without_names(fresh.body)


def test_a_second_change_is_held_against_what_was_told_last(house: House) -> None:
    name, identity, post = sent(house, CANONICAL_SCHOOL, persons=[SAFE_MOTHER], incident=CASE)
    house.reply(WELFARE, name, **NARROWED)
    post.deliver()
    house.reply(WELFARE, name, **NARROWED)
    post.deliver()
    assert len(post.handed(CANONICAL_SCHOOL, identity)) == 2
    revoke(house, name)
    post.deliver()

    assert [each.kind for each in post.handed(CANONICAL_SCHOOL, identity)] == ["referral", "referral", "reply"]


def test_a_receivers_own_news_of_the_case_narrow_what_others_know(house: House) -> None:
    """The police add the section to the report they registered on welfare's referral."""
    concern = {"types": ["NEGLECT"], "primary": "NEGLECT", "verification": "SUSPECTED", "caregiver_is_accused": False}
    name, identity, post = sent(house, CANONICAL_SCHOOL, POLICE, persons=[SAFE_MOTHER], concern=concern)
    ref = house.ref_of(POLICE, WELFARE, name)
    assert house.reply(POLICE, ref, **{**NARROWED, "kind": "PROGRESS"}).status_code in {202, 422}
    assert house.reply(POLICE, ref, **NARROWED).status_code == 202
    post.deliver()

    assert [each.kind for each in post.handed(CANONICAL_SCHOOL, identity)] == ["referral", "referral"]


def test_news_that_narrow_nothing_are_told_to_nobody(house: House) -> None:
    name, identity, post = sent(house, SCHOOL)
    news = {"kind": "INFORM", "changes": {"status": {"code": "UNDER_INVESTIGATION"}}}
    assert house.reply(WELFARE, name, **news).status_code == 202
    post.deliver()

    assert len(post.handed(SCHOOL, identity)) == 1
