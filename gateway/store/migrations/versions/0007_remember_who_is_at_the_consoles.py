"""Remember the sessions of the people at the consoles."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

#: Unix seconds.
INSTANT = sa.Float(precision=53)


def upgrade() -> None:
    """Create the table, empty: nobody is logged in."""
    op.create_table(
        "session",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
    )
    op.create_index("ix_session_expires", "session", ["expires"])


def downgrade() -> None:
    """Log everybody out."""
    op.drop_table("session")
