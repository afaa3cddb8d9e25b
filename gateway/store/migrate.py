"""Bring a database to the schema this version needs."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from gateway.store.errors import SchemaMismatch
from gateway.store.postgres import lock_key


def migrate(engine: Engine) -> str:
    """Create or upgrade every table and return the revision reached; one transaction, all or nothing."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        try:
            if engine.name == "postgresql":  # several gateways may be starting at once
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock_key('raabta schema')})")
            config = _config()
            config.attributes["connection"] = connection
            if revision(connection) != _head():
                command.upgrade(config, "head")
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
        return revision(connection) or ""


def revision(connection: Connection) -> str | None:
    """Return the schema revision of a database; None when it has never been migrated."""
    return MigrationContext.configure(connection).get_current_revision()


def require_current(connection: Connection) -> None:
    """Raise `SchemaMismatch` unless the database is at the newest revision."""
    if revision(connection) != _head():
        raise SchemaMismatch


@cache
def _head() -> str | None:
    """Return the newest revision this version of the code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "gateway.store:migrations")
    return config
