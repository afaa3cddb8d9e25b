"""Remember which agencies are connected or suspended, and which tokens were given back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Unix seconds.
INSTANT = sa.Float(precision=53)


def upgrade() -> None:
    """Create both tables, empty: agencies are entered when the gateway starts."""
    op.create_table(
        "revocation",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti", name="pk_revocation"),
    )
    op.create_table(
        "agency",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text()),
        sa.Column("suspended", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("changed", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agency"),
    )


def downgrade() -> None:
    """Drop both tables, with what they hold."""
    op.drop_table("agency")
    op.drop_table("revocation")
