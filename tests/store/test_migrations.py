import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select

from gateway.store.errors import SchemaMismatch
from gateway.store.migrate import _config, migrate, require_current, revision
from gateway.store.tables import metadata, tree


def test_an_empty_database_is_upgraded_to_exactly_the_tables_of_the_code(empty):
    migrate(empty)

    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert {table.name for table in metadata.sorted_tables} < set(inspect(connection).get_table_names())


def test_partial_indexes_keep_their_condition(empty):
    migrate(empty)
    where = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'ix_lane_due_at'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_lane_due_at'",
    }

    with empty.connect() as connection:
        text = str(connection.exec_driver_sql(where[empty.dialect.name]).scalar())

    assert "pending > 0 AND held = 0" in text.replace("(", "").replace(")", "")


def test_migrating_twice_changes_nothing(empty):
    assert migrate(empty) == migrate(empty) == "0004"


def test_a_database_that_was_never_migrated_is_refused(empty):
    with empty.connect() as connection:
        assert revision(connection) is None
        with pytest.raises(SchemaMismatch):
            require_current(connection)


def test_an_interrupted_migration_leaves_nothing_behind(empty, monkeypatch):
    def interrupt(*_: object) -> None:
        # after the revisions have run, before the commit
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        from gateway.store import migrate as module

        upgrade = module.command.upgrade
        patch.setattr(module.command, "upgrade", lambda *given: (upgrade(*given), interrupt()))
        with pytest.raises(KeyboardInterrupt):
            migrate(empty)

    with empty.connect() as connection:
        assert inspect(connection).get_table_names() == []


def to(engine, wanted):
    """Run the revisions, up or down, to one that is named."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        config = _config()
        config.attributes["connection"] = connection
        up = revision(connection) is None
        (command.upgrade if up else command.downgrade)(config, wanted)
        connection.exec_driver_sql("COMMIT")


def test_every_revision_can_be_undone(empty):
    migrate(empty)

    to(empty, "base")

    with empty.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}


def test_a_ledger_without_an_entry_gets_the_row_that_is_locked(empty):
    to(empty, "0001")

    migrate(empty)

    with empty.connect() as connection:
        assert [tuple(row) for row in connection.execute(select(tree))] == [(1, 0, b"")]
        with pytest.raises(Exception, match=r"(?i)unique"):
            connection.execute(insert(tree).values(id=1, size=0, stack=b""))
