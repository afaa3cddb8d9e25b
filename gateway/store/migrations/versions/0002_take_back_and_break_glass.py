"""Add what was taken back and is not answered yet, and emergencies in which a withholding was overridden."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.Float(precision=53)
UNANSWERED = sa.text("answered_at IS NULL")
UNREVIEWED = sa.text("reviewed_at IS NULL")


def upgrade() -> None:
    """Create both tables; what was sent before has no record of what was told (docs/adr)."""
    _create_notice()
    _create_broken_glass()


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("broken_glass")
    op.drop_table("notice")


def _create_notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text()),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_notice_referral"),
        sa.ForeignKeyConstraint(["delivery"], ["delivery.id"], name="fk_notice_delivery"),
    )
    op.create_index("ix_notice_referral", "notice", ["referral", "agency"])
    op.create_index("ix_notice_open", "notice", ["created"], sqlite_where=UNANSWERED, postgresql_where=UNANSWERED)


def _create_broken_glass() -> None:
    op.create_table(
        "broken_glass",
        sa.Column("n", ROW, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("officer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
        sa.Column("reviewed_at", INSTANT),
        sa.Column("reviewer", sa.Text()),
        sa.Column("verdict", sa.Text()),
        sa.PrimaryKeyConstraint("n", name="pk_broken_glass"),
        sa.UniqueConstraint("id", name="uq_broken_glass_id"),
        sa.ForeignKeyConstraint(["referral"], ["referral.id"], name="fk_broken_glass_referral"),
    )
    op.create_index("ix_broken_glass_referral", "broken_glass", ["referral", "agency", "expires"])
    op.create_index("ix_broken_glass_open", "broken_glass", ["n"], sqlite_where=UNREVIEWED, postgresql_where=UNREVIEWED)
