import json

from gateway.delivery import lanes
from gateway.delivery.settlement import Attempt, settle_retry
from gateway.delivery.states import OutcomeClass
from gateway.ledger.events import Event, EventType
from gateway.ledger.story import story
from tests.delivery.rows import add_referral, message
from tests.ledger.samples import fields_of


def test_a_story_tells_entries_deliveries_and_attempts_in_order(store, journal, clock):
    def accept(connection):
        referral = add_referral(connection, clock)
        sent = message(clock, referral, dest="police-lahore")
        lanes.enqueue(connection, [sent], clock.now())
        fields = fields_of(EventType.REFERRAL_ACCEPTED) | {"format": "nadra_crms"}
        journal.append(Event(EventType.REFERRAL_ACCEPTED, "cpu-lahore", referral, fields=fields))
        return referral, sent

    def fail(connection):
        (head,) = lanes.claim(connection, "w", clock.now(), limit=1)
        made = Attempt(clock.now(), 17, OutcomeClass.UNAVAILABLE, 503, "HTTP_503")
        settle_retry(connection, head, made, clock.now() + 5)
        fields = fields_of(EventType.ATTEMPTED) | {"attempt": 1, "outcome": "UNAVAILABLE"}
        journal.append(Event(EventType.ATTEMPTED, "gateway", head.referral, head.id, fields))

    referral, sent = store.committer.run(accept)
    clock.advance(1)
    store.committer.run(fail)
    store.committer.run(lambda c: journal.append(Event(EventType.READ, "auditor-1", fields={"what": "ledger"})))

    with store.readers.connection() as connection:
        told = story(connection, referral)

    assert [line.type for line in told.lines] == ["referral.accepted", "attempted"]
    assert told.lines[0].sentence == "accepted a referral in nadra_crms and sealed it"
    assert told.lines[1].delivery == sent.id
    assert told.lines[1].sentence.endswith("to police-lahore, attempt 1: UNAVAILABLE")
    (delivery,) = told.deliveries
    assert (delivery.message_id, delivery.state, delivery.next_at) == (
        sent.message_id, "OPEN", "2026-09-21T14:13:26.000Z",
    )  # fmt: skip
    assert [(made.n, made.status, made.outcome) for made in delivery.attempts] == [(1, 503, "UNAVAILABLE")]
    assert json.loads(json.dumps(told.as_json()))["lines"][0]["seq"] == 0


def test_a_referral_nobody_knows_has_an_empty_story(store, journal, clock):
    with store.readers.connection() as connection:
        told = story(connection, clock.new_id())

    assert (told.lines, told.deliveries) == ((), ())
