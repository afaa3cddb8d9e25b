"""Enter events into the ledger, in the caller's transaction.

The journal takes part in the committer's batches: what it was told by an item that is rolled back, it forgets with
it. Just before COMMIT the batch's entries are given their places in the tree (`sequencing`), unless another gateway
holds the tree at that moment; then they are stored without a place, just as durable, and whoever holds the tree next
gives it to them, before anything that was entered because of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import orjson
from sqlalchemy import Connection, delete, func, select, update

from gateway.clock import instant
from gateway.ledger.events import Event
from gateway.ledger.kinds import Value
from gateway.ledger.sequencing import Entered, canonical, commitment_of, sequence, set_aside
from gateway.ledger.tree import CompactRange
from gateway.store.tables import entry, salt, tree, unsequenced


class LedgerDamaged(Exception):
    """The ledger's rows and its stored tree disagree; run `raabta ledger verify`."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Journal:
    """The one place where entries are made; a committer's participant.

    `now` gives the instant of an entry (Unix seconds), `random_salt` 32 bytes. Built by `Journal.open`;
    used only on the committing thread, inside a work item.
    """

    def __init__(
        self, now: Callable[[], float], random_salt: Callable[[], bytes] = lambda: secrets.token_bytes(32)
    ) -> None:
        self._now = now
        self._random_salt = random_salt
        self._pending: list[Entered] = []
        self._before_item: tuple[Entered, ...] = ()
        self._in_batch = False

    @classmethod
    def open(cls, connection: Connection, now: Callable[[], float]) -> Journal:
        """Continue the ledger of a database.

        Raises `LedgerDamaged` when the stored tree and the number of entries disagree.
        """
        count, last = select(func.count()).select_from(entry), select(func.max(entry.c.idx))
        found = select(tree.c.size, count.scalar_subquery().label("entries"), last.scalar_subquery().label("last"))
        row = connection.execute(found).first()  # one statement, one moment: other gateways may be writing
        if row is None or row.entries != row.size or (row.entries and row.last != row.entries - 1):
            raise LedgerDamaged
        return cls(now)

    def append(self, event: Event) -> None:
        """Enter an event; it is stored when the present work item's batch commits.

        Raises RuntimeError outside a work item, where nothing would ever be stored.
        """
        if not self._in_batch:
            raise RuntimeError("An event can be entered only by a work item of the committer.")
        fields, salted = canonical(event.fields), self._random_salt()
        entered = Entered(
            at=instant(self._now()),
            type=event.type.value,
            actor=event.actor,
            referral=event.referral,
            delivery=event.delivery,
            fields=fields.decode(),
            commitment=commitment_of(salted, fields),
            salt=salted,
        )
        self._pending.append(entered)

    def flush(self, connection: Connection, *, wait: bool = False) -> CompactRange | None:
        """Store what was entered so far and give everything that is stored its place; return the tree.

        None: another gateway holds the tree, and gives the places later; with `wait` it is waited for.
        """
        grown = sequence(connection, self._pending, wait=wait)
        if grown is None:
            set_aside(connection, self._pending)
        self._pending = []
        return grown

    def redact(self, connection: Connection, referral: str) -> int:
        """Erase the fields and salts of a referral's entries so far and return how many had any.

        Who did what kind of thing when stays proven; enter `referral.erased` after it, or verification
        objects.
        """
        self.flush(connection)
        # Those without a place first: one that gets its place meanwhile is then found among the entries.
        early = update(unsequenced).where(unsequenced.c.referral == referral, unsequenced.c.fields.is_not(None))
        concerned = select(entry.c.idx).where(entry.c.referral == referral)
        blank = update(entry).where(entry.c.referral == referral, entry.c.fields.is_not(None))
        redacted = connection.execute(early.values(fields=None, salt=None)).rowcount
        connection.execute(delete(salt).where(salt.c.idx.in_(concerned)))
        return redacted + connection.execute(blank.values(fields=None)).rowcount

    def batch_began(self) -> None:
        """Accept entries."""
        self._in_batch, self._pending = True, []

    def item_began(self) -> None:
        """Remember what was entered before the item."""
        self._before_item = tuple(self._pending)

    def item_undone(self) -> None:
        """Forget what the item entered."""
        self._pending = list(self._before_item)

    def batch_closing(self, connection: Connection) -> None:
        """Write the batch's entries and the tree."""
        if self._pending:
            self.flush(connection)

    def batch_done(self) -> None:
        """Accept no entry until the next batch."""
        self._in_batch = False

    def batch_undone(self) -> None:
        """Forget what the batch entered."""
        self._in_batch, self._pending = False, []


def read_fields(text: str) -> dict[str, Value]:
    """Read the stored fields of an entry."""
    fields: dict[str, Value] = orjson.loads(text)
    return fields
