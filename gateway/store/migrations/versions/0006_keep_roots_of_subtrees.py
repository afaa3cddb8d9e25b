"""Keep the roots of perfect subtrees of the ledger, so that a proof need not read all of it."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TILE = 16


def upgrade() -> None:
    """Create the table and fill it from the leaves that are there."""
    subtree = op.create_table(
        "subtree",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("idx", ROW_NUMBER, primary_key=True, autoincrement=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
    )
    connection = op.get_bind()
    leaves = connection.execute(sa.text("SELECT leaf FROM entry ORDER BY idx")).scalars()
    level, roots = 1, _above([bytes(leaf) for leaf in leaves])
    while roots:
        op.bulk_insert(subtree, [{"level": level, "idx": n, "root": root} for n, root in enumerate(roots)])
        level, roots = level + 1, _above(roots)


def _above(hashes: list[bytes]) -> list[bytes]:
    """Return the root over each whole 16 of these hashes (RFC 6962 section 2.1)."""
    whole = [hashes[start : start + TILE] for start in range(0, len(hashes) - TILE + 1, TILE)]
    return [_root(each) for each in whole]


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def downgrade() -> None:
    """Forget the roots; they can be computed again."""
    op.drop_table("subtree")
