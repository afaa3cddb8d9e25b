"""An answer moves the referral if its state permits, once, and the sender is told once."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from gateway.store.tables import delivery, inbound
from tests.gateway.house import House, count, referral
from tests.gateway.manifests import HEALTH, POLICE, SCHOOL, STRANGER, WELFARE


def sent(house: House, *recipients: str, sender: str = WELFARE) -> tuple[str, list[str]]:
    """Send a referral; returns the sender's name for it and each receiver's."""
    name = house.submit(sender, referral(*recipients))["id"]
    return name, [house.ref_of(receiver, sender, name) for receiver in recipients]


def state(house: House, name: str, receiver: str = HEALTH, sender: str = WELFARE) -> tuple[str, str]:
    """Return the referral's own state, and that at one receiver, as the sender sees them."""
    told = house.view(sender, name).json()
    return told["state"], next(d["state"] for d in told["deliveries"] if d["recipient"] == receiver)


def queued(house: House, name: str, sender: str = WELFARE) -> list[Any]:
    """Return the answers that wait to be told to the sender."""
    with house.reading() as connection:
        mine = (delivery.c.referral == house.id_of(sender, name), delivery.c.kind == "REPLY")
        return list(connection.execute(select(delivery).where(*mine)).mappings())


PATHS = [
    ["ACKNOWLEDGE", "ACCEPT", "PROGRESS", "COMPLETE"],
    ["ACCEPT", "COMPLETE"],
    ["ASK", "ACCEPT", "ASK", "PROGRESS", "FAIL"],
    ["ACKNOWLEDGE", "REJECT"],
]
STATE = {
    "ACKNOWLEDGE": "ACKNOWLEDGED", "ACCEPT": "ACCEPTED", "PROGRESS": "IN_SERVICE", "COMPLETE": "COMPLETED",
    "ASK": "INFO_NEEDED", "FAIL": "NOT_COMPLETED", "REJECT": "REJECTED",
}  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids="-".join)
def test_a_lawful_path_is_followed_step_by_step(house: House, path: list[str]) -> None:
    name, (ref,) = sent(house, HEALTH)

    for kind in path:
        said = {"kind": kind, **({"reason": "NO_CAPACITY"} if kind == "REJECT" else {})}
        answer = house.reply(HEALTH, ref, **said)
        assert (answer.status_code, answer.json()["state"]) == (202, STATE[kind])
        assert answer.json()["id"] == ref
        assert state(house, name) == (STATE[kind], STATE[kind])


@pytest.mark.parametrize(
    ("before", "then"),
    [([], "COMPLETE"), ([], "PROGRESS"), (["REJECT"], "ACCEPT"), (["ACCEPT", "COMPLETE"], "PROGRESS"),
     (["ACCEPT", "COMPLETE"], "REJECT"), (["ACCEPT"], "REJECT"), (["ACCEPT", "FAIL"], "COMPLETE")],
)  # fmt: skip
def test_a_step_the_state_does_not_permit_is_refused_and_changes_nothing(
    house: House, before: list[str], then: str
) -> None:
    name, (ref,) = sent(house, HEALTH)
    for kind in before:
        assert house.reply(HEALTH, ref, kind=kind, reason="OTHER").status_code == 202
    was, told = state(house, name), len(queued(house, name))
    answer = house.reply(HEALTH, ref, kind=then, reason="OTHER")

    assert answer.status_code == 422
    assert answer.json()["code"] == "ILLEGAL_MOVE"
    assert state(house, name) == was
    assert len(queued(house, name)) == told


def test_a_report_that_was_overtaken_is_taken_and_changes_nothing(house: House) -> None:
    name, (ref,) = sent(house, HEALTH)
    house.reply(HEALTH, ref, kind="ACCEPT")
    late = house.reply(HEALTH, ref, kind="ACKNOWLEDGE")

    assert (late.status_code, late.json()["state"]) == (202, "ACCEPTED")
    assert state(house, name)[1] == "ACCEPTED"
    assert len(queued(house, name)) == 1


def test_an_answer_that_repeats_the_state_changes_nothing(house: House) -> None:
    name, (ref,) = sent(house, HEALTH)
    house.reply(HEALTH, ref, kind="ACCEPT")
    version = house.view(WELFARE, name).json()["version"]
    again = house.reply(HEALTH, ref, kind="ACCEPT")

    assert (again.status_code, again.json()["state"]) == (202, "ACCEPTED")
    assert house.view(WELFARE, name).json()["version"] == version
    assert len(queued(house, name)) == 1


def test_an_answer_is_taken_once_by_its_message_id(house: House) -> None:
    name, (ref,) = sent(house, HEALTH)
    said = {"message_id": str(uuid.uuid4()), "kind": "ACCEPT"}
    first, second = (house.reply(HEALTH, ref, **said) for _ in range(2))

    assert (first.status_code, first.json()["repeated"]) == (202, False)
    assert (second.status_code, second.json()["repeated"]) == (200, True)
    assert len(queued(house, name)) == 1
    with house.reading() as connection:
        assert count(connection, inbound, inbound.c.referral == house.id_of(WELFARE, name)) == 1


def test_an_answer_without_an_id_is_known_by_its_body(house: House) -> None:
    name, (ref,) = sent(house, HEALTH)
    document = json.dumps({"type": "reply", "kind": "ACCEPT", "at": "2026-03-02T10:00:00Z"}).encode()
    headers = {"Content-Type": "application/json"}
    path = f"/v1/referrals/{ref}/replies"
    answers = [house.call(HEALTH, "POST", path, content=document, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 200]
    assert len(queued(house, name)) == 1


def test_the_same_short_answer_to_two_referrals_is_two_answers(house: House) -> None:
    """A bare "accepted" has the same bytes every time; it is about the referral it was sent to."""
    (one, (ref_one,)), (two, (ref_two,)) = sent(house, HEALTH), sent(house, HEALTH)
    document = json.dumps({"type": "reply", "kind": "ACCEPT"}).encode()
    for ref in (ref_one, ref_two):
        headers = {"Content-Type": "application/json"}
        answer = house.call(HEALTH, "POST", f"/v1/referrals/{ref}/replies", content=document, headers=headers)
        assert answer.status_code == 202

    assert state(house, one)[1] == state(house, two)[1] == "ACCEPTED"


def test_the_same_id_with_another_answer_is_refused(house: House) -> None:
    name, (ref,) = sent(house, HEALTH)
    message_id = str(uuid.uuid4())
    house.reply(HEALTH, ref, message_id=message_id, kind="ACKNOWLEDGE")
    answer = house.reply(HEALTH, ref, message_id=message_id, kind="ACCEPT")

    assert answer.status_code == 409
    assert state(house, name)[1] == "ACKNOWLEDGED"


def test_one_message_id_is_about_one_referral(house: House) -> None:
    (_, (ref_one,)), (two, (ref_two,)) = sent(house, HEALTH), sent(house, HEALTH)
    said = {"message_id": str(uuid.uuid4()), "kind": "ACCEPT"}
    first, second = house.reply(HEALTH, ref_one, **said), house.reply(HEALTH, ref_two, **said)

    assert (first.status_code, second.status_code) == (202, 409)
    assert state(house, two)[1] == "SENT"


@pytest.mark.parametrize("wanted", ["SENT", "READY", "HELD", "DEAD_LETTER", "EXPIRED", "REVOKED", "CLOSED", "DRAFT"])
def test_a_receiver_cannot_give_a_state_that_is_not_its_to_give(house: House, wanted: str) -> None:
    name, (ref,) = sent(house, HEALTH)
    house.reply(HEALTH, ref, kind="ACKNOWLEDGE")
    answer = house.reply(HEALTH, ref, kind="INFORM", state=wanted)

    assert answer.status_code == 422
    assert state(house, name)[1] == "ACKNOWLEDGED"


def test_twenty_answers_at_once_with_one_id_are_one(house: House) -> None:
    name, (ref,) = sent(house, HEALTH)
    said = {"message_id": str(uuid.uuid4()), "kind": "ACCEPT"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: house.reply(HEALTH, ref, **said), range(20)))

    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [202]
    assert len(queued(house, name)) == 1


def test_an_answer_is_told_to_the_sender_once_and_to_nobody_else(house: House) -> None:
    name, (ref, _) = sent(house, HEALTH, SCHOOL)
    house.reply(HEALTH, ref, kind="ACCEPT")
    (message,) = queued(house, name)

    assert (message["recipient"], message["state"]) == (WELFARE, "OPEN")
    kinds = [kind for kind, _ in house.entries(house.id_of(WELFARE, name))]
    assert kinds.count("reply.forwarded") == 1
    assert kinds.count("reply.received") == 1


def test_a_sender_that_takes_no_answers_is_not_sent_any(house: House) -> None:
    name, (ref,) = sent(house, HEALTH, sender=SCHOOL)
    house.reply(HEALTH, ref, kind="ACCEPT")

    assert queued(house, name, SCHOOL) == []
    assert state(house, name, sender=SCHOOL)[1] == "ACCEPTED"


def test_news_without_a_state_is_told_and_moves_nothing(house: House) -> None:
    name, (ref,) = sent(house, HEALTH)
    answer = house.reply(HEALTH, ref, kind="INFORM", outcome={"business_status": "visit-scheduled"})

    assert answer.status_code == 202
    assert state(house, name)[1] == "SENT"
    assert len(queued(house, name)) == 1


def test_one_receivers_no_does_not_end_anothers_yes(house: House) -> None:
    name, (hospital, school) = sent(house, HEALTH, SCHOOL)
    house.reply(HEALTH, hospital, kind="ACCEPT")
    house.reply(SCHOOL, school, kind="REJECT", reason="GRADE_NOT_OFFERED")

    assert state(house, name, HEALTH)[1] == "ACCEPTED"
    assert state(house, name, SCHOOL)[1] == "REJECTED"


def test_an_agency_answers_for_itself_and_no_other(house: House) -> None:
    name, (hospital, school) = sent(house, HEALTH, SCHOOL)

    for who, ref in ((SCHOOL, hospital), (STRANGER, school), (WELFARE, name), (STRANGER, "nobody")):
        assert house.reply(who, ref, kind="ACCEPT").status_code == 404
    assert state(house, name)[1] == "SENT"


def test_the_gateways_own_id_is_no_way_around(house: House) -> None:
    name, _ = sent(house, HEALTH)

    assert house.reply(STRANGER, house.id_of(WELFARE, name), kind="ACCEPT").status_code == 404


def test_a_referral_is_no_answer(house: House) -> None:
    _, (ref,) = sent(house, HEALTH)
    headers = {"Content-Type": "application/json"}
    body = json.dumps(referral(SCHOOL)).encode()
    answer = house.call(HEALTH, "POST", f"/v1/referrals/{ref}/replies", content=body, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "NOT_A_REPLY"


def test_an_answer_in_the_agencys_own_language_is_understood(house: House) -> None:
    name, (ref,) = sent(house, POLICE)
    document = f"""<StatusUpdate xmlns="urn:raabta:police-fir:1"><MessageID>{uuid.uuid4()}</MessageID>
<RefMessageID>{uuid.uuid4()}</RefMessageID><ReferralRef>{ref}</ReferralRef><State>REJECTED</State>
<ReasonCode>NO_CAPACITY</ReasonCode><UpdatedDateTime>2026-03-16T10:00:00+05:00</UpdatedDateTime></StatusUpdate>"""
    headers = {"Content-Type": "application/vnd.raabta.fir+xml"}
    answer = house.call(POLICE, "POST", f"/v1/referrals/{ref}/replies", content=document.encode(), headers=headers)

    assert answer.status_code == 202, answer.text
    assert state(house, name, POLICE)[1] == "REJECTED"
    assert ('"reason":"NO_CAPACITY"') in str(house.entries(house.id_of(WELFARE, name)))


def test_words_of_an_answer_do_not_enter_the_ledger(house: House) -> None:
    name, (ref,) = sent(house, HEALTH)
    house.reply(HEALTH, ref, kind="REJECT", reason="OTHER", reason_text="Kanarienvogel 4711")

    assert "Kanari" not in str(house.entries(house.id_of(WELFARE, name)))
    assert b"Kanarienvogel" not in b"".join(path.read_bytes() for path in house.folder.glob("raabta.sqlite*"))
