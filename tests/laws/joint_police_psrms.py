"""What must go together in a PSRMS report: as in the XML, and only what fits its fields."""

from __future__ import annotations

from typing import Any

from tests.laws import joint_police_fir


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a drawn value one that PSRMS can hold, as far as several leaves must agree."""
    joint_police_fir.adjust(draw, document, tree)
    if document == "status_update":
        tree.pop("changes", None)
