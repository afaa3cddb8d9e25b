"""A referral is withdrawn: what is unsent stays unsent, whoever was told hears of it in its own language."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from adapters.base import Refused, Unavailable, Unknown
from gateway.delivery.making import make
from gateway.store.tables import delivery, notice
from mappings.library import library
from mappings.reply import Reply
from tests.gateway.house import House, child, referral
from tests.gateway.manifests import HEALTH, NADRA, POLICE, SCHOOL, STRANGER, WELFARE
from tests.recall.post import Post

PLACE = {"school_scheme": "pk-punjab-emis", "school_code": "39999002"}


def sent(house: House, *recipients: str, sender: str = WELFARE, **said: object) -> tuple[str, str]:
    """Send a referral; returns the sender's name of it and the gateway's id."""
    concern = {"types": ["NEGLECT"], "primary": "NEGLECT", "verification": "SUSPECTED", "caregiver_is_accused": False}
    name = house.submit(sender, referral(*recipients, **{"concern": concern, **said}))["id"]
    return name, house.id_of(sender, name)


def withdraw(house: House, name: str, reason: str = "NO_LONGER_NEEDED", agency: str = WELFARE):
    return house.call(agency, "POST", f"/v1/referrals/{name}/withdrawal", json={"reason": reason})


def states(house: House, name: str) -> dict[str, str]:
    return {each["recipient"]: each["state"] for each in house.view(WELFARE, name).json()["deliveries"]}


def test_what_was_not_sent_is_never_sent(house: House) -> None:
    name, identity = sent(house, HEALTH)
    answer = withdraw(house, name)
    post = Post.of(house)
    post.deliver()

    assert (answer.status_code, answer.json()["state"]) == (202, "REVOKED")
    assert answer.json()["recalled"] == [{"recipient": HEALTH, "unsent": 1}]
    assert post.handed(HEALTH, identity) == []
    assert states(house, name) == {HEALTH: "REVOKED"}


@pytest.mark.parametrize("receiver", [HEALTH, POLICE, SCHOOL, STRANGER])
def test_whoever_was_told_hears_of_it_in_its_own_language(house: House, receiver: str) -> None:
    post = Post.of(house)
    name, identity = sent(house, receiver)
    post.deliver()
    (first,) = post.handed(receiver, identity)
    assert withdraw(house, name).json()["recalled"][0]["notice"] == "WITHDRAWAL"
    post.deliver()
    _, last = post.handed(receiver, identity)

    mapping = library().get(first.format)
    assert last.format == first.format
    assert (last.kind, last.ref) == ("reply", first.ref)
    if mapping is None or mapping.format == "raabta":
        said = json.loads(last.body)
        assert (said["kind"], said["state"], said["in_reply_to"]) == ("WITHDRAW", "REVOKED", first.message_id)
    else:
        (reading,) = mapping.read(last.body)
        assert isinstance(reading.value, Reply)
        assert reading.value.state == "REVOKED"
        assert reading.value.in_reply_to == first.message_id
    assert states(house, name) == {receiver: "REVOKED"}


def test_a_withdrawal_says_nothing_of_the_child_and_nothing_of_why(house: House) -> None:
    post = Post.of(house)
    name, identity = sent(house, HEALTH, POLICE, SCHOOL, STRANGER, child=child(name="Zqwxbcdf"))
    post.deliver()
    withdraw(house, name, "WRONG_CHILD")
    post.deliver()

    for agency in (HEALTH, POLICE, SCHOOL, STRANGER):
        last = post.handed(agency, identity)[-1]
        assert last.kind == "reply"
        assert b"Zqwxbcdf" not in last.body
        assert b"WRONG_CHILD" not in last.body


def test_a_register_that_has_no_word_for_it_is_left_to_a_person(house: House) -> None:
    post = Post.of(house)
    name, identity = sent(house, NADRA, child=child(birth_date="2016-03-07"), persons=[
        {"relation": "FATHER", "name": "Farzi Baap", "identifiers": [{"scheme": "pk-cnic", "value": "3999900000169"}]},
    ], requested={"service": "CIVIL_REGISTRATION"})  # fmt: skip
    post.deliver()
    if not post.handed(NADRA, identity):
        with house.reading() as connection:
            pytest.fail(str(connection.execute(select(delivery.c.last_error)).scalars().all()))
    withdraw(house, name)
    post.deliver()

    assert len(post.handed(NADRA, identity)) == 1
    with house.reading() as connection:
        row = connection.execute(select(notice).where(notice.c.referral == identity)).mappings().one()
    assert (row["delivery"], row["answered_at"], row["kind"]) == (None, None, "WITHDRAWAL")


@pytest.mark.parametrize(
    ("outcome", "told"),
    [(Unknown("LINE_BROKE"), True), (Unavailable(503, "BUSY"), False), (Refused(400, "INVALID"), False)],
)
def test_in_doubt_a_receiver_has_it_and_what_surely_did_not_arrive_needs_no_notice(
    house: House, outcome: object, told: bool
) -> None:
    post = Post.of(house)
    post.doors[HEALTH].judge = lambda _: outcome
    name, _ = sent(house, HEALTH)
    post.deliver()
    (recalled,) = withdraw(house, name).json()["recalled"]

    assert recalled["unsent"] == 1
    assert ("notice" in recalled) is told


def test_a_message_that_was_taken_back_while_it_was_composed_does_not_leave(house: House, monkeypatch) -> None:
    post = Post.of(house)
    name, identity = sent(house, HEALTH)
    withdrawn = []

    def slow(room, heads):
        made = make(room, heads)
        if not withdrawn and any(head.referral == identity for head in heads):
            withdrawn.append(withdraw(house, name).json()["recalled"])
        return made

    with monkeypatch.context() as patch:
        patch.setattr("gateway.delivery.worker.make", slow)
        post.deliver()

    assert len(withdrawn) == 1
    assert post.handed(HEALTH, identity) == []


def test_a_second_withdrawal_changes_nothing_and_says_so(house: House) -> None:
    post = Post.of(house)
    name, identity = sent(house, HEALTH)
    post.deliver()
    withdraw(house, name)
    answer = withdraw(house, name)
    post.deliver()

    assert (answer.status_code, answer.json()["repeated"]) == (200, True)
    assert len(post.handed(HEALTH, identity)) == 2


@pytest.mark.parametrize("agency", [HEALTH, STRANGER])
def test_only_the_sender_withdraws_and_to_others_there_is_nothing_to_withdraw(house: House, agency: str) -> None:
    name, _ = sent(house, HEALTH)
    theirs = house.ref_of(HEALTH, WELFARE, name) if agency == HEALTH else name

    assert withdraw(house, theirs, agency=agency).status_code == 404


@pytest.mark.parametrize("body", [{"reason": "BECAUSE"}, {"reason": "OTHER", "who": "me"}, {"reason": 1}])
def test_a_reason_is_one_of_the_codes(house: House, body: dict[str, object]) -> None:
    name, _ = sent(house, HEALTH)

    assert house.call(WELFARE, "POST", f"/v1/referrals/{name}/withdrawal", json=body).status_code == 422


def test_a_receiver_sees_a_withdrawn_referral_no_more(house: House) -> None:
    post = Post.of(house)
    name, _ = sent(house, HEALTH)
    post.deliver()
    ref = house.ref_of(HEALTH, WELFARE, name)
    assert house.view(HEALTH, ref).status_code == 200
    withdraw(house, name)
    answer = house.view(HEALTH, ref)

    assert (answer.status_code, answer.json()["code"]) == (410, "WITHDRAWN")


def test_the_sender_is_told_which_fields_were_released_and_no_value(house: House) -> None:
    post = Post.of(house)
    name, _ = sent(house, HEALTH, child=child(name="Zqwxbcdg"))
    post.deliver()
    answer = withdraw(house, name, "WRONG_CHILD")
    (recalled,) = answer.json()["recalled"]

    assert {"child.name", "child.sex", "child.birth_date"} <= set(recalled["fields"])
    assert "Zqwxbcdg" not in answer.text


def test_an_answer_to_the_withdrawal_settles_it_and_moves_nothing(house: House) -> None:
    post = Post.of(house)
    name, identity = sent(house, HEALTH)
    post.deliver()
    ref = house.ref_of(HEALTH, WELFARE, name)
    withdraw(house, name)
    post.deliver()
    answer = house.reply(HEALTH, ref, kind="ACKNOWLEDGE")

    assert (answer.status_code, answer.json()["state"]) == (202, "REVOKED")
    with house.reading() as connection:
        row = connection.execute(select(notice).where(notice.c.referral == identity)).mappings().one()
    assert row["answer"] == "ACKNOWLEDGE"
    assert house.reply(HEALTH, ref, kind="ACCEPT").status_code == 422
    assert [kind for kind, _ in house.entries(identity)].count("notice.answered") == 1
