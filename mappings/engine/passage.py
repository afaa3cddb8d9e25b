"""What a compiled rule is handed when it moves values: how each side builds, and the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mappings.engine.account import Account
from mappings.engine.finders import Finder
from mappings.engine.shapes import Shape
from mappings.engine.trees import Node, Trail, root


class Passage:
    """One run of a document's rules, in one direction.

    Attributes:
        ours: how our side builds.
        theirs: how their side builds.
        account: what is noted on the way.
    """

    __slots__ = ("_led", "_source", "account", "ours", "theirs")

    def __init__(self, source: Node, *, xml: bool) -> None:
        """Begin a run that takes from ``source``; ``xml``: their side is XML."""
        self.ours = Shape(xml=False)
        self.theirs = Shape(xml=xml)
        self.account = Account(xml=xml)
        self._source = source
        self._led: dict[Finder, bool] = {}

    def leads(self, find: Finder) -> bool:
        """Tell whether a path leads anywhere in the whole of what is translated; each is followed once."""
        known = self._led.get(find)
        if known is None:
            known = self._led[find] = bool(find(self._source, root(self._source)))
        return known


Move: TypeAlias = Callable[[Node, Trail, Node, Trail, Passage], None]
"""A compiled rule: our node and how it was reached, theirs and how it was reached, and the passage."""
