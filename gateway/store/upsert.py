"""INSERT … ON CONFLICT, which SQLite and PostgreSQL write alike and SQLAlchemy spells per dialect."""

from typing import cast

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> sqlite.Insert:
    """Return an insert that can say `on_conflict_do_update` and `on_conflict_do_nothing`.

    The two dialects' constructs have the same methods; the SQLite type stands for both.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return cast(sqlite.Insert, insert(table))
