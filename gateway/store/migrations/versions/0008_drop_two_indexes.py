"""Drop two indexes that nothing reads: each cost every referral a place of its own, and every lease of a lane two."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DUE = sa.text("pending > 0 AND held = 0")


def upgrade() -> None:
    """Drop them; lanes are found by destination, referrals by id."""
    op.drop_index("ix_lane_due", "lane")
    op.drop_index("ix_referral_case_key", "referral")


def downgrade() -> None:
    """Make them again."""
    op.create_index("ix_lane_due", "lane", ["next_at"], unique=False, sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("ix_referral_case_key", "referral", ["case_key"], unique=False)
