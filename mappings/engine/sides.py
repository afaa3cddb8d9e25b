"""What a compiled rule is handed when it moves values: both sides, how they were reached, and the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from mappings.engine.account import Account
from mappings.engine.paths import Path
from mappings.engine.trees import Hit, Node, Shape, Trail


class Sides(NamedTuple):
    """Both nodes a rule stands between, how they were reached, and how each side builds."""

    ours: Node
    our_trail: Trail
    theirs: Node
    their_trail: Trail
    our_shape: Shape
    their_shape: Shape
    account: Account


Move: TypeAlias = Callable[[Sides], None]


def single(hits: list[Hit], path: Path, account: Account) -> list[Hit]:
    """Return the places a path led to; several where the path speaks of one are a finding, and none is used."""
    if len(hits) > 1 and not any(step.many for step in path):
        account.wrong("REPEATED", hits[1].trail)
        return []
    return hits
