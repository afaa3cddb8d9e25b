"""Create every table."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: 64-bit row numbers; SQLite counts automatically only on a column declared INTEGER.
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Unix seconds.
INSTANT = sa.Float(precision=53)
#: Lanes that may be claimed once their time has come.
DUE = sa.text("pending > 0 AND held = 0")
#: Deliveries among which the head of a lane is sought.
HEAD = sa.text("state = 'OPEN'")


def upgrade() -> None:
    """Create the tables, those that others refer to first."""
    for create in TABLES.values():
        create()


def downgrade() -> None:
    """Drop every table, with all that it holds."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _create_case_key() -> None:
    op.create_table(
        "case_key",
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("wrapped_dek", sa.LargeBinary()),
        sa.Column("kek_id", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("shredded_at", INSTANT),
        sa.PrimaryKeyConstraint("case_key", name="pk_case_key"),
    )


def _create_checkpoint() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", ROW, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
    )


def _create_drift() -> None:
    op.create_table(
        "drift",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("agency", "format", "kind", "path")),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("first_seen", "last_seen")),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "format", "kind", "path", name="pk_drift"),
    )


def _create_endpoint() -> None:
    op.create_table(
        "endpoint",
        sa.Column("dest", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("opened_at", INSTANT),
        sa.Column("half_open_at", INSTANT),
        sa.Column("trips", sa.Integer(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("paused", sa.Integer(), nullable=False),
        sa.Column("paused_reason", sa.Text()),
        sa.PrimaryKeyConstraint("dest", name="pk_endpoint"),
    )


def _create_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("idx", ROW, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text()),
        sa.Column("delivery", sa.Text()),
        sa.Column("fields", sa.Text()),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("idx", name="pk_entry"),
    )
    op.create_index("ix_entry_referral", "entry", ["referral", "idx"], unique=False)


def _create_lane() -> None:
    op.create_table(
        "lane",
        sa.Column("id", ROW, nullable=False),
        sa.Column("dest", sa.Text(), nullable=False),
        sa.Column("ord", sa.Text(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_gen", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lane"),
        sa.UniqueConstraint("dest", "ord", name="uq_lane_dest_ord"),
    )
    op.create_index("ix_lane_due", "lane", ["next_at"], unique=False, sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_lane_due_at", "lane", ["dest", "next_at"], unique=False, sqlite_where=DUE, postgresql_where=DUE)


def _create_referral() -> None:
    op.create_table(
        "referral",
        sa.Column("n", ROW, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("idem", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("mapping_digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("updated", INSTANT, nullable=False),
        sa.Column("expires", INSTANT),
        sa.PrimaryKeyConstraint("n", name="pk_referral"),
        sa.UniqueConstraint("id", name="uq_referral_id"),
        sa.UniqueConstraint("sender", "idem", name="uq_referral_sender_idem"),
    )
    op.create_index("ix_referral_case_key", "referral", ["case_key"], unique=False)
    op.create_index("ix_referral_sender_updated", "referral", ["sender", "updated", "n"], unique=False)


def _create_replay() -> None:
    op.create_table(
        "replay",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti", name="pk_replay"),
    )
    op.create_index("ix_replay_expires", "replay", ["expires"], unique=False)


def _create_tree() -> None:
    op.create_table(
        "tree",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", ROW, nullable=False),
        sa.Column("stack", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tree"),
    )


def _create_document() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["case_key"], ["case_key.case_key"], name="fk_document_case_key"),
        sa.ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_document_referral"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("referral", "kind", "version", name="uq_document_referral_kind_version"),
    )


def _create_party() -> None:
    op.create_table(
        "party",
        sa.Column("n", ROW, nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text()),
        sa.Column("service", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("updated", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_party_referral"),
        sa.PrimaryKeyConstraint("n", name="pk_party"),
        sa.UniqueConstraint("agency", "ref", name="uq_party_agency_ref"),
        sa.UniqueConstraint("referral", "agency", "role", name="uq_party_referral_agency_role"),
    )


def _create_salt() -> None:
    op.create_table(
        "salt",
        sa.Column("idx", ROW, autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["idx"], ["entry.idx"], name="fk_salt_idx"),
        sa.PrimaryKeyConstraint("idx", name="pk_salt"),
    )


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("n", ROW, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lane", ROW, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("base", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("first_at", INSTANT),
        sa.Column("next_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.Column("alerted_at", INSTANT),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_error", sa.Text()),
        sa.Column("peer_ref", sa.Text()),
        sa.Column("body_digest", sa.Text()),
        sa.Column("document", sa.Text()),
        sa.Column("closed_reason", sa.Text()),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_delivery_document"),
        sa.ForeignKeyConstraint(["lane"], ["lane.id"], name="fk_delivery_lane"),
        sa.ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_delivery_referral"),
        sa.PrimaryKeyConstraint("n", name="pk_delivery"),
        sa.UniqueConstraint("id", name="uq_delivery_id"),
        sa.UniqueConstraint("message_id", name="uq_delivery_message_id"),
    )
    op.create_index(
        "ix_delivery_head", "delivery", ["lane", "n"], unique=False, sqlite_where=HEAD, postgresql_where=HEAD
    )
    op.create_index("ix_delivery_referral", "delivery", ["referral"], unique=False)
    op.create_index("ix_delivery_state", "delivery", ["state", "n"], unique=False)


def _create_inbound() -> None:
    op.create_table(
        "inbound",
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("document", sa.Text()),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_inbound_document"),
        sa.ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_inbound_referral"),
        sa.PrimaryKeyConstraint("agency", "message_id", name="pk_inbound"),
    )


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("peer_ref", sa.Text()),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.id"], name="fk_attempt_delivery"),
        sa.PrimaryKeyConstraint("delivery", "n", name="pk_attempt"),
    )


#: In the order in which foreign keys allow creation.
TABLES = {
    "case_key": _create_case_key,
    "checkpoint": _create_checkpoint,
    "drift": _create_drift,
    "endpoint": _create_endpoint,
    "entry": _create_entry,
    "lane": _create_lane,
    "referral": _create_referral,
    "replay": _create_replay,
    "tree": _create_tree,
    "document": _create_document,
    "party": _create_party,
    "salt": _create_salt,
    "delivery": _create_delivery,
    "inbound": _create_inbound,
    "attempt": _create_attempt,
}
