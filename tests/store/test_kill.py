import os
from pathlib import Path

from sqlalchemy import select

from gateway.ledger.verify import verify
from gateway.store.opening import open_store
from gateway.store.tables import replay
from tests import zygote
from tests.store import killed_writer

#: Rows acknowledged before each kill: early ones hit the start, later ones hit full batches.
KILL_AFTER = (1, 2, 3, 7, 19, 49, 50, 51, 99, 120, 151, 173, 222, 307, 401, 555, 702, 911, 1203, 1501)


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path):
    """Twenty times SIGKILL under load: what was acknowledged is stored, the ledger is whole."""
    database = tmp_path / "raabta.sqlite"
    open_store(database, upgrade=True).close()
    acknowledged: set[str] = set()

    for number in range(len(KILL_AFTER)):
        acknowledged |= _run_and_kill(database, f"round{number}", KILL_AFTER[number])

    store = open_store(database)
    with store.readers.connection() as connection:
        stored = set(connection.execute(select(replay.c.jti)).scalars())
        verdict = verify(connection, [])
    store.close()
    assert len(acknowledged) >= sum(KILL_AFTER)
    assert acknowledged - stored == set()
    assert verdict.findings == []
    assert verdict.size == len(stored)


def _run_and_kill(database: Path, name: str, lines: int) -> set[str]:
    """Kill the writer after it has acknowledged so many rows and return all that it acknowledged."""
    pipe = database.with_name(name)
    os.mkfifo(pipe)
    writer = zygote.start(pipe, killed_writer.main, database, name)
    with pipe.open("rb") as acknowledged:
        seen = [acknowledged.readline() for _ in range(lines)]
        writer.kill()
        seen += acknowledged.readlines()
    # The last line may be cut off in the middle.
    return {line.decode().strip() for line in seen if line.endswith(b"\n") and line.startswith(b"round")}
