"""A register's record fills silence in what is known of a child; a contradiction is a person's to decide."""

import uuid
from typing import Any

import pytest
from sqlalchemy import Connection, select

from adapters.base import Delivered
from gateway import receipts
from gateway.completion import completed, contradictions
from gateway.delivery.lanes import Claimed
from gateway.delivery.states import DeliveryKind
from gateway.store import referrals
from gateway.store.tables import delivery
from mappings.engine.mapping import canonical
from mappings.library import library
from mappings.referral import Record, Referral
from mappings.samples import golden_samples
from tests.gateway.house import House, child, referral
from tests.gateway.manifests import NADRA, WELFARE

REGISTERED = dict(golden_samples(library()["nadra_crms"]))["registration.xml"]
NUMBER = [{"scheme": "pk-crms", "value": "B999901-16-00017"}]


def of(**said: Any) -> Referral:
    return Referral.model_validate(said)


def record(**said: Any) -> Record:
    return Record.model_validate(said)


def test_what_was_silent_is_filled_and_what_was_said_stands() -> None:
    ours = of(child={"name": "Zarmina", "sex": "FEMALE"}, persons=[{"relation": "MOTHER", "name": "Naazo"}])
    theirs = record(
        child={"name": "Zarmina Azmaishi", "name_ur": "زرمینہ", "birth_date": "2016-03-07"},
        persons=[{"relation": "MOTHER", "name": "Nazo"}, {"relation": "FATHER", "name": "Gulrez"}],
        registration={"crms_number": "B999901-16-00017"},
    )
    better = canonical(completed(ours, theirs))

    assert better["child"] == {"name": "Zarmina", "sex": "FEMALE", "name_ur": "زرمینہ", "birth_date": "2016-03-07"}
    assert [person["name"] for person in better["persons"]] == ["Naazo", "Gulrez"]
    assert better["registration"] == {"crms_number": "B999901-16-00017"}


def test_numbers_of_schemes_nobody_gave_are_added_and_a_given_one_stands() -> None:
    ours = of(child={"identifiers": [{"scheme": "pk-bform", "value": "3999900000172"}]})
    theirs = record(child={"identifiers": [{"scheme": "pk-bform", "value": "3999900000134"}, *NUMBER]})

    assert canonical(completed(ours, theirs))["child"]["identifiers"] == [
        {"scheme": "pk-bform", "value": "3999900000172"}, *NUMBER,
    ]  # fmt: skip


def test_what_only_a_register_holds_of_other_kinds_does_not_come_along() -> None:
    theirs = record(child={"phone": "03990000001", "location": {"address": "Misali Gali"}}, enrolment={"grade": "04"})

    assert canonical(completed(of(), theirs)) == canonical(of())


def test_completing_twice_changes_nothing_more() -> None:
    theirs = record(child={"name": "Zarmina"}, persons=[{"relation": "FATHER", "name": "Gulrez"}])
    once = completed(of(), theirs)

    assert completed(once, theirs) == once


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        ({"sex": "MALE"}, {"sex": "FEMALE"}, ["child.sex"]),
        ({"sex": "UNKNOWN"}, {"sex": "FEMALE"}, []),
        ({}, {"sex": "FEMALE", "birth_date": "2016-03-07"}, []),
        ({"birth_date": "2016"}, {"birth_date": "2016-03-07"}, []),
        ({"birth_date": "2016-03-07"}, {"birth_date": "2016-03"}, []),
        ({"birth_date": "2016-03-07"}, {"birth_date": "2016-03-08"}, ["child.birth_date"]),
        ({"birth_date": "2015"}, {"birth_date": "2016-03-07"}, ["child.birth_date"]),
        ({"birth_date": "2015", "birth_date_estimated": True}, {"birth_date": "2016-03-07"}, []),
        (
            {"sex": "MALE", "birth_date": "2015"},
            {"sex": "FEMALE", "birth_date": "2016"},
            ["child.sex", "child.birth_date"],
        ),
    ],
)  # fmt: skip
def test_a_contradiction_is_found_and_a_coarser_word_is_none(
    ours: dict[str, Any], theirs: dict[str, Any], found: list[str]
) -> None:
    assert contradictions(of(child=ours), record(child=theirs)) == found


def test_two_numbers_of_one_scheme_are_a_contradiction() -> None:
    mine = {"identifiers": [{"scheme": "pk-bform", "value": "3999900000172"}]}
    other = {"identifiers": [{"scheme": "pk-bform", "value": "3999900000134"}]}

    assert contradictions(of(child=mine), record(child=other)) == ["child.identifiers"]
    assert contradictions(of(child=mine), record(child=mine)) == []


def answered(house: House, **said: Any) -> str:
    """Send a referral to the register and let it answer with a registration; returns the sender's name for it."""
    name = house.submit(WELFARE, referral(NADRA, **said))["id"]
    with house.reading() as connection:
        row = connection.execute(
            select(delivery).where(delivery.c.referral == house.id_of(WELFARE, name))
        ).mappings().one()  # fmt: skip
    body = REGISTERED.replace(b"9901003999900000172", str(10**18 + int(uuid.uuid4()) % 10**17).encode())
    hand_in(house, row, body)
    return str(name)


def hand_in(house: House, row: Any, body: bytes) -> None:
    """Let the register answer a delivery with a document, as the worker would."""
    claimed = Claimed(
        lane=0, generation=0, owner="", case_key="", id=row["id"], message_id=row["message_id"],
        referral=row["referral"], recipient=NADRA, purpose=row["purpose"], kind=DeliveryKind.REFERRAL, urgent=False,
        attempts=1, tried=1, created=0.0, first_at=None, alerted_at=None, document=None,
    )  # fmt: skip
    room = house.gateway.room
    heard = receipts.read_answer(room, claimed, Delivered(200, None, body))
    assert heard is not None

    def take(connection: Connection) -> None:
        parties = referrals.parties_of(connection, [claimed.referral])
        receipts.take(room, connection, [(claimed, heard)], parties)

    house.write(take)


def test_a_registers_answer_completes_the_child_for_the_sender(house: House) -> None:
    name = answered(house, child={"name": "Zarmina Azmaishi", "identifiers": NUMBER})
    told = house.view(WELFARE, name).json()

    assert told["referral"]["child"]["birth_date"] == "2016-03-07"
    assert told["referral"]["child"]["sex"] == "FEMALE"
    assert told["state"] == "COMPLETED"
    assert "identity.completed" in [kind for kind, _ in house.entries(house.id_of(WELFARE, name))]


def test_what_the_sender_said_stands_beside_the_registers_word(house: House) -> None:
    name = answered(house, child={"name": "Zarmeena", "birth_date": "2016", "identifiers": NUMBER})
    told = house.view(WELFARE, name).json()["referral"]["child"]

    assert (told["name"], told["birth_date"]) == ("Zarmeena", "2016")


def test_a_contradiction_holds_and_shows_nothing_of_the_other_child(house: House) -> None:
    name = answered(house, child={"name": "Zarmina", "sex": "MALE", "birth_date": "2012", "identifiers": NUMBER})
    told = house.view(WELFARE, name).json()

    assert told["state"] == "HELD"
    assert told["referral"]["child"] == child(
        name="Zarmina", sex="MALE", birth_date="2012", identifiers=NUMBER
    ) | {} or (told["referral"]["child"]["sex"] == "MALE")
    assert not any(word in str(told["referral"]) for word in ("Gulrez", "3999900000134", "2016-03-07", "زرمینہ"))
    assert ("IDENTITY_CONFLICT") in str(house.entries(house.id_of(WELFARE, name)))


def test_an_answer_nobody_can_read_does_not_undo_the_delivery(house: House) -> None:
    name = house.submit(WELFARE, referral(NADRA, child=child(identifiers=NUMBER)))["id"]
    with house.reading() as connection:
        row = connection.execute(
            select(delivery).where(delivery.c.referral == house.id_of(WELFARE, name))
        ).mappings().one()  # fmt: skip
    hand_in(house, row, b"<kaputt")

    assert house.view(WELFARE, name).json()["state"] == "SENT"
    assert "reply.refused" in [kind for kind, _ in house.entries(house.id_of(WELFARE, name))]
