"""Insert many rows of one table with few statements.

SQLAlchemy writes the statement for one row, once for each table, set of columns and dialect; the values then go to the
driver as they are. Every value must be one the driver knows (text, numbers, bytes, None): no type of SQLAlchemy looks
at it.

Several rows stand in one statement because a driver that runs a statement for each row stops for each of them: SQLite's
gives the interpreter up and waits until it is its turn again, PostgreSQL's sends a message.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, count
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

from gateway.store import postgres

STEPS = (64, 32, 16, 8, 4, 2, 1)
"""How many rows one statement may hold: few sizes, so that drivers and databases remember the statements."""
_NAMED = re.compile(r"%\((\w+)\)s")
_PLACE = re.compile("%s")


@lru_cache(maxsize=64)
def _one_row(table: Table, columns: tuple[str, ...], dialect: Dialect) -> tuple[str, str, tuple[str, ...]]:
    """Return what stands before VALUES, the place of one row, and the order of its values."""
    # inline: no RETURNING of the row's number, which nobody asks for and which would end up between two rows.
    compiled = insert(table).inline().compile(dialect=dialect, column_keys=list(columns))
    before, _, row = str(compiled).partition(" VALUES ")
    order = compiled.positiontup or _NAMED.findall(row)
    return before, _NAMED.sub("%s", row), tuple(order)


@lru_cache(maxsize=256)
def _statement(table: Table, columns: tuple[str, ...], rows: int, dialect: Dialect) -> str:
    before, row, _ = _one_row(table, columns, dialect)
    text = f"{before} VALUES {', '.join([row] * rows)}"
    if dialect.name != "postgresql":
        return text
    places = count(1)
    return _PLACE.sub(lambda _: f"${next(places)}", text)


def insert_rows(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all with the same columns; nothing for none."""
    if not rows:
        return
    columns, dialect = tuple(rows[0]), connection.dialect
    order = _one_row(table, columns, dialect)[2]
    values = itemgetter(*order) if len(order) > 1 else lambda row: (row[order[0]],)
    for part in _parts(rows):
        text = _statement(table, columns, len(part), dialect)
        flat = tuple(chain.from_iterable(map(values, part)))
        if dialect.name == "postgresql":
            postgres.insert(connection, text, flat)
        else:
            connection.exec_driver_sql(text, flat)


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    """Cut rows into as few parts as there are sizes for."""
    start = 0
    for size in STEPS:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size
