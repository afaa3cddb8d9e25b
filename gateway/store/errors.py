"""What can go wrong with the store.

    StoreError
    |-- StoreBusy           the queue or the reader pool is full: try again soon
    |-- StoreUnavailable    nothing was stored: disk full, locked, stopped
    |-- StoreInUse          another process already writes to this database
    |-- StoreDamaged        the database file fails its own integrity check
    `-- SchemaMismatch      the schema is not the one this version of the code needs

No message carries a path, SQL or a value. The exceptions of the database library never leave `gateway.store`
through a future, save for a work item's own constraint violations, which its author asked for.
"""


class StoreError(Exception):
    """Something about the store; the message is the docstring of the class."""

    def __init__(self) -> None:
        super().__init__(" ".join((type(self).__doc__ or "").split()))


class StoreBusy(StoreError):
    """The store has more work waiting than it accepts; try again in a few seconds."""


class StoreUnavailable(StoreError):
    """The store cannot write at present; nothing of this item was stored."""


class StoreInUse(StoreError):
    """Another process is the writer of this database; SQLite allows one writer."""


class StoreDamaged(StoreError):
    """The database file does not pass its integrity check; restore it from a backup."""


class SchemaMismatch(StoreError):
    """The database has another schema than this version needs; run `raabta migrate`."""
