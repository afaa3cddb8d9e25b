import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from gateway.store import engine as sqlite
from gateway.store import postgres
from gateway.store.errors import SchemaMismatch, StoreBusy, StoreInUse, StoreUnavailable
from gateway.store.opening import Store, open_store, reading
from gateway.store.postgres import Address
from gateway.store.readers import Readers
from tests.postgres import cleared
from tests.store.marks import mark, marks

ROOT = Path(__file__).parents[2]


@pytest.fixture
def writing(file: Path) -> Iterator[Store]:
    """Lend an open file of SQLite with a running committer."""
    opened = open_store(file, upgrade=True)
    opened.committer.start()
    yield opened
    opened.close()


def test_a_second_writer_in_the_same_process_is_refused(writing, file):
    with pytest.raises(StoreInUse, match="one writer"):
        open_store(file)


def test_a_second_writer_in_another_process_is_refused(writing, file):
    attempt = (
        "import sys; from pathlib import Path; from gateway.store.opening import open_store;"
        "open_store(Path(sys.argv[1]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", attempt, str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "StoreInUse" in done.stderr


def test_the_right_to_write_is_given_back_on_closing(file):
    open_store(file, upgrade=True).close()

    open_store(file).close()


def test_the_right_to_write_is_given_back_when_opening_fails(file):
    for _ in range(2):
        with pytest.raises(SchemaMismatch):
            open_store(file)


def test_readers_cannot_write(store):
    with pytest.raises(DBAPIError), store.readers.connection() as connection:
        mark("a")(connection)


def test_a_reader_sees_one_moment(store):
    with store.readers.connection() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM replay").scalar()
        store.committer.run(mark("a"))
        after = connection.exec_driver_sql("SELECT count(*) FROM replay").scalar()

    assert before == after == 0
    assert marks(store) == {"a"}


def test_readers_all_lent_out_say_busy(store, database):
    make = postgres.reader_engine if isinstance(database, Address) else sqlite.reader_engine
    readers = Readers(make(database, 1, timeout=0.01))

    with readers.connection(), pytest.raises(StoreBusy), readers.connection():
        pass
    readers.close()


def test_reading_a_database_that_is_not_there_says_unavailable(tmp_path):
    for place in (tmp_path / "none.sqlite", Address(f"postgresql:///none?host={tmp_path}")):
        with pytest.raises(StoreUnavailable), reading(place):
            pass


def test_writing_to_a_server_that_is_not_there_says_unavailable(tmp_path):
    with pytest.raises(StoreUnavailable):
        open_store(Address(f"postgresql:///none?host={tmp_path}"))


def test_a_server_has_several_writers():
    place = cleared()
    stores = [open_store(place), open_store(place)]
    for store in stores:
        store.committer.start()

    assert [store.committer.run(mark(name)) for store, name in zip(stores, "ab", strict=True)] == ["a", "b"]
    assert marks(stores[0]) == marks(stores[1]) == {"a", "b"}
    for store in stores:
        store.close()


def test_another_process_can_read_while_one_writes_and_afterwards(store, database):
    store.committer.run(mark("a"))

    with reading(database) as readers, readers.connection() as connection:
        assert connection.exec_driver_sql("SELECT jti FROM replay").scalar() == "a"


def test_a_closed_database_can_be_read(database):
    open_store(database, upgrade=True).close()

    with reading(database) as readers, readers.connection() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM replay").scalar() == 0


def test_truncating_the_log_empties_it(writing, file):
    writing.committer.run(mark("a"))
    log = file.with_name(file.name + "-wal")
    assert log.stat().st_size > 0

    writing.truncate_log()

    assert log.stat().st_size == 0
    assert marks(writing) == {"a"}
