import orjson
import pytest
from sqlalchemy import insert, select

from gateway.ledger.events import EventType
from gateway.ledger.journal import Journal, LedgerDamaged, canonical
from gateway.ledger.verify import verify
from gateway.store.tables import entry, salt, tree
from tests.ledger.samples import DELIVERY, REFERRAL, event, fields_of


def rows(store):
    with store.readers.connection() as connection:
        return connection.execute(select(entry).order_by(entry.c.idx)).all()


def test_an_entry_is_stored_as_it_was_appended(store, journal, clock):
    store.committer.run(lambda _: journal.append(event(EventType.DELIVERED)))

    (row,) = rows(store)
    assert (row.idx, row.type, row.actor) == (0, "delivered", "gateway")
    assert (row.referral, row.delivery) == (REFERRAL, DELIVERY)
    assert row.at == "2026-09-21T14:13:20.000Z"
    assert orjson.loads(row.fields) == fields_of(EventType.DELIVERED)


def test_entries_of_one_item_follow_each_other(store, journal):
    kinds = [EventType.ATTEMPTING, EventType.ATTEMPTED, EventType.DELIVERED]

    def work(_):
        for kind in kinds:
            journal.append(event(kind))

    store.committer.run(work)
    store.committer.run(work)

    assert [(row.idx, row.type) for row in rows(store)] == list(enumerate(kind.value for kind in [*kinds, *kinds]))


def test_an_item_that_fails_leaves_no_entry_and_no_gap(store, journal):
    def fails(_):
        journal.append(event())
        raise LookupError

    first = store.committer.submit(lambda _: journal.append(event()))
    second = store.committer.submit(fails)
    third = store.committer.submit(lambda _: journal.append(event()))

    assert first.exception() is third.exception() is None
    assert isinstance(second.exception(), LookupError)
    assert [row.idx for row in rows(store)] == [0, 1]


def test_a_batch_that_is_lost_leaves_no_entry_and_no_gap(store, journal):
    def lost(connection):
        journal.append(event())
        connection.exec_driver_sql("ROLLBACK")
        raise LookupError

    assert store.committer.submit(lost).exception() is not None
    store.committer.run(lambda _: journal.append(event()))
    assert [row.idx for row in rows(store)] == [0]
    with store.readers.connection() as connection:
        assert verify(connection, []).whole


def test_an_item_that_fails_after_a_flush_takes_nobody_elses_entries_with_it(store, journal):
    def flushes_and_fails(connection):
        journal.append(event())
        journal.flush(connection)
        raise LookupError

    futures = [
        store.committer.submit(work)
        for work in (lambda _: journal.append(event()), flushes_and_fails, lambda _: journal.append(event()))
    ]

    assert futures[2].exception() is None
    assert len(rows(store)) == 2
    with store.readers.connection() as connection:
        assert verify(connection, []).whole


def test_outside_a_work_item_nothing_can_be_entered(store, journal):
    store.committer.run(lambda _: journal.append(event()))

    with pytest.raises(RuntimeError):
        journal.append(event())


def test_a_ledger_is_continued_after_a_restart(store, journal, clock):
    store.committer.run(lambda _: [journal.append(event()) for _ in range(5)])

    with store.readers.connection() as connection:
        again = Journal.open(connection, clock.now)
    store.committer.join(again)
    store.committer.run(lambda _: again.append(event()))

    assert [row.idx for row in rows(store)] == [0, 1, 2, 3, 4, 5]
    with store.readers.connection() as connection:
        assert verify(connection, []).whole


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM salt WHERE idx = 1; DELETE FROM entry WHERE idx = 1",
        "UPDATE tree SET size = 8",
        "DELETE FROM tree",
    ],
)
def test_a_ledger_whose_tree_disagrees_with_its_rows_is_not_continued(store, journal, clock, harm):
    store.committer.run(lambda _: [journal.append(event()) for _ in range(3)])

    def work(connection):
        for statement in harm.split(";"):
            connection.exec_driver_sql(statement)

    store.committer.run(work)
    with store.readers.connection() as connection, pytest.raises(LedgerDamaged):
        Journal.open(connection, clock.now)


def test_time_in_the_ledger_never_runs_backwards(store, journal, clock):
    store.committer.run(lambda _: journal.append(event()))
    clock.advance(-3600)
    store.committer.run(lambda _: journal.append(event()))

    first, second = rows(store)
    assert second.at == first.at


def test_equal_events_have_unequal_commitments(store, journal):
    store.committer.run(lambda _: [journal.append(event()) for _ in range(2)])

    first, second = rows(store)
    assert first.fields == second.fields
    assert first.commitment != second.commitment


def test_redaction_erases_fields_and_salts_of_one_referral_only(store, journal):
    other = "01890a5d-ac96-774b-bcce-b302099a9999"

    def work(connection):
        journal.append(event())
        journal.append(event(referral=other))
        redacted = journal.redact(connection, REFERRAL)
        journal.append(event(EventType.REFERRAL_ERASED))
        return redacted

    assert store.committer.run(work) == 1
    assert [row.fields is None for row in rows(store)] == [True, False, False]
    with store.readers.connection() as connection:
        assert list(connection.execute(select(salt.c.idx).order_by(salt.c.idx)).scalars()) == [1, 2]
        verdict = verify(connection, [])
    assert (verdict.findings, verdict.redacted) == ([], 1)


def test_canonical_json_is_sorted_and_tight():
    assert canonical({"b": 1, "a": ["x", None]}) == b'{"a":["x",null],"b":1}'


def test_the_tree_row_is_one_and_grows(store, journal):
    for _ in range(3):
        store.committer.run(lambda _: journal.append(event()))

    with store.readers.connection() as connection:
        (row,) = connection.execute(select(tree)).all()
    assert (row.size, len(row.stack)) == (3, 64)


def test_somebody_elses_row_in_the_way_stops_the_ledger(store, journal):
    """The journal alone numbers entries: a row that it did not make is a fault, never overwritten."""
    store.committer.run(lambda _: journal.append(event()))
    stolen = dict(rows(store)[0]._mapping) | {"idx": 1}
    store.committer.run(lambda connection: connection.execute(insert(entry), [stolen]).rowcount)

    failed = store.committer.submit(lambda _: journal.append(event()))

    assert failed.exception() is not None
    assert not store.committer.alive
