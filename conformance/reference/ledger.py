"""The ledger of the miniature gateway: entries in one row, a signed head above them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conformance.reference.evidence import leaf_of
from conformance.reference.trees import Tree
from conformance.signed_log import root_of

NAME = "reference.example/ledger"


@cache
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@dataclass
class Ledger:
    """Everything that was entered, whichever referral it belongs to."""

    flaws: frozenset[str]
    rows: list[Tree] = field(default_factory=list)

    def enter(self, line: Tree) -> None:
        """Add an entry."""
        self.rows.append({**line, "seq": len(self.rows), "leaf": leaf_of(line)})

    def shown(self, start: int, limit: int) -> list[Tree]:
        """List entries from a number on."""
        rows = self.rows
        if "drops-entries" in self.flaws:
            rows = rows[:2] + rows[3:]
        if "rewrites-entries" in self.flaws and rows:
            rows = [{**rows[0], "leaf": "00" * 32}, *rows[1:]]
        return rows[start : start + limit]

    def key(self) -> str:
        """Give the public key of the heads."""
        encoded = base64.b64encode(b"\x01" + _key().public_key().public_bytes_raw()).decode()
        return f"{NAME}+00000000+{encoded}\n"

    def head(self) -> str:
        """Sign how the ledger stands."""
        root = root_of([bytes.fromhex(one["leaf"]) for one in self.rows])
        text = f"{NAME}\n{len(self.rows)}\n{base64.b64encode(root).decode()}\n"
        signed = text.replace(NAME, "another.example/ledger") if "signs-something-else" in self.flaws else text
        signature = base64.b64encode(bytes(4) + _key().sign(signed.encode())).decode()
        return f"{text}\n— {NAME} {signature}\n"
