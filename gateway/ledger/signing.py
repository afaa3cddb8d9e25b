"""Sign the ledger as it stands, from time to time."""

from sqlalchemy import Connection, insert, select

from gateway.clock import instant
from gateway.ledger.checkpoint import Signer
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import Journal
from gateway.ledger.kinds import Value
from gateway.store.tables import checkpoint


def sign_ledger(connection: Connection, journal: Journal, signer: Signer, now: float) -> str | None:
    """Sign the ledger if it has grown and return the stored note; None: nothing new to sign.

    Each signature is an entry too, so the signed tree ends with the entry that tells of the checkpoint
    before. Runs as a work item of the committer, last in its item: it covers what the item has appended so
    far. It holds the tree until the batch ends, so nobody signs another tree meanwhile.
    """
    grown = journal.flush(connection, wait=True)
    size, root = (grown.size, grown.root()) if grown else (0, b"")
    last = connection.execute(select(checkpoint.c.size).order_by(checkpoint.c.size.desc()).limit(1)).scalar()
    if size == 0 or (last is not None and size <= last + 1):
        return None
    note = signer.sign(size, root)
    connection.execute(insert(checkpoint), [{"size": size, "at": instant(now), "note": note}])
    fields: dict[str, Value] = {"size": size, "root": root.hex(), "key": signer.verifier.id}
    journal.append(Event(EventType.CHECKPOINT_SIGNED, "gateway", fields=fields))
    return note


def latest_checkpoint(connection: Connection) -> str | None:
    """Return the newest signed note; None when the ledger has never been signed."""
    newest = select(checkpoint.c.note).order_by(checkpoint.c.size.desc()).limit(1)
    return connection.execute(newest).scalar()
