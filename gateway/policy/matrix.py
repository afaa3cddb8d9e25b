"""The need-to-know matrix, read once from ``matrix.toml`` and checked against the canonical language."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources

from mappings.labels import leaves
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

    def cell(self, group: str, kind: str, purpose: str | None) -> Cell:
        """Return the cell of a group for a kind of agency; a purpose outside its list makes it NEVER."""
        cell = self.cells[group].get(kind, Cell.NEVER)
        allowed = self.purposes.get(group, {}).get(kind)
        if allowed is not None and purpose not in allowed:
            return Cell.NEVER
        return cell


class MatrixMistake(Exception):
    """The matrix does not fit the canonical language: a leaf has no group, or a group no cells."""


def _group_of(path: str, patterns: list[tuple[str, str]]) -> str:
    for pattern, group in patterns:
        if fnmatchcase(path, pattern.replace("[]", "[[]]")):
            return group
    raise MatrixMistake(f"{path} belongs to no group of matrix.toml")


@cache
def matrix() -> Matrix:
    """Return the matrix.

    Raises:
        MatrixMistake: it leaves a leaf of the canonical language undecided.
    """
    data = resources.files("gateway.policy").joinpath("matrix.toml").read_bytes()
    table = tomllib.loads(data.decode())
    patterns = [(pattern, row["group"]) for row in table["groups"] for pattern in row["paths"]]
    unknown = {group for _, group in patterns} - set(table["cells"])
    if unknown:
        raise MatrixMistake(f"group {sorted(unknown)[0]} has no cells")
    paths = {path for model in (Record, Referral, Reply) for path in leaves(model)}
    grouped = {path: _group_of(path, patterns) for path in paths if not path.startswith(BY_NATURE)}
    cells = {group: {kind: Cell(cell) for kind, cell in row.items()} for group, row in table["cells"].items()}
    purposes = {
        group: {kind: frozenset(allowed) for kind, allowed in row.items()}
        for group, row in table.get("purposes", {}).items()
    }
    return Matrix(table["version"], hashlib.sha256(data).hexdigest(), cells, purposes, grouped)
