"""The smallest work there is: rows of the table `replay`, which refers to nothing."""

from collections.abc import Callable

from sqlalchemy import Connection, insert, select

from gateway.store.opening import Store
from gateway.store.tables import replay


def mark(jti: str) -> Callable[[Connection], str]:
    """Return work that stores one row and gives its key back."""

    def work(connection: Connection) -> str:
        connection.execute(insert(replay).values(issuer="test", jti=jti, expires=1.0))
        return jti

    return work


def marks(store: Store) -> set[str]:
    """Return what is stored."""
    with store.readers.connection() as connection:
        return set(connection.execute(select(replay.c.jti)).scalars())
