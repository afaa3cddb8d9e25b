import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from gateway.store.engine import writer_engine
from gateway.store.errors import SchemaMismatch
from gateway.store.migrate import _config, migrate, require_current, revision
from gateway.store.tables import metadata


def test_an_empty_file_is_upgraded_to_exactly_the_tables_of_the_code(database):
    engine = writer_engine(database)

    migrate(engine)

    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert {table.name for table in metadata.sorted_tables} < set(inspect(connection).get_table_names())


def test_partial_indexes_keep_their_condition(database):
    engine = writer_engine(database)
    migrate(engine)

    with engine.connect() as connection:
        text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'ix_lane_due_at'").scalar()

    assert "WHERE pending > 0 AND held = 0" in text


def test_migrating_twice_changes_nothing(database):
    engine = writer_engine(database)

    assert migrate(engine) == migrate(engine) == "0002"


def test_a_database_that_was_never_migrated_is_refused(database):
    with writer_engine(database).connect() as connection:
        assert revision(connection) is None
        with pytest.raises(SchemaMismatch):
            require_current(connection)


def test_an_interrupted_migration_leaves_nothing_behind(database, monkeypatch):
    engine = writer_engine(database)

    def interrupt(*_: object) -> None:
        # after the revisions have run, before the commit
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        from gateway.store import migrate as module

        upgrade = module.command.upgrade
        patch.setattr(module.command, "upgrade", lambda *given: (upgrade(*given), interrupt()))
        with pytest.raises(KeyboardInterrupt):
            migrate(engine)

    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []


def test_the_first_revision_can_be_undone(database):
    engine = writer_engine(database)
    migrate(engine)

    with engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
