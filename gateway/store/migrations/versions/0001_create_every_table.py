"""Create every table."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: 64-bit row numbers; SQLite counts automatically only on a column declared INTEGER.
ROW = BigInteger().with_variant(Integer(), "sqlite")
#: Unix seconds.
INSTANT = Float(precision=53)

#: In the order in which foreign keys allow creation.
TABLES = (
    "case_key",
    "checkpoint",
    "endpoint",
    "entry",
    "lane",
    "referral",
    "replay",
    "tree",
    "document",
    "party",
    "salt",
    "delivery",
    "inbound",
    "attempt",
)


def upgrade() -> None:
    """Create the tables, those that others refer to first."""
    _create_case_key()
    _create_checkpoint()
    _create_endpoint()
    _create_entry()
    _create_lane()
    _create_referral()
    _create_replay()
    _create_tree()
    _create_document()
    _create_party()
    _create_salt()
    _create_delivery()
    _create_inbound()
    _create_attempt()


def downgrade() -> None:
    """Drop every table, with all that it holds."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _create_case_key() -> None:
    op.create_table(
        "case_key",
        Column("case_key", Text(), nullable=False),
        Column("wrapped_dek", LargeBinary()),
        Column("kek_id", Text()),
        Column("version", Integer(), nullable=False),
        Column("created", INSTANT, nullable=False),
        Column("shredded_at", INSTANT),
        PrimaryKeyConstraint("case_key", name="pk_case_key"),
    )


def _create_checkpoint() -> None:
    op.create_table(
        "checkpoint",
        Column("size", ROW, autoincrement=False, nullable=False),
        Column("at", Text(), nullable=False),
        Column("note", Text(), nullable=False),
        PrimaryKeyConstraint("size", name="pk_checkpoint"),
    )


def _create_endpoint() -> None:
    op.create_table(
        "endpoint",
        Column("dest", Text(), nullable=False),
        Column("phase", Text(), nullable=False),
        Column("opened_at", INSTANT),
        Column("half_open_at", INSTANT),
        Column("trips", Integer(), nullable=False),
        Column("window", Text(), nullable=False),
        Column("paused", Integer(), nullable=False),
        Column("paused_reason", Text()),
        PrimaryKeyConstraint("dest", name="pk_endpoint"),
    )


def _create_entry() -> None:
    op.create_table(
        "entry",
        Column("idx", ROW, autoincrement=False, nullable=False),
        Column("at", Text(), nullable=False),
        Column("type", Text(), nullable=False),
        Column("actor", Text(), nullable=False),
        Column("referral", Text()),
        Column("delivery", Text()),
        Column("fields", Text()),
        Column("commitment", LargeBinary(), nullable=False),
        Column("leaf", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("idx", name="pk_entry"),
    )
    op.create_index("ix_entry_referral", "entry", ["referral", "idx"], unique=False)


def _create_lane() -> None:
    op.create_table(
        "lane",
        Column("id", ROW, nullable=False),
        Column("dest", Text(), nullable=False),
        Column("ord", Text(), nullable=False),
        Column("pending", Integer(), nullable=False),
        Column("next_at", INSTANT, nullable=False),
        Column("held", Integer(), server_default=text("0"), nullable=False),
        Column("lease_owner", Text()),
        Column("lease_gen", Integer(), server_default=text("0"), nullable=False),
        PrimaryKeyConstraint("id", name="pk_lane"),
        UniqueConstraint("dest", "ord", name="uq_lane_dest_ord"),
    )
    op.create_index(
        "ix_lane_due",
        "lane",
        ["next_at"],
        unique=False,
        sqlite_where=text("pending > 0 AND held = 0"),
        postgresql_where=text("pending > 0 AND held = 0"),
    )
    op.create_index(
        "ix_lane_due_at",
        "lane",
        ["dest", "next_at"],
        unique=False,
        sqlite_where=text("pending > 0 AND held = 0"),
        postgresql_where=text("pending > 0 AND held = 0"),
    )


def _create_referral() -> None:
    op.create_table(
        "referral",
        Column("n", ROW, nullable=False),
        Column("id", Text(), nullable=False),
        Column("sender", Text(), nullable=False),
        Column("idem", Text(), nullable=False),
        Column("fingerprint", LargeBinary(), nullable=False),
        Column("case_key", Text(), nullable=False),
        Column("format", Text(), nullable=False),
        Column("mapping_digest", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("priority", Text(), nullable=False),
        Column("version", Integer(), server_default=text("1"), nullable=False),
        Column("created", INSTANT, nullable=False),
        Column("updated", INSTANT, nullable=False),
        Column("expires", INSTANT),
        PrimaryKeyConstraint("n", name="pk_referral"),
        UniqueConstraint("id", name="uq_referral_id"),
        UniqueConstraint("sender", "idem", name="uq_referral_sender_idem"),
    )
    op.create_index("ix_referral_case_key", "referral", ["case_key"], unique=False)
    op.create_index("ix_referral_sender_updated", "referral", ["sender", "updated", "n"], unique=False)


def _create_replay() -> None:
    op.create_table(
        "replay",
        Column("issuer", Text(), nullable=False),
        Column("jti", Text(), nullable=False),
        Column("expires", INSTANT, nullable=False),
        PrimaryKeyConstraint("issuer", "jti", name="pk_replay"),
    )
    op.create_index("ix_replay_expires", "replay", ["expires"], unique=False)


def _create_tree() -> None:
    op.create_table(
        "tree",
        Column("id", Integer(), autoincrement=False, nullable=False),
        Column("size", ROW, nullable=False),
        Column("stack", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_tree"),
    )


def _create_document() -> None:
    op.create_table(
        "document",
        Column("id", Text(), nullable=False),
        Column("referral", Text(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("version", Integer(), nullable=False),
        Column("media_type", Text(), nullable=False),
        Column("case_key", Text(), nullable=False),
        Column("key_version", Integer(), nullable=False),
        Column("nonce", LargeBinary(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        Column("created", INSTANT, nullable=False),
        ForeignKeyConstraint(["case_key"], ["case_key.case_key"], name="fk_document_case_key"),
        ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_document_referral"),
        PrimaryKeyConstraint("id", name="pk_document"),
        UniqueConstraint("referral", "kind", "version", name="uq_document_referral_kind_version"),
    )


def _create_party() -> None:
    op.create_table(
        "party",
        Column("n", ROW, nullable=False),
        Column("referral", Text(), nullable=False),
        Column("agency", Text(), nullable=False),
        Column("role", Text(), nullable=False),
        Column("ref", Text(), nullable=False),
        Column("purpose", Text()),
        Column("service", Text()),
        Column("state", Text(), nullable=False),
        Column("updated", INSTANT, nullable=False),
        ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_party_referral"),
        PrimaryKeyConstraint("n", name="pk_party"),
        UniqueConstraint("agency", "ref", name="uq_party_agency_ref"),
        UniqueConstraint("referral", "agency", "role", name="uq_party_referral_agency_role"),
    )


def _create_salt() -> None:
    op.create_table(
        "salt",
        Column("idx", ROW, autoincrement=False, nullable=False),
        Column("salt", LargeBinary(), nullable=False),
        ForeignKeyConstraint(["idx"], ["entry.idx"], name="fk_salt_idx"),
        PrimaryKeyConstraint("idx", name="pk_salt"),
    )


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        Column("n", ROW, nullable=False),
        Column("id", Text(), nullable=False),
        Column("message_id", Text(), nullable=False),
        Column("referral", Text(), nullable=False),
        Column("recipient", Text(), nullable=False),
        Column("purpose", Text(), nullable=False),
        Column("kind", Text(), nullable=False),
        Column("lane", ROW, nullable=False),
        Column("state", Text(), nullable=False),
        Column("urgent", Integer(), server_default=text("0"), nullable=False),
        Column("attempts", Integer(), server_default=text("0"), nullable=False),
        Column("base", Integer(), server_default=text("0"), nullable=False),
        Column("created", INSTANT, nullable=False),
        Column("first_at", INSTANT),
        Column("next_at", INSTANT),
        Column("settled_at", INSTANT),
        Column("alerted_at", INSTANT),
        Column("last_status", Integer()),
        Column("last_error", Text()),
        Column("peer_ref", Text()),
        Column("body_digest", Text()),
        Column("document", Text()),
        Column("closed_reason", Text()),
        ForeignKeyConstraint(["document"], ["document.id"], name="fk_delivery_document"),
        ForeignKeyConstraint(["lane"], ["lane.id"], name="fk_delivery_lane"),
        ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_delivery_referral"),
        PrimaryKeyConstraint("n", name="pk_delivery"),
        UniqueConstraint("id", name="uq_delivery_id"),
        UniqueConstraint("message_id", name="uq_delivery_message_id"),
    )
    op.create_index(
        "ix_delivery_head",
        "delivery",
        ["lane", "n"],
        unique=False,
        sqlite_where=text("state = 'OPEN'"),
        postgresql_where=text("state = 'OPEN'"),
    )
    op.create_index("ix_delivery_referral", "delivery", ["referral"], unique=False)
    op.create_index("ix_delivery_state", "delivery", ["state", "n"], unique=False)


def _create_inbound() -> None:
    op.create_table(
        "inbound",
        Column("agency", Text(), nullable=False),
        Column("message_id", Text(), nullable=False),
        Column("fingerprint", LargeBinary(), nullable=False),
        Column("referral", Text(), nullable=False),
        Column("document", Text()),
        Column("at", INSTANT, nullable=False),
        ForeignKeyConstraint(["document"], ["document.id"], name="fk_inbound_document"),
        ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_inbound_referral"),
        PrimaryKeyConstraint("agency", "message_id", name="pk_inbound"),
    )


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        Column("delivery", Text(), nullable=False),
        Column("n", Integer(), nullable=False),
        Column("at", INSTANT, nullable=False),
        Column("ms", Integer(), nullable=False),
        Column("status", Integer()),
        Column("outcome", Text(), nullable=False),
        Column("error", Text()),
        Column("peer_ref", Text()),
        ForeignKeyConstraint(["delivery"], ["delivery.id"], name="fk_attempt_delivery"),
        PrimaryKeyConstraint("delivery", "n", name="pk_attempt"),
    )
