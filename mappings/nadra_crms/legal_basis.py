"""LEGAL_BASIS: the basis of the referral and its reference in one text (formats/nadra.md 7.2).

Written as ``COURT_ORDER TEST-ORDER-0001``, ``MANDATORY_REPORT LAW:KP-CPWA-2010`` or ``BEST_INTEREST``. A text that
begins with no basis we know is the reference alone.
"""

from __future__ import annotations

from mappings.engine.trees import Node
from mappings.vocabulary import ConsentBasis

LONGEST = 120
_LAW = "LAW:"
_BASES = frozenset(basis.value for basis in ConsentBasis)


def join(parts: Node) -> str | None:
    """Return the text for ``@basis``, ``@statute`` and ``@order``, or none if it cannot be read back."""
    words = [parts.get("@basis", ""), parts.get("@order", "")]
    if "@statute" in parts:
        words.insert(1, _LAW + parts["@statute"])
    text = " ".join(word for word in words if word)
    same = all(split(text).get(key) == parts.get(key) for key in ("@basis", "@statute", "@order"))
    return text if same and len(text) <= LONGEST else None


def split(text: str) -> Node:
    """Return ``@basis``, ``@statute`` and ``@order`` as far as the text says them."""
    parts: Node = {}
    first, _, rest = text.partition(" ")
    if first in _BASES:
        parts["@basis"], text = first, rest
    first, _, rest = text.partition(" ")
    if first.startswith(_LAW) and first != _LAW:
        parts["@statute"], text = first.removeprefix(_LAW), rest
    if text.strip():
        parts["@order"] = text.strip()
    return parts
