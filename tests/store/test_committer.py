import threading
from concurrent.futures import wait

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from gateway.store.committer import Limits
from gateway.store.engine import writer_engine
from gateway.store.errors import StoreBusy, StoreUnavailable
from gateway.store.opening import Store, open_store
from tests.store.marks import mark, marks


class Gate:
    """Work that holds the committer until it is opened, so that what follows becomes one batch."""

    def __init__(self, store: Store) -> None:
        self._reached, self._open = threading.Event(), threading.Event()
        self.future = store.committer.submit(self._work)
        self._reached.wait()

    def _work(self, connection: Connection) -> None:
        self._reached.set()
        self._open.wait()

    def open(self) -> None:
        self._open.set()


class Recorder:
    """A participant that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def batch_began(self) -> None:
        self.told.append("batch")

    def item_began(self) -> None:
        self.told.append("item")

    def item_undone(self) -> None:
        self.told.append("item undone")

    def batch_closing(self, connection: Connection) -> None:
        self.told.append("closing")

    def batch_done(self) -> None:
        self.told.append("done")

    def batch_undone(self) -> None:
        self.told.append("batch undone")


def test_a_result_comes_after_it_is_stored(store):
    assert store.committer.run(mark("a")) == "a"
    assert marks(store) == {"a"}


def test_many_threads_all_get_their_own_result(store):
    def produce(number: int) -> None:
        for each in range(20):
            assert store.committer.run(mark(f"{number}-{each}")) == f"{number}-{each}"

    threads = [threading.Thread(target=produce, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(marks(store)) == 160


def test_an_items_failure_harms_no_neighbour_and_leaves_nothing_of_itself(store):
    def half(connection: Connection) -> None:
        mark("half")(connection)
        raise LookupError("the item's own")

    gate = Gate(store)
    futures = [store.committer.submit(work) for work in (mark("a"), half, mark("a"), mark("b"))]
    gate.open()

    assert futures[0].result() == "a"
    assert isinstance(futures[1].exception(), LookupError)
    assert isinstance(futures[2].exception(), IntegrityError)
    assert futures[3].result() == "b"
    assert marks(store) == {"a", "b"}


def test_what_waits_goes_into_one_commit_up_to_the_limit(database):
    recorder = Recorder()
    store = open_store(database, upgrade=True, limits=Limits(batch=3))
    store.committer.join(recorder)
    store.committer.start()
    gate = Gate(store)
    futures = [store.committer.submit(mark(str(number))) for number in range(5)]
    gate.open()
    wait(futures)
    store.close()

    first = ["batch", "item", "closing", "done"]
    three = ["batch", "item", "item", "item", "closing", "done"]
    assert recorder.told == [*first, *three, "batch", "item", "item", "closing", "done"]


def test_participants_are_told_of_an_items_failure(database):
    recorder = Recorder()
    store = open_store(database, upgrade=True)
    store.committer.join(recorder)
    store.committer.start()

    with pytest.raises(ZeroDivisionError):
        store.committer.run(lambda _: 1 / 0)
    store.close()

    assert recorder.told == ["batch", "item", "item undone", "closing", "done"]


def test_a_full_queue_says_busy_and_loses_nothing(database):
    store = open_store(database, upgrade=True, limits=Limits(queue=2))
    store.committer.start()
    gate = Gate(store)
    accepted = [store.committer.submit(mark(str(number))) for number in range(2)]

    with pytest.raises(StoreBusy):
        store.committer.submit(mark("too many"))
    assert store.committer.waiting == 2
    gate.open()

    assert [future.result() for future in accepted] == ["0", "1"]
    assert marks(store) == {"0", "1"}
    store.close()


def test_a_cancelled_item_does_not_run(store):
    gate = Gate(store)
    future = store.committer.submit(mark("cancelled"))
    assert future.cancel()
    gate.open()
    store.committer.run(mark("a"))

    assert marks(store) == {"a"}


def test_a_full_disk_fails_the_whole_batch_and_service_resumes_when_there_is_room(file):
    recorder = Recorder()
    store = open_store(file, upgrade=True)
    store.committer.join(recorder)
    store.committer.start()
    pages = store.committer.run(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar())
    store.committer.maintain(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar()).result()
    recorder.told.clear()

    def fill(connection: Connection) -> None:
        connection.execute(text("INSERT INTO replay VALUES ('test', :jti, 1)"), {"jti": "x" * 200_000})

    gate = Gate(store)
    futures = [store.committer.submit(work) for work in (mark("before"), fill, mark("after"))]
    gate.open()

    assert {type(future.exception()) for future in futures} == {StoreUnavailable}
    assert recorder.told[-1] == "batch undone"
    assert marks(store) == set()
    store.committer.maintain(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 1000000").scalar()).result()
    assert store.committer.run(mark("resumed")) == "resumed"
    assert marks(store) == {"resumed"}
    store.close()


def test_a_lock_held_by_somebody_else_fails_the_batch_and_passes(file):
    store = open_store(file, upgrade=True)
    store.committer.start()
    store.committer.maintain(lambda c: c.exec_driver_sql("PRAGMA busy_timeout = 10").scalar()).result()
    with writer_engine(file).connect() as intruder:
        intruder.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            store.committer.run(mark("locked"))
        intruder.exec_driver_sql("ROLLBACK")

    assert store.committer.run(mark("free")) == "free"
    store.close()


def test_an_item_that_ends_the_transaction_stops_the_committer(database):
    failures: list[BaseException] = []
    store = open_store(database, upgrade=True, on_failure=failures.append)
    store.committer.start()

    with pytest.raises(StoreUnavailable):
        store.committer.run(lambda connection: connection.exec_driver_sql("COMMIT"))
    store.close()

    assert len(failures) == 1


def test_an_item_that_swallows_a_full_disk_loses_the_batch_but_not_the_committer(store):
    def swallow(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")  # what SQLite does by itself when the disk is full
        raise LookupError

    with pytest.raises(StoreUnavailable):
        store.committer.run(swallow)

    assert store.committer.run(mark("a")) == "a"


def test_an_unexpected_fault_stops_the_committer_for_good_and_says_so(database):
    failures: list[BaseException] = []
    store = open_store(database, upgrade=True, on_failure=failures.append)

    class Broken(Recorder):
        def batch_closing(self, connection: Connection) -> None:
            raise ArithmeticError

    store.committer.join(Broken())
    store.committer.start()

    with pytest.raises(StoreUnavailable):
        store.committer.run(mark("a"))
    with pytest.raises(StoreUnavailable):
        store.committer.submit(mark("b"))
    store.close()

    assert [type(failure) for failure in failures] == [ArithmeticError]
    assert not store.committer.alive


def test_a_corrupt_database_stops_the_committer(file):
    failures: list[BaseException] = []
    open_store(file, upgrade=True).close()
    store = open_store(file, on_failure=failures.append)
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)
    store.committer.start()

    with pytest.raises(StoreUnavailable):
        store.committer.run(mark("a"))
    store.close()

    assert len(failures) == 1


def test_stopping_finishes_what_waits(database):
    store = open_store(database, upgrade=True)
    store.committer.start()
    gate = Gate(store)
    futures = [store.committer.submit(mark(str(number))) for number in range(10)]
    stopping = threading.Thread(target=store.close)
    stopping.start()
    gate.open()
    stopping.join()

    assert [future.result() for future in futures] == [str(number) for number in range(10)]


def test_stopping_without_draining_refuses_what_waits(database):
    store = open_store(database, upgrade=True)
    store.committer.start()
    gate = Gate(store)
    future = store.committer.submit(mark("late"))
    stopping = threading.Thread(target=store.close, args=(False,))
    stopping.start()
    assert isinstance(future.exception(), StoreUnavailable)
    gate.open()
    stopping.join()


def test_a_committer_never_started_refuses_work(database):
    store = open_store(database, upgrade=True)

    with pytest.raises(StoreUnavailable):
        store.committer.submit(mark("a"))
    store.close()


def test_a_failed_piece_of_maintenance_is_its_callers_own(store):
    with pytest.raises(ZeroDivisionError):
        store.committer.maintain(lambda _: 1 / 0).result()

    assert store.committer.run(mark("a")) == "a"
