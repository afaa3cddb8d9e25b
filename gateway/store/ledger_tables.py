"""The ledger's tables; how they are used is said in `gateway.ledger`."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from gateway.store.schema import RowNumber, metadata

entry = Table(
    "entry",
    metadata,
    Column("idx", RowNumber, primary_key=True, autoincrement=False, doc="0 for the first leaf"),
    Column("at", Text, nullable=False, doc="RFC 3339 UTC with milliseconds"),
    Column("type", Text, nullable=False, doc="event type of the catalogue"),
    Column("actor", Text, nullable=False),
    Column("referral", Text),
    Column("delivery", Text),
    Column("fields", Text, doc="canonical JSON of the event's fields; null: redacted"),
    Column("commitment", LargeBinary, nullable=False, doc="SHA-256(0x02 || salt || fields)"),
    Column("leaf", LargeBinary, nullable=False, doc="RFC 6962 leaf hash"),
    Index("ix_entry_referral", "referral", "idx"),
)

unsequenced = Table(
    "unsequenced",
    metadata,
    Column("n", RowNumber, primary_key=True, doc="order in which they were entered"),
    Column("at", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("referral", Text),
    Column("delivery", Text),
    Column("fields", Text, doc="as in `entry`"),
    Column("commitment", LargeBinary, nullable=False),
    Column("salt", LargeBinary, doc="as in `salt`; null: erased"),
    Index("ix_unsequenced_referral", "referral"),
)

salt = Table(
    "salt",
    metadata,
    Column("idx", RowNumber, ForeignKey("entry.idx"), primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False, doc="32 random bytes; deleted by erasure"),
)

tree = Table(
    "tree",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, doc="always 1"),
    Column("size", RowNumber, nullable=False),
    Column("stack", LargeBinary, nullable=False, doc="compact range: 32-byte roots, largest subtree first"),
)

subtree = Table(
    "subtree",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False, doc="1: roots over 16 leaves, 2: over 256, …"),
    Column("idx", RowNumber, primary_key=True, autoincrement=False, doc="0 for the first of its level"),
    Column("root", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", RowNumber, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("note", Text, nullable=False, doc="C2SP signed note"),
)
