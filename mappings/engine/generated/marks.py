"""Which of our places generated code has written, and what follows from it for the account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from mappings.engine.trees import Node, dotted, leaf_places, root

Mark: TypeAlias = "str | tuple[Any, Any]"
"""What a place is called: its path; or a pair of what it stands in and the path, or the position, from there. A pair
whose first is ``=`` marks a leaf that has only selected something."""
Use: TypeAlias = Callable[[Mark], None]


def path_of(mark: Mark) -> str:
    """Return a place's dotted path with positions."""
    if isinstance(mark, str):
        return mark
    above, below = mark
    return f"{path_of(above)}[{below}]" if isinstance(below, int) else f"{path_of(above)}.{below}"


def written(used: Iterable[Mark]) -> Iterator[str]:
    """Yield the path of each value that was written, once for each line the account has of it."""
    seen: set[str] = set()
    for mark in used:
        selecting = isinstance(mark, tuple) and mark[0] == "="
        path = path_of(mark[1] if selecting else mark)
        if not selecting or path not in seen:
            yield path
        seen.add(path)


def unwritten(ours: Node, used: Iterable[Mark]) -> Iterator[str]:
    """Yield the path of each leaf of ours that was not written."""
    seen = set(written(used))
    for leaf in leaf_places(ours, root(ours)):
        path = dotted(leaf.trail)
        if path not in seen and path != "type":
            yield path


def noted(used: list[Mark], mark: Mark) -> bool:
    """Tell whether a place was written, or has selected something."""
    return mark in used or ("=", mark) in used


def implied(used: list[Mark], mark: Mark) -> bool:
    """Mark a place whose value the document's kind implies; returns False where it was marked before."""
    if noted(used, mark):
        return False
    used.append(mark)
    return True


def use_equal(use: Use, values: Iterable[object], mark: Mark, wanted: str) -> None:
    """Mark the leaves of a list that a predicate was looking for."""
    for number, value in enumerate(values):
        if str(value).lower() == wanted:
            use(("=", (mark, number)))


def use_whole(use: Use, tree: Node, mark: Mark) -> None:
    """Mark every leaf of a part that a converter has taken as a whole."""
    if not any(map(_branches, tree.values())):
        for name in tree:
            use((mark, name))
        return
    for leaf in leaf_places(tree, root(tree)):
        use((mark, dotted(leaf.trail)))


def use_again(use: Use, values: Node, mark: Mark) -> None:
    """Mark a place again for each further leaf that was made of its value."""
    made = sum(1 for _ in leaf_places(values, root(values))) if any(map(_branches, values.values())) else len(values)
    for _ in range(made - 1):
        use(mark)


def _branches(value: object) -> bool:
    return isinstance(value, dict | list)
