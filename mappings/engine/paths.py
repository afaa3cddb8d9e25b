"""Paths of both sides, in one grammar.

``CHILD/NAME[@xml:lang=ur]``, ``persons[relation=FATHER].name``, ``aliases[]``. A step is a name (``A|B`` reads either
and writes the first), an attribute ``@name``, or ``.`` for the node itself. In brackets stand predicates:
``path=value`` (true of the item, and made true when the item is written), ``path!=value``, ``path`` (there is one),
``!path`` (there is none); ``[]`` alone means every item. Ours are separated by dots, theirs by slashes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Predicate:
    """One condition on an item of a list."""

    path: tuple[Step, ...]
    operator: str
    """``=``, ``!=``, ``has`` or ``lacks``."""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path."""

    names: tuple[str, ...]
    many: bool = False
    """Every item (``[]``)."""
    predicates: tuple[Predicate, ...] = ()

    @property
    def name(self) -> str:
        """The name that is written."""
        return self.names[0]

    @property
    def listed(self) -> bool:
        """The step speaks of items of a list."""
        return self.many or bool(self.predicates)


Path = tuple[Step, ...]

_NAME = re.compile(r"[@$#]?[\w:.\-|@]+" "|\\.")
_NAME_OURS = re.compile(r"[\w]+")


def parse(text: str, separator: str) -> Path:
    """Return the steps of a path.

    Args:
        text: the path.
        separator: ``.`` for ours, ``/`` for theirs.

    Raises:
        ValueError: the text is not a path.
    """
    steps: list[Step] = []
    position = 0
    pattern = _NAME_OURS if separator == "." else _NAME
    while True:
        match = pattern.match(text, position)
        if match is None:
            raise ValueError(f"a step is missing at character {position + 1}")
        position = match.end()
        many, predicates = False, []
        while position < len(text) and text[position] == "[":
            closing = _closing(text, position)
            inside = text[position + 1 : closing]
            if inside:
                predicates.append(_predicate(inside, separator))
            else:
                many = True
            position = closing + 1
        steps.append(Step(tuple(match.group().split("|")), many, tuple(predicates)))
        if position == len(text):
            return tuple(steps)
        if text[position] != separator:
            raise ValueError(f"{separator} is expected at character {position + 1}")
        position += 1


def _closing(text: str, opening: int) -> int:
    depth = 0
    for index in range(opening, len(text)):
        depth += {"[": 1, "]": -1}.get(text[index], 0)
        if depth == 0:
            return index
    raise ValueError("a bracket is not closed")


def _predicate(text: str, separator: str) -> Predicate:
    if text.startswith("!"):
        return Predicate(parse(text[1:], separator), "lacks")
    path, operator, value = text.partition("!=")
    if not operator:
        path, operator, value = text.partition("=")
    if not operator:
        return Predicate(parse(text, separator), "has")
    if not value:
        raise ValueError("a predicate compares with nothing")
    return Predicate(parse(path, separator), operator, value)


def generic(path: Path) -> str:
    """Return our path with ``[]`` for every list step: how :func:`mappings.labels.leaves` names leaves."""
    return ".".join(f"{step.name}[]" if step.listed else step.name for step in path)
