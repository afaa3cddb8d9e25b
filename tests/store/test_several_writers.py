"""What only several committers on one PostgreSQL can do to each other, and what a lost server does to one."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gateway.clock import DatabaseClock
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import Journal
from gateway.ledger.verify import verify
from gateway.store import duties
from gateway.store.errors import StoreUnavailable
from gateway.store.opening import Store, open_store, reading
from gateway.store.postgres import Address
from gateway.store.tables import entry, replay, unsequenced
from tests.postgres import cleared
from tests.store.marks import mark, marks


@pytest.fixture
def place() -> Address:
    return cleared()


@pytest.fixture
def pair(place: Address) -> Iterator[tuple[tuple[Store, Journal], tuple[Store, Journal]]]:
    """Lend two gateways' stores over one database, each with its journal."""
    opened = [joined(place), joined(place)]
    yield opened[0], opened[1]
    for store, _ in opened:
        store.close()


def joined(place: Address) -> tuple[Store, Journal]:
    clock = DatabaseClock()
    store = open_store(place, on_time=clock.look)
    with store.engine.connect() as connection:
        journal = Journal.open(connection, clock.now)
    store.committer.join(journal)
    store.committer.start()
    return store, journal


def note(what: str) -> Event:
    return Event(EventType.READ, "tester", fields={"what": what})


def test_who_finds_the_tree_taken_sets_its_entries_aside_and_the_next_gives_them_their_places_first(place, pair):
    (first, early), (second, late) = pair
    with psycopg.connect(place.url) as holder:
        holder.execute("SELECT * FROM tree FOR UPDATE")
        first.committer.run(lambda _: early.append(note("caused-by-nothing")))
        with second.readers.connection() as connection:
            assert len(connection.execute(select(unsequenced)).all()) == 1
    second.committer.run(lambda _: late.append(note("caused-by-the-other")))

    with second.readers.connection() as connection:
        assert [row.fields for row in connection.execute(select(entry).order_by(entry.c.idx))] == [
            '{"what":"caused-by-nothing"}',
            '{"what":"caused-by-the-other"}',
        ]
        assert connection.execute(select(unsequenced)).all() == []
        assert verify(connection, []).whole


def test_entries_set_aside_get_their_places_when_nobody_enters_anything_more(place, pair):
    (first, journal), (second, other) = pair
    with psycopg.connect(place.url) as holder:
        holder.execute("SELECT * FROM tree FOR UPDATE")
        first.committer.run(lambda _: journal.append(note("ledger")))
    second.committer.submit(other.flush, last=True).result()

    with first.readers.connection() as connection:
        assert verify(connection, []).size == 1


def test_two_gateways_entering_at_once_make_one_ledger(pair):
    def enter(store: Store, journal: Journal) -> None:
        for future in [store.committer.submit(lambda _: journal.append(note("ledger"))) for _ in range(200)]:
            future.result()

    threads = [threading.Thread(target=enter, args=each) for each in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store, journal = pair[0]
    store.committer.run(lambda c: journal.flush(c, wait=True))

    with store.readers.connection() as connection:
        verdict = verify(connection, [])
    assert (verdict.findings, verdict.size) == ([], 400)


def cut(connection: Connection) -> None:
    """End the connection's backend, as a server does that is restarted at once."""
    pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    with psycopg.connect(connection.connection.dbapi_connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_a_batch_whose_server_was_lost_runs_again(pair):
    (store, journal), _ = pair
    runs = []

    def work(connection: Connection) -> str:
        runs.append(1)
        journal.append(note("ledger"))
        if len(runs) == 1:
            cut(connection)
        return mark("a")(connection)

    assert store.committer.run(work) == "a"
    assert len(runs) == 2
    assert marks(store) == {"a"}
    with store.readers.connection() as connection:
        assert verify(connection, []).size == 1


@pytest.mark.parametrize("stored", [True, False])
def test_a_commit_whose_answer_was_lost_is_neither_lost_nor_done_twice(pair, stored):
    (store, journal), _ = pair
    writer = store.committer._writer
    commit, runs = writer.commit, []

    def lost() -> None:
        writer.commit = commit
        if stored:
            writer.connection().exec_driver_sql("COMMIT")
        cut(writer.connection())
        writer.connection().exec_driver_sql("COMMIT")

    def work(connection: Connection) -> str:
        runs.append(1)
        journal.append(note("ledger"))
        return mark("a")(connection)

    writer.commit = lost
    assert store.committer.run(work) == "a"
    assert len(runs) == (1 if stored else 2)
    assert marks(store) == {"a"}
    with store.readers.connection() as connection:
        assert verify(connection, []).size == 1


def test_a_deadlock_is_ended_by_the_server_and_both_batches_are_stored(pair):
    stores = [store for store, _ in pair]
    for name in "xy":
        stores[0].committer.run(mark(name))
    met = threading.Barrier(2, timeout=10)

    def cross(first: str, second: str):
        def work(connection: Connection) -> None:
            change = text("UPDATE replay SET expires = expires + 1 WHERE jti = :jti")
            connection.execute(change, {"jti": first})
            if not met.broken and met.n_waiting < 2:
                try:
                    met.wait(2)
                except threading.BrokenBarrierError:
                    met.abort()
            connection.execute(change, {"jti": second})

        return work

    futures = [stores[0].committer.submit(cross("x", "y")), stores[1].committer.submit(cross("y", "x"))]
    assert [future.result() for future in futures] == [None, None]

    with stores[0].readers.connection() as connection:
        assert list(connection.execute(select(replay.c.expires)).scalars()) == [3.0, 3.0]


def test_who_collides_with_anothers_row_is_run_again_and_sees_it(place, pair):
    (store, _), _ = pair
    with psycopg.connect(place.url) as other:
        other.execute("INSERT INTO replay VALUES ('test', 'a', 1)")
        seen = []

        def work(connection: Connection) -> str:
            known = connection.execute(select(replay.c.jti)).scalars().all()
            seen.append(known)
            return "known" if known else mark("a")(connection)

        future = store.committer.submit(work)
        while not seen:
            threading.Event().wait(0.01)
        other.commit()
    assert future.result() == "known"
    assert seen == [[], ["a"]]


def test_a_row_that_is_in_the_way_both_times_is_the_items_own_failure(pair):
    store = pair[0][0]
    store.committer.run(mark("a"))

    with pytest.raises(IntegrityError):
        store.committer.run(mark("a"))


def test_a_periodic_job_is_done_by_one_of_those_who_come(pair):
    def turn(store: Store, now: float) -> bool:
        return store.committer.run(lambda c: duties.take_turn(c, "job", 10.0, now))

    (one, _), (two, _) = pair
    assert [turn(one, 100.0), turn(two, 100.0), turn(two, 109.0)] == [True, False, False]
    assert [turn(two, 110.0), turn(one, 110.0)] == [True, False]
    assert turn(one, 50.0), "a turn noted by a clock that was ahead"


def test_time_is_the_servers(place):
    clock = DatabaseClock()
    clock.look(1.0)
    store = open_store(place, on_time=clock.look)
    store.committer.start()

    told = store.committer.run(lambda c: c.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar())
    store.close()

    assert abs(clock.now() - float(told)) < 60


def test_a_commit_is_flushed_even_where_the_server_would_not(place):
    with psycopg.connect(place.url, autocommit=True) as admin:
        name = admin.info.dbname
        admin.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        store = open_store(place)
        with store.engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        store.close()
    finally:
        with psycopg.connect(place.url, autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {name} RESET synchronous_commit")


def test_a_reader_whose_server_was_lost_gets_another(pair):
    store = pair[0][0]
    with store.readers.connection() as connection:
        cut(connection)
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql("SELECT 1")

    assert marks(store) == set()


def test_what_was_read_stands_when_the_server_is_lost_afterwards(place: Address) -> None:
    with reading(place) as readers:
        with readers.connection() as connection:
            mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            with psycopg.connect(place.url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (mine,))

        with readers.connection() as connection:
            assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != mine


def test_a_server_that_is_lost_while_one_reads_is_unavailable_and_no_fault_of_the_reader(place: Address) -> None:
    def read(connection: Connection) -> None:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(place.url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (mine,))
        connection.execute(text("SELECT 1"))

    with reading(place) as readers, pytest.raises(StoreUnavailable), readers.connection() as connection:
        read(connection)
