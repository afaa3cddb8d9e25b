"""The tables that decide who may call; see `gateway.store.tables`, which lends them on."""

from sqlalchemy import Column, Index, Integer, Table, Text, text

from gateway.store.schema import Instant, metadata

replay = Table(
    "replay",
    metadata,
    Column("issuer", Text, primary_key=True, doc="who made the assertion or token"),
    Column("jti", Text, primary_key=True),
    Column("expires", Instant, nullable=False, doc="after this the row may go"),
    Index("ix_replay_expires", "expires"),
)

revocation = Table(
    "revocation",
    metadata,
    Column("issuer", Text, primary_key=True, doc="who issued the token"),
    Column("jti", Text, primary_key=True),
    Column("expires", Instant, nullable=False, doc="when the token would have ended anyway"),
)

agency = Table(
    "agency",
    metadata,
    Column("id", Text, primary_key=True),
    Column("digest", Text, doc="SHA-256 of its file as last seen, hex; null: it has no file any more"),
    Column("suspended", Integer, nullable=False, server_default=text("0"), doc="1: may neither call nor be sent to"),
    Column("reason", Text, doc="code an operator gave for suspending it"),
    Column("changed", Instant, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("digest", Text, primary_key=True, doc="SHA-256 of the secret in the person's cookie, hex"),
    Column("actor", Text, nullable=False, doc="pseudonym of the person, as the ledger names it"),
    Column("roles", Text, nullable=False, doc="words, separated by spaces"),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False, doc="after this the row may go"),
    Index("ix_session_expires", "expires"),
)
