"""Remember when each receiver is to be followed up; find emergencies and held lanes without reading all there is."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: Unix seconds.
INSTANT = sa.Float(precision=53)
FOLLOWED = sa.text("followup_at IS NOT NULL")
EMERGENCY = sa.text("state = 'OPEN' AND urgent = 1 AND alerted_at IS NULL")
HELD = sa.text("held = 1")
#: Whose answer is waited for; they are looked at once (0), and follow-up says when next.
WAITING = "role = 'RECIPIENT' AND state IN ('SENT', 'DELIVERED', 'DEAD_LETTER', 'HELD', 'ACKNOWLEDGED')"


def upgrade() -> None:
    """Add the column and the indexes."""
    op.add_column("party", sa.Column("followup_at", INSTANT, server_default=sa.text("0")))
    op.execute(f"UPDATE party SET followup_at = NULL WHERE NOT ({WAITING})")  # noqa: S608 - our own text
    op.create_index(
        "ix_party_followup", "party", ["followup_at"], unique=False, sqlite_where=FOLLOWED, postgresql_where=FOLLOWED
    )
    op.create_index(
        "ix_delivery_emergency", "delivery", ["urgent", "created"], unique=False, sqlite_where=EMERGENCY,
        postgresql_where=EMERGENCY,
    )  # fmt: skip
    op.create_index("ix_lane_held", "lane", ["dest"], unique=False, sqlite_where=HELD, postgresql_where=HELD)


def downgrade() -> None:
    """Drop them; follow-up then reads all that waits, as before."""
    op.drop_index("ix_lane_held", "lane")
    op.drop_index("ix_delivery_emergency", "delivery")
    op.drop_index("ix_party_followup", "party")
    op.drop_column("party", "followup_at")
