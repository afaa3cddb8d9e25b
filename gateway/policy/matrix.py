"""The need-to-know matrix, read once from ``matrix.toml`` and checked against the canonical language."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

from mappings.labels import Label, Node, leaves
from mappings.referral import Record, Referral
from mappings.reply import Reply

BY_NATURE = ("persons[]", "child.identifiers[]", "references[]")
"""Lists whose items are grouped by what they are (:mod:`gateway.policy.people`)."""


class Cell(StrEnum):
    """What the matrix says about one group of facts for one kind of agency."""

    ALWAYS = "Y"
    WITH_BASIS = "c"
    WITH_ORDER = "o"
    NEVER = "-"


@dataclass(frozen=True)
class Matrix:
    """Which kind of agency may ever learn which group of facts."""

    version: str
    digest: str
    cells: dict[str, dict[str, Cell]]
    purposes: dict[str, dict[str, frozenset[str]]]
    groups: dict[str, str]
    """Generic leaf path to group."""
    labels: dict[str, Label]
    """Groups whose facts need a label of their own granted, beside the leaf's."""
    returns: dict[str, frozenset[str]]
    """What an agency's kind may see again of its own kind's facts: ``floor`` and ``danger`` to kinds."""

    def cell(self, group: str, kind: str, purpose: str | None) -> Cell:
        """Return the cell of a group for a kind of agency; a purpose outside its list makes it NEVER."""
        cell = self.cells[group].get(kind, Cell.NEVER)
        allowed = self.purposes.get(group, {}).get(kind)
        if allowed is not None and purpose not in allowed:
            return Cell.NEVER
        return cell

    def knows(self, kind: str) -> bool:
        """Tell whether a kind of agency may learn anything at all about a single child."""
        return any(kind in row for row in self.cells.values())


class MatrixMistake(Exception):
    """The matrix does not fit the canonical language: a leaf has no group, or a group no cells."""


def _group_of(path: str, patterns: Iterable[tuple[str, str]]) -> str:
    for pattern, group in patterns:
        if fnmatchcase(path, pattern.replace("[]", "[[]]")):
            return group
    raise MatrixMistake(f"{path} belongs to no group of matrix.toml")


def read_matrix(data: bytes, models: Iterable[type[Node]]) -> Matrix:
    """Return the matrix that a file holds, checked against the models of the canonical language.

    Raises:
        MatrixMistake: it leaves a leaf undecided, or names a group, cell or label there is none of.
    """
    table = tomllib.loads(data.decode())
    try:
        cells = {group: {kind: Cell(cell) for kind, cell in row.items()} for group, row in table["cells"].items()}
        labels = {group: Label(label) for group, label in table.get("labels", {}).items()}
    except ValueError as error:
        raise MatrixMistake(str(error)) from None
    patterns = [(pattern, row["group"]) for row in table["groups"] for pattern in row["paths"]]
    named = {group for _, group in patterns} | set(labels) | set(table.get("purposes", {}))
    if unknown := named - set(cells):
        raise MatrixMistake(f"group {min(unknown)} has no cells")
    paths = {path for model in models for path in leaves(model)}
    return Matrix(
        version=table["version"],
        digest=hashlib.sha256(data).hexdigest(),
        cells=cells,
        purposes={group: _sets(row) for group, row in table.get("purposes", {}).items()},
        groups={path: _group_of(path, patterns) for path in paths if not path.startswith(BY_NATURE)},
        labels=labels,
        returns=_sets(table.get("returns", {})),
    )


def _sets(row: dict[str, list[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(values) for key, values in row.items()}


@cache
def matrix() -> Matrix:
    """Return the matrix of this gateway.

    Raises:
        MatrixMistake: it leaves a leaf of the canonical language undecided.
    """
    data = resources.files("gateway.policy").joinpath("matrix.toml").read_bytes()
    return read_matrix(data, (Record, Referral, Reply))
