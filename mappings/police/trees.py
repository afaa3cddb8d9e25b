"""Copies of plain trees, for documents about several children."""

from __future__ import annotations

from typing import Any


def copied(tree: Any) -> Any:
    """Return a copy of objects and lists; leaves are shared, since nothing changes them."""
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    return [copied(value) for value in tree] if isinstance(tree, list) else tree
