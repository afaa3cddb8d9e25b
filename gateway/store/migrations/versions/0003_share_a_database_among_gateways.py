"""Share a database among gateways: entries that wait for their number, periodic jobs that run once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: 64-bit row numbers; SQLite counts automatically only on a column declared INTEGER.
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Unix seconds.
INSTANT = sa.Float(precision=53)
#: The tree has had one row since the first entry; now it is there from the beginning, so that it can be locked.
TREE = sa.text("INSERT INTO tree (id, size, stack) VALUES (1, 0, :stack) ON CONFLICT (id) DO NOTHING")


def upgrade() -> None:
    """Add two tables, and the row of an empty tree."""
    op.create_table(
        "unsequenced",
        sa.Column("n", ROW, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text()),
        sa.Column("delivery", sa.Text()),
        sa.Column("fields", sa.Text()),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("n", name="pk_unsequenced"),
    )
    op.create_index("ix_unsequenced_referral", "unsequenced", ["referral"], unique=False)
    op.create_table(
        "duty",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_duty"),
    )
    op.get_bind().execute(TREE, {"stack": b""})


def downgrade() -> None:
    """Drop the tables; an entry that waits for its number is lost."""
    op.drop_table("duty")
    op.drop_table("unsequenced")
