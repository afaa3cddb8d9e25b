import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from gateway.store.engine import reader_engine
from gateway.store.errors import SchemaMismatch, StoreBusy, StoreInUse, StoreUnavailable
from gateway.store.opening import open_sqlite, reading_sqlite
from gateway.store.readers import Readers
from tests.store.marks import mark, marks

ROOT = Path(__file__).parents[2]


def test_a_second_writer_in_the_same_process_is_refused(store, database):
    with pytest.raises(StoreInUse, match="one writer"):
        open_sqlite(database)


def test_a_second_writer_in_another_process_is_refused(store, database):
    attempt = (
        "import sys; from pathlib import Path; from gateway.store.opening import open_sqlite;"
        "open_sqlite(Path(sys.argv[1]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", attempt, str(database)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "StoreInUse" in done.stderr


def test_the_right_to_write_is_given_back_on_closing(database):
    open_sqlite(database, upgrade=True).close()

    open_sqlite(database).close()


def test_the_right_to_write_is_given_back_when_opening_fails(database):
    for _ in range(2):
        with pytest.raises(SchemaMismatch):
            open_sqlite(database)


def test_readers_cannot_write(store):
    with pytest.raises(OperationalError), store.readers.connection() as connection:
        mark("a")(connection)


def test_a_reader_sees_one_moment(store):
    with store.readers.connection() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM replay").scalar()
        store.committer.run(mark("a"))
        after = connection.exec_driver_sql("SELECT count(*) FROM replay").scalar()

    assert before == after == 0
    assert marks(store) == {"a"}


def test_readers_all_lent_out_say_busy(store, database):
    readers = Readers(reader_engine(database, 1, timeout=0.01))

    with readers.connection(), pytest.raises(StoreBusy), readers.connection():
        pass
    readers.close()


def test_reading_a_database_that_is_not_there_says_unavailable(tmp_path):
    with pytest.raises(StoreUnavailable), reading_sqlite(tmp_path / "none.sqlite"):
        pass


def test_another_process_can_read_while_one_writes_and_afterwards(store, database):
    store.committer.run(mark("a"))

    with reading_sqlite(database) as readers, readers.connection() as connection:
        assert connection.exec_driver_sql("SELECT jti FROM replay").scalar() == "a"


def test_a_closed_database_can_be_read(database):
    open_sqlite(database, upgrade=True).close()

    with reading_sqlite(database) as readers, readers.connection() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM replay").scalar() == 0


def test_truncating_the_log_empties_it(store, database):
    store.committer.run(mark("a"))
    log = database.with_name(database.name + "-wal")
    assert log.stat().st_size > 0

    store.truncate_log()

    assert log.stat().st_size == 0
    assert marks(store) == {"a"}
