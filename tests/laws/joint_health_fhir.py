"""What must go together in FHIR documents: a main concern among the concerns, a child that can be told from others."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a random tree one that a sender could mean."""
    concern = tree.get("concern", {})
    if "primary" in concern:
        concern["types"] = [concern["primary"], *(t for t in concern.get("types", []) if t != concern["primary"])]
    if document == "referral":
        child = tree.setdefault("child", {})
        if not {"name", "name_ur", "identifiers"} & set(child):
            child |= draw(st.sampled_from([{"name": "Farzi Misali"}, {"name_ur": "فرضی"}, {"unknown": True}]))
