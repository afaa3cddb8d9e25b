"""Rows of the CSV binding as the objects of the REST binding, each with its place in the package.

A value that REST holds one step deeper keeps its column's name, so that every path names a column; the rules read
either name (``class/sourcedId|classSourcedId``).
"""

from __future__ import annotations

from typing import Any

from mappings.engine.trees import Node
from mappings.school_oneroster.cells import user_ids
from mappings.school_oneroster.csv_rules import Table
from mappings.school_oneroster.csv_text import unguarded
from mappings.school_oneroster.tables import HEADERS, KINDS

_REFERENCES = {
    "classSourcedId": "class",
    "schoolSourcedId": "school",
    "userSourcedId": "user",
    "orgSourcedId": "org",
    "courseSourcedId": "course",
    "parentSourcedId": "parent",
    "primaryOrgSourcedId": "primaryOrg",
}
_LISTS = {"termSourcedIds": "terms", "agentSourcedIds": "agents", "orgSourcedIds": "orgs"}
COLLECTIONS = ("users", "enrollments", "demographics", "orgs", "classes", "academicSessions")
"""Collections of a REST document, in the order in which we write them (design decision 7)."""


def objects(tables: dict[str, Table]) -> Node:
    """Return the tree of a package: its collections, every object with ``$at``."""
    tree: Node = {}
    for name in (*COLLECTIONS, "roles"):
        if name in tables:
            tree[name] = [_object(name, number, row) for number, row in tables[name].rows]
    return tree


def _object(name: str, number: int, row: dict[str, str]) -> Node:
    at = f"/{name}.csv/{number}"
    node: Node = {"$at": at}
    for column, cell in row.items():
        _put(node, name, column, cell, at)
    return node


def _put(node: Node, name: str, column: str, cell: str, at: str) -> None:
    if column.startswith("metadata."):
        node.setdefault("metadata", {"$at": at})[column] = unguarded(cell)
    elif column in _REFERENCES:
        node[_REFERENCES[column]] = {"$at": at, column: cell}
    elif column in _LISTS:
        node[_LISTS[column]] = [{"$at": at, column: one} for one in cell.split(",")]
    elif column == "userIds":
        node[column] = [{"$at": at, "$type": kind, column: number} for kind, number in user_ids(cell)]
    elif column == "grades":
        node[column] = cell.split(",")
    else:
        node[column] = _text(name, column, cell)


def _text(name: str, column: str, cell: str) -> Any:
    free = column not in KINDS and column in HEADERS.get(name, (column,))
    return unguarded(cell) if free else cell


def pointed(reference: Any) -> str:
    """Return the identifier in a reference of either binding, or an empty text."""
    if not isinstance(reference, dict):
        return ""
    return next((str(value) for key, value in reference.items() if key.endswith(("ourcedId", "ourcedIds"))), "")
