"""Insert many rows of one table with the driver's own `executemany`.

SQLAlchemy compiles the statement, once for each table, set of columns and dialect; the rows then go to the driver as
they are. Every value must be one the driver knows (text, numbers, bytes, None): no type of SQLAlchemy looks at it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert


@lru_cache(maxsize=64)
def _statement(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    """Return the text of the statement, and the order of its parameters where the driver counts them."""
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    return str(compiled), tuple(compiled.positiontup) if compiled.positional and compiled.positiontup else None


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns; nothing for none."""
    if not rows:
        return
    text, order = _statement(table, tuple(rows[0]), connection.dialect)
    values = rows if order is None else [tuple(map(row.__getitem__, order)) for row in rows]
    connection.exec_driver_sql(text, values)
