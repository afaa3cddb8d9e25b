"""Bring a database to the schema this version needs."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from gateway.store.errors import SchemaMismatch


def migrate(engine: Engine) -> str:
    """Create or upgrade every table and return the revision reached; one transaction, all or nothing."""
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        try:
            config = _config()
            config.attributes["connection"] = connection
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
    if revision(connection) != ScriptDirectory.from_config(_config()).get_current_head():
        raise SchemaMismatch


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "gateway.store:migrations")
    return config
