"""New SQLite files of a test run: their tables are copied from the first that the migrations made.

The migrations are what tests/store/test_migrations.py is about; here they would be most of what a small test costs.
"""

from __future__ import annotations

from sqlalchemy import Engine, inspect

from gateway.store import opening

_migrate = opening.migrate
_script: list[str] = []
"""The statements that make the tables, once known."""


def install() -> None:
    """Let every database of this process that is new be made by copying."""
    opening.migrate = _made


def _made(engine: Engine) -> str:
    if engine.name != "sqlite" or inspect(engine).get_table_names():
        return _migrate(engine)
    if not _script:
        reached = _migrate(engine)
        with engine.connect() as connection:
            _script.append("\n".join(connection.connection.driver_connection.iterdump()))
        return reached
    with engine.connect() as connection:
        connection.connection.driver_connection.executescript(_script[0])
    return ""
