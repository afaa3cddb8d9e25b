"""A caller sees its own view of a referral, and nobody else sees that it exists."""

import json
import uuid
from typing import Any

import pytest

from tests.gateway.house import House, child, headers_without_ids, referral
from tests.gateway.manifests import HEALTH, NADRA, POLICE, SCHOOL, STRANGER, WELFARE

FHIR = "application/fhir+json"
SIS = "application/vnd.raabta.sis+json"
FIR = "application/vnd.raabta.fir+xml"
FATHER = {"relation": "FATHER", "name": "Farzi Baap", "alleged_perpetrator": "YES", "phone": "03990000011"}


def sent(house: House, *recipients: str, sender: str = WELFARE, **said: Any) -> str:
    return str(house.submit(sender, referral(*recipients, **said))["id"])


def test_the_sender_sees_what_it_sent_and_how_every_receiver_stands(house: House) -> None:
    name = sent(house, HEALTH, SCHOOL, persons=[FATHER], case_ref="CASE-9")
    told = house.view(WELFARE, name).json()

    assert set(told) >= {"id", "state", "version", "accepted_at", "updated_at", "deliveries", "referral"}
    assert told["referral"]["persons"] == [FATHER]
    assert told["referral"]["case_ref"] == "CASE-9"
    assert {d["recipient"]: (d["state"], d["delivery"], d["attempts"]) for d in told["deliveries"]} == {
        HEALTH: ("SENT", "OPEN", 0), SCHOOL: ("SENT", "OPEN", 0),
    }  # fmt: skip


def test_a_receiver_sees_its_own_copy_and_no_other_receiver(house: House) -> None:
    name = sent(house, HEALTH, SCHOOL, persons=[FATHER])
    told = house.view(HEALTH, house.ref_of(HEALTH, WELFARE, name)).json()

    assert set(told) == {"id", "state", "version", "referral"}
    assert "persons" not in told["referral"]
    assert [party["agency"] for party in told["referral"]["recipients"]] == [HEALTH]
    assert SCHOOL not in json.dumps(told)


def test_a_school_sees_no_sign_of_child_protection(house: House) -> None:
    name = sent(house, SCHOOL, persons=[FATHER], risk={"level": "HIGH"})
    ref = house.ref_of(SCHOOL, WELFARE, name)
    canonical = house.view(SCHOOL, ref).json()["referral"]

    assert canonical["sender"] == {"agency": "education-support"}
    assert canonical["focal_point"]["agency"] == "education-support"
    assert not {"concern", "risk", "persons", "incident"} & set(canonical)
    for accept in ("application/json", SIS):
        text = house.view(SCHOOL, ref, accept).text
        assert not any(
            word in text for word in ("NEGLECT", "welfare", "SOCIAL_WELFARE", "PDNCA", "Baap", "CASE_WORKER")
        )


def test_two_receivers_cannot_tell_that_their_copies_are_of_one_referral(house: House) -> None:
    name = sent(house, HEALTH, POLICE, persons=[{**FATHER, "alleged_perpetrator": "NO"}])
    one = house.view(HEALTH, house.ref_of(HEALTH, WELFARE, name)).json()["referral"]
    other = house.view(POLICE, house.ref_of(POLICE, WELFARE, name)).json()["referral"]

    assert not {one["ref"], one["message_id"], one["case_ref"]} & {other["ref"], other["message_id"], other["case_ref"]}


def test_for_a_stranger_it_is_as_if_there_were_none(house: House) -> None:
    name = sent(house, HEALTH)
    tried = [(STRANGER, name), (STRANGER, house.id_of(WELFARE, name)), (SCHOOL, house.ref_of(HEALTH, WELFARE, name)),
             (STRANGER, "nobody"), (STRANGER, str(uuid.uuid4()))]  # fmt: skip
    answers = [house.view(who, what) for who, what in tried]

    assert {answer.status_code for answer in answers} == {404}
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert len({str(headers_without_ids(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize("path", ["", "/story"])
def test_a_receiver_whose_copy_waits_for_a_person_does_not_know_of_it(house: House, path: str) -> None:
    consent = {"basis": "MANDATORY_REPORT", "statute_id": "PB-PDNCA-2004", "recipients": ["HEALTH"]}
    name = sent(house, HEALTH, STRANGER, consent=consent)
    ref = house.ref_of(STRANGER, WELFARE, name)

    assert house.call(STRANGER, "GET", f"/v1/referrals/{ref}{path}").status_code == 404
    assert house.reply(STRANGER, ref, kind="ACCEPT").status_code == 404
    assert ref not in house.call(STRANGER, "GET", "/v1/referrals?limit=100").text


@pytest.mark.parametrize(
    ("receiver", "accept", "media_type"),
    [(HEALTH, "*/*", FHIR), (HEALTH, FHIR, FHIR), (HEALTH, "application/json", "application/json"),
     (HEALTH, "text/html, application/fhir+json;q=0.3, application/json;q=0.9", "application/json"),
     (HEALTH, "application/json;q=0, */*", FHIR), (SCHOOL, "*/*", SIS), (SCHOOL, "application/*", SIS),
     (POLICE, FIR, FIR), (POLICE, "*/*", FIR), (WELFARE, "*/*", "application/json")],
)  # fmt: skip
def test_a_view_comes_in_the_language_asked_for(house: House, receiver: str, accept: str, media_type: str) -> None:
    sender = HEALTH if receiver == WELFARE else WELFARE
    people = [{**FATHER, "alleged_perpetrator": "NO"}]
    name = sent(house, receiver, sender=sender, persons=people)
    answer = house.view(receiver, house.ref_of(receiver, sender, name), accept)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.parametrize("accept", ["text/html", "application/pdf", "application/json;q=0"])
def test_a_language_nobody_writes_is_not_acceptable(house: House, accept: str) -> None:
    name = sent(house, HEALTH)

    assert house.view(WELFARE, name, accept).status_code == 406


def test_a_language_that_has_no_word_for_it_is_not_acceptable(house: House) -> None:
    """The school's request needs what no referral to a hospital says; nothing is made up."""
    name = sent(house, HEALTH, child={"unknown": True})

    assert house.view(HEALTH, house.ref_of(HEALTH, WELFARE, name), SIS).status_code == 406


def test_an_unchanged_view_is_not_sent_again(house: House) -> None:
    name = sent(house, HEALTH)
    tag = house.view(WELFARE, name).headers["etag"]
    again = house.call(WELFARE, "GET", f"/v1/referrals/{name}", headers={"If-None-Match": tag})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == tag


def test_two_languages_of_one_version_have_tags_of_their_own(house: House) -> None:
    name = sent(house, HEALTH)
    ref = house.ref_of(HEALTH, WELFARE, name)
    tag = house.view(HEALTH, ref, FHIR).headers["etag"]
    headers = {"If-None-Match": f'"other", {tag}', "Accept": "application/json"}
    other = house.call(HEALTH, "GET", f"/v1/referrals/{ref}", headers=headers)

    assert other.status_code == 200
    assert other.headers["vary"] == "Accept"
    assert house.call(HEALTH, "GET", f"/v1/referrals/{ref}", headers={**headers, "Accept": FHIR}).status_code == 304


def test_a_changed_view_has_another_tag(house: House) -> None:
    name = sent(house, HEALTH)
    tag = house.view(WELFARE, name).headers["etag"]
    house.reply(HEALTH, house.ref_of(HEALTH, WELFARE, name), kind="ACCEPT")
    changed = house.call(WELFARE, "GET", f"/v1/referrals/{name}", headers={"If-None-Match": tag})

    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    assert changed.headers["raabta-state"] == "ACCEPTED"


def test_the_list_holds_ones_own_and_no_personal_value(house: House) -> None:
    name = sent(house, HEALTH, child=child(name="Kanarienvogel"), sender=SCHOOL)
    mine = house.call(SCHOOL, "GET", "/v1/referrals?limit=100")
    theirs = house.call(HEALTH, "GET", "/v1/referrals?limit=100")

    assert name in [item["id"] for item in mine.json()["items"]]
    assert house.ref_of(HEALTH, SCHOOL, name) in [item["id"] for item in theirs.json()["items"]]
    assert name not in theirs.text
    assert "Kanari" not in mine.text + theirs.text
    assert set(mine.json()["items"][0]) == {"id", "role", "state", "accepted_at", "updated_at"}


def test_the_list_is_walked_page_by_page_and_holds_everything_once(house: House) -> None:
    names = [sent(house, HEALTH, sender=SCHOOL) for _ in range(5)]
    seen: list[str] = []
    path = "/v1/referrals?limit=2"
    while path:
        page = house.call(SCHOOL, "GET", path).json()
        seen += [item["id"] for item in page["items"]]
        path = f"/v1/referrals?limit=2&cursor={page['next']}" if "next" in page else ""

    assert [name for name in seen if name in names] == names
    assert len(seen) == len(set(seen))


def test_the_list_can_be_narrowed_by_state_and_time(house: House) -> None:
    old = sent(house, HEALTH, sender=SCHOOL)
    since = house.view(SCHOOL, old).json()["updated_at"]
    new = sent(house, HEALTH, sender=SCHOOL)
    house.reply(HEALTH, house.ref_of(HEALTH, SCHOOL, new), kind="ACCEPT")
    accepted = house.call(HEALTH, "GET", "/v1/referrals?limit=100&state=ACCEPTED").json()["items"]
    later = house.call(SCHOOL, "GET", "/v1/referrals", params={"updated_since": since, "limit": 100}).json()["items"]

    assert house.ref_of(HEALTH, SCHOOL, new) in [item["id"] for item in accepted]
    assert house.ref_of(HEALTH, SCHOOL, old) not in [item["id"] for item in accepted]
    assert {old, new} <= {item["id"] for item in later}


def test_the_senders_list_says_how_its_referrals_stand(house: House) -> None:
    name = sent(house, HEALTH, sender=SCHOOL)
    house.reply(HEALTH, house.ref_of(HEALTH, SCHOOL, name), kind="ACCEPT")
    listed = {
        item["id"]: item["state"] for item in house.call(SCHOOL, "GET", "/v1/referrals?limit=100").json()["items"]
    }

    assert listed[name] == "ACCEPTED"
    filtered = house.call(SCHOOL, "GET", "/v1/referrals?limit=100&state=ACCEPTED").json()["items"]
    assert name in [item["id"] for item in filtered]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=e30=", "cursor=eyJuIjoiYSJ9", "updated_since=gestern",
                                   "updated_since=2026-03-02T10:00:00", "limit=0", "limit=101", "state=FINE",
                                   "cursor=eyJuIjoxZTk5OX0="])  # fmt: skip
def test_a_question_nobody_can_answer_is_refused(house: House, query: str) -> None:
    assert house.call(WELFARE, "GET", f"/v1/referrals?{query}").status_code in {400, 422}


def test_what_was_erased_is_gone_for_everybody_and_its_trace_remains(house: House) -> None:
    name = sent(house, HEALTH)
    ref, case = house.ref_of(HEALTH, WELFARE, name), house.id_of(WELFARE, name)
    vault, clock = house.gateway.room.vault, house.gateway.room.clock
    house.write(lambda connection: vault.destroy(connection, case, clock.now()))

    for who, what in ((WELFARE, name), (HEALTH, ref)):
        answer = house.view(who, what)
        assert (answer.status_code, answer.json()["code"]) == (410, "ERASED")
        assert house.call(who, "GET", f"/v1/referrals/{what}/story").status_code == 200
    assert house.view(STRANGER, name).status_code == 404


def test_looking_is_entered_with_who_looked(house: House) -> None:
    name = sent(house, HEALTH)
    house.view(HEALTH, house.ref_of(HEALTH, WELFARE, name))
    story = house.call(WELFARE, "GET", f"/v1/referrals/{name}/story").json()

    assert ("read", HEALTH) in [(line["type"], line["actor"]) for line in story["lines"]]


def test_the_sender_hears_the_whole_story_and_a_receiver_its_own_part(house: House) -> None:
    name = sent(house, HEALTH, SCHOOL)
    hospital, school = house.ref_of(HEALTH, WELFARE, name), house.ref_of(SCHOOL, WELFARE, name)
    house.reply(HEALTH, hospital, kind="ACCEPT")
    house.reply(SCHOOL, school, kind="REJECT", reason="GRADE_NOT_OFFERED")
    whole = house.call(WELFARE, "GET", f"/v1/referrals/{name}/story")
    part = house.call(HEALTH, "GET", f"/v1/referrals/{hospital}/story")

    assert whole.json()["referral"] == name
    assert part.json()["referral"] == hospital
    assert HEALTH in whole.text
    assert SCHOOL in whole.text
    assert [delivery["recipient"] for delivery in part.json()["deliveries"]] == [HEALTH]
    for secret in (SCHOOL, WELFARE, "GRADE_NOT_OFFERED", house.id_of(WELFARE, name), name, "school"):
        assert secret not in part.text


def test_the_register_sees_a_lookup_in_its_own_language(house: House) -> None:
    numbers = [{"scheme": "pk-crms", "value": "B999901-16-00017"}]
    name = sent(house, NADRA, child=child(identifiers=numbers))
    answer = house.view(NADRA, house.ref_of(NADRA, WELFARE, name), "application/vnd.raabta.crms+xml")

    assert answer.status_code == 200, answer.text
    assert "B999901-16-00017" in answer.text
    assert "NEGLECT" not in answer.text
