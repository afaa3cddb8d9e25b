import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError

from gateway.store.engine import has_wal_reset_bug, is_unavailable, quick_check, writer_engine
from gateway.store.errors import StoreDamaged
from gateway.store.migrate import migrate


@pytest.mark.parametrize(
    ("version", "bad"),
    [
        ("3.6.23", False),
        ("3.7.0", True),
        ("3.40.1", True),
        ("3.44.5", True),
        ("3.44.6", False),
        ("3.50.6", True),
        ("3.50.7", False),
        ("3.51.2", True),
        ("3.51.3", False),
        ("3.52.0", False),
    ],
)
def test_the_versions_with_the_wal_reset_bug_are_known(version, bad):
    assert has_wal_reset_bug(version) is bad


def test_the_writer_flushes_every_commit_and_overwrites_what_it_deletes(file):
    with writer_engine(file).connect() as connection:
        read = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }

    assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_file_that_is_no_database_is_called_damaged(file):
    file.write_bytes(b"this was a database once" * 100)

    with pytest.raises(StoreDamaged):
        quick_check(writer_engine(file))


def test_a_database_with_an_overwritten_page_is_called_damaged(file):
    engine = writer_engine(file)
    migrate(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[4096 : 3 * 4096] = b"\xff" * (2 * 4096)
    file.write_bytes(content)

    with pytest.raises(StoreDamaged):
        quick_check(writer_engine(file))


def test_only_the_machines_faults_pass_for_unavailable(file):
    with writer_engine(file).connect() as connection:
        with pytest.raises(DBAPIError) as wrong:
            connection.exec_driver_sql("SELECT nothing FROM nowhere")
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(DBAPIError) as full:
            connection.exec_driver_sql("CREATE TABLE t (x)")

    assert not is_unavailable(wrong.value)
    assert is_unavailable(full.value)
    assert isinstance(full.value.orig, sqlite3.OperationalError)
