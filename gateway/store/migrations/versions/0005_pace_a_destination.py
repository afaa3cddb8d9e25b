"""Add the pace at which a resumed destination catches up."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.Float(precision=53)


def upgrade() -> None:
    """Add both columns; a destination without a pace is sent to as fast as it takes."""
    op.add_column("endpoint", sa.Column("rate", INSTANT))
    op.add_column("endpoint", sa.Column("paced_at", INSTANT))


def downgrade() -> None:
    """Forget every pace."""
    op.drop_column("endpoint", "paced_at")
    op.drop_column("endpoint", "rate")
