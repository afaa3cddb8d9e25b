"""Every table, once, for SQLite and PostgreSQL.

Instants are Unix seconds (UTC), written by the gateway's clock. Identifiers are text. Personal data stands
only in `document.sealed`; agencies, codes, digests and counts stand in the clear, so that delivery and audit
need no key. `doc` says what a column means where its name does not.
`tests/store/test_migrations.py` proves that the migrations build exactly this.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.store.access_tables import agency, replay, revocation, session
from gateway.store.ledger_tables import checkpoint, entry, salt, subtree, tree, unsequenced
from gateway.store.schema import Instant, RowNumber, metadata

__all__ = [
    "agency",
    "attempt",
    "broken_glass",
    "case_key",
    "checkpoint",
    "delivery",
    "document",
    "drift",
    "duty",
    "endpoint",
    "entry",
    "inbound",
    "lane",
    "metadata",
    "notice",
    "party",
    "referral",
    "replay",
    "revocation",
    "salt",
    "session",
    "subtree",
    "tree",
    "unsequenced",
]

referral = Table(
    "referral",
    metadata,
    Column("n", RowNumber, primary_key=True, doc="order of acceptance"),
    Column("id", Text, nullable=False, unique=True, doc="UUIDv7, opaque to everybody"),
    Column("sender", Text, nullable=False, doc="agency id of the sender"),
    Column("idem", Text, nullable=False, doc="idempotency key or the document's own message id"),
    Column("fingerprint", LargeBinary, nullable=False, doc="keyed digest of the body, to compare repeats"),
    Column("case_key", Text, nullable=False, doc="case pseudonym: names the key and the order of delivery"),
    Column("format", Text, nullable=False, doc="format id in which it arrived"),
    Column("mapping_digest", Text, nullable=False, doc="digest of the mapping that read it"),
    Column("state", Text, nullable=False, doc="referral state, formats/case-management.md 6.2"),
    Column("priority", Text, nullable=False, doc="EMERGENCY, HIGH, MEDIUM, LOW or UNSTATED"),
    Column("version", Integer, nullable=False, server_default=text("1"), doc="grows with each change: the ETag"),
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("expires", Instant, doc="when retention ends; null: not set"),
    UniqueConstraint("sender", "idem"),
    Index("ix_referral_sender_updated", "sender", "updated", "n"),
)

document = Table(
    "document",
    metadata,
    Column("id", Text, primary_key=True, doc="UUIDv7"),
    Column("referral", Text, ForeignKey("referral.id"), nullable=False),
    Column("kind", Text, nullable=False, doc="a word of `vault.documents.DocumentKind`"),
    Column("version", Integer, nullable=False, doc="1 for the first of its kind in this referral"),
    Column("media_type", Text, nullable=False),
    Column("case_key", Text, ForeignKey("case_key.case_key"), nullable=False, doc="whose key seals it"),
    Column("key_version", Integer, nullable=False, doc="bound into the seal with table, column and row"),
    Column("nonce", LargeBinary, nullable=False, doc="12 bytes, AES-GCM"),
    Column("sealed", LargeBinary, nullable=False, doc="AES-256-GCM ciphertext with its tag"),
    Column("created", Instant, nullable=False),
    UniqueConstraint("referral", "kind", "version"),
)

party = Table(
    "party",
    metadata,
    Column("n", RowNumber, primary_key=True),
    Column("referral", Text, ForeignKey("referral.id"), nullable=False),
    Column("agency", Text, nullable=False),
    Column("role", Text, nullable=False, doc="SENDER or RECIPIENT"),
    Column("ref", Text, nullable=False, doc="the name this agency knows the referral by; pairwise"),
    Column("purpose", Text, doc="purpose of the agreement it was sent under; null for the sender"),
    Column("service", Text, doc="requested service; null for the sender"),
    Column("state", Text, nullable=False, doc="referral state as this agency left it"),
    Column("updated", Instant, nullable=False),
    Column("followup_at", Instant, server_default=text("0"), doc="when follow-up looks here again; null: not as it is"),
    UniqueConstraint("agency", "ref"),
    UniqueConstraint("referral", "agency", "role"),
)
_FOLLOWED = text("followup_at IS NOT NULL")
Index("ix_party_followup", party.c.followup_at, sqlite_where=_FOLLOWED, postgresql_where=_FOLLOWED)

lane = Table(
    "lane",
    metadata,
    Column("id", RowNumber, primary_key=True),
    Column("dest", Text, nullable=False, doc="agency id of the destination"),
    Column("ord", Text, nullable=False, doc="case pseudonym: messages of one case keep their order"),
    Column("pending", Integer, nullable=False, doc="how many deliveries of this lane are OPEN"),
    Column("next_at", Instant, nullable=False, doc="when the head is due, or when the lease ends; 0: first"),
    Column("held", Integer, nullable=False, server_default=text("0"), doc="1: a dead head waits for a person"),
    Column("lease_owner", Text, doc="worker that holds the lane; null: free"),
    Column("lease_gen", Integer, nullable=False, server_default=text("0"), doc="fencing number of the lease"),
    UniqueConstraint("dest", "ord"),
)
Index(
    "ix_lane_due_at",
    lane.c.dest,
    lane.c.next_at,
    sqlite_where=text("pending > 0 AND held = 0"),
    postgresql_where=text("pending > 0 AND held = 0"),
)
_HELD = text("held = 1")
Index("ix_lane_held", lane.c.dest, sqlite_where=_HELD, postgresql_where=_HELD)

delivery = Table(
    "delivery",
    metadata,
    Column("n", RowNumber, primary_key=True, doc="order within the lane"),
    Column("id", Text, nullable=False, unique=True, doc="UUIDv7, what operators see"),
    Column("message_id", Text, nullable=False, unique=True, doc="constant through every retry"),
    Column("referral", Text, ForeignKey("referral.id"), nullable=False),
    Column("recipient", Text, nullable=False, doc="agency id"),
    Column("purpose", Text, nullable=False),
    Column("kind", Text, nullable=False, doc="REFERRAL, REPLY or NOTICE"),
    Column("lane", RowNumber, ForeignKey("lane.id"), nullable=False),
    Column("state", Text, nullable=False, doc="OPEN, DONE, DEAD or SKIPPED"),
    Column("urgent", Integer, nullable=False, server_default=text("0"), doc="1: emergency: goes first"),
    Column("attempts", Integer, nullable=False, server_default=text("0"), doc="attempts made, ever"),
    Column("base", Integer, nullable=False, server_default=text("0"), doc="attempts before the last replay"),
    Column("created", Instant, nullable=False),
    Column("first_at", Instant, doc="instant of the first attempt"),
    Column("next_at", Instant, doc="hint for people; the lane's next_at decides"),
    Column("settled_at", Instant, doc="when it left OPEN"),
    Column("alerted_at", Instant, doc="when a person was told that it is late"),
    Column("last_status", Integer, doc="HTTP status of the last attempt"),
    Column("last_error", Text, doc="code of the last fault"),
    Column("peer_ref", Text, doc="the receiver's own reference, from its receipt"),
    Column("body_digest", Text, doc="SHA-256 of the bytes sent last, hex"),
    Column("document", Text, ForeignKey("document.id"), doc="the sealed reply or notice; null: the referral"),
    Column("closed_reason", Text, doc="code an operator gave for skipping"),
    Index("ix_delivery_referral", "referral"),
    Index("ix_delivery_state", "state", "n"),
)
Index(
    "ix_delivery_head",
    delivery.c.lane,
    delivery.c.n,
    sqlite_where=text("state = 'OPEN'"),
    postgresql_where=text("state = 'OPEN'"),
)
_EMERGENCY = text("state = 'OPEN' AND urgent = 1 AND alerted_at IS NULL")
# `urgent` stands in it too, or SQLite, which counts equalities, would rather read everything that is OPEN.
Index(
    "ix_delivery_emergency", delivery.c.urgent, delivery.c.created, sqlite_where=_EMERGENCY, postgresql_where=_EMERGENCY
)

attempt = Table(
    "attempt",
    metadata,
    Column("delivery", Text, ForeignKey("delivery.id"), primary_key=True),
    Column("n", Integer, primary_key=True, doc="1 for the first"),
    Column("at", Instant, nullable=False),
    Column("ms", Integer, nullable=False, doc="how long it took, by the monotonic clock"),
    Column("status", Integer, doc="HTTP status; null: none arrived"),
    Column("outcome", Text, nullable=False, doc="DELIVERED, REFUSED, UNAVAILABLE or UNKNOWN"),
    Column("error", Text, doc="code of the fault"),
    Column("peer_ref", Text),
)

endpoint = Table(
    "endpoint",
    metadata,
    Column("dest", Text, primary_key=True),
    Column("phase", Text, nullable=False, doc="CLOSED, OPEN or HALF_OPEN"),
    Column("opened_at", Instant),
    Column("half_open_at", Instant, doc="when one probe may go"),
    Column("trips", Integer, nullable=False, doc="openings since the last success; doubles the pause"),
    Column("window", Text, nullable=False, doc="last outcomes, oldest first: S success, F transport fault"),
    Column("paused", Integer, nullable=False, doc="1: stopped by an operator or by 401, 403, 410"),
    Column("paused_reason", Text, doc="code"),
    Column("rate", Instant, doc="messages a second while it catches up; null: as fast as it takes"),
    Column("paced_at", Instant, doc="until when the pace is used up"),
)

case_key = Table(
    "case_key",
    metadata,
    Column("case_key", Text, primary_key=True, doc="case pseudonym"),
    Column("wrapped_dek", LargeBinary, doc="the case's key, wrapped; null: destroyed"),
    Column("kek_id", Text, doc="which key-encryption key wraps it"),
    Column("version", Integer, nullable=False, doc="of the case's key"),
    Column("created", Instant, nullable=False),
    Column("shredded_at", Instant, doc="when it was destroyed"),
)

duty = Table(
    "duty",
    metadata,
    Column("name", Text, primary_key=True, doc="a periodic job"),
    Column("next_at", Instant, nullable=False, doc="when it is due again, for whichever process comes first"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("agency", Text, primary_key=True, doc="who sent the reply"),
    Column("message_id", Text, primary_key=True, doc="its own id for the message"),
    Column("fingerprint", LargeBinary, nullable=False, doc="keyed digest of the body, to compare repeats"),
    Column("referral", Text, ForeignKey("referral.id"), nullable=False),
    Column("document", Text, ForeignKey("document.id"), doc="the sealed reply"),
    Column("at", Instant, nullable=False),
)

drift = Table(
    "drift",
    metadata,
    Column("agency", Text, primary_key=True, doc="whose documents"),
    Column("format", Text, primary_key=True, doc="format id"),
    Column("kind", Text, primary_key=True, doc="unknown_code, missing_field or new_field"),
    Column("path", Text, primary_key=True, doc="place of theirs without positions; never a value"),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("count", Integer, nullable=False, doc="documents in which it was seen"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Text, primary_key=True, doc="UUIDv7"),
    Column("referral", Text, ForeignKey("referral.id"), nullable=False),
    Column("agency", Text, nullable=False, doc="who was told something it must give up or correct"),
    Column("kind", Text, nullable=False, doc="WITHDRAWAL or CORRECTION"),
    Column("reason", Text, nullable=False, doc="code"),
    Column("delivery", Text, ForeignKey("delivery.id"), doc="what carries it; null: a person must tell them"),
    Column("created", Instant, nullable=False),
    Column("answered_at", Instant, doc="null: no answer yet"),
    Column("answer", Text, doc="code of the answer"),
    Index("ix_notice_referral", "referral", "agency"),
)
_UNANSWERED = text("answered_at IS NULL")
Index("ix_notice_open", notice.c.created, sqlite_where=_UNANSWERED, postgresql_where=_UNANSWERED)

broken_glass = Table(
    "broken_glass",
    metadata,
    Column("n", RowNumber, primary_key=True, doc="order, for lists"),
    Column("id", Text, nullable=False, unique=True, doc="UUIDv7"),
    Column("referral", Text, ForeignKey("referral.id"), nullable=False),
    Column("agency", Text, nullable=False, doc="whose officer looked"),
    Column("officer", Text, nullable=False, doc="the agency's own code for the officer; never a name"),
    Column("reason", Text, nullable=False, doc="code"),
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False, doc="from then on the withholding holds again"),
    Column("reviewed_at", Instant, doc="null: open on the auditor's list"),
    Column("reviewer", Text),
    Column("verdict", Text, doc="JUSTIFIED or UNJUSTIFIED"),
    Index("ix_broken_glass_referral", "referral", "agency", "expires"),
)
_UNREVIEWED = text("reviewed_at IS NULL")
Index("ix_broken_glass_open", broken_glass.c.n, sqlite_where=_UNREVIEWED, postgresql_where=_UNREVIEWED)
