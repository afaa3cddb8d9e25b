"""A REST document of ours as a zip of CSV files: the CSV binding, written strictly.

A package of ours is a *delta*: one pupil is never the whole set that *bulk* promises, and every row says when it was
changed. Only files that hold a row are in it, the others are ``absent``. Sign-in names, which the binding demands and
nobody gave us, repeat the pupil's identifier.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.json_reader import read_json
from mappings.engine.trees import Node
from mappings.school_oneroster.archive import packed
from mappings.school_oneroster.csv_objects import COLLECTIONS, pointed
from mappings.school_oneroster.csv_text import guarded, written
from mappings.school_oneroster.finishing import derived
from mappings.school_oneroster.manifest import FILE, manifest_rows
from mappings.school_oneroster.tables import HEADERS, KINDS

_POINTERS = {"class": "classSourcedId", "school": "schoolSourcedId", "user": "userSourcedId",
             "course": "courseSourcedId", "org": "orgSourcedId", "parent": "parentSourcedId"}  # fmt: skip


def csv_package(document: bytes) -> bytes:
    """Return the zip package of a document that this format has written.

    Args:
        document: what ``Mapping.write`` returned for ``school_oneroster``.

    Raises:
        Refusal: the document is no JSON.
    """
    value, _ = read_json(document)
    tables = {name: [_row(name, node) for node in value[name]] for name in COLLECTIONS if value.get(name)}
    tables["roles"] = [row for user in value.get("users", ()) for row in _roles(user)]
    modes = {name: "delta" for name, rows in tables.items() if rows}
    files = {FILE: written(manifest_rows(modes)).encode()}
    files |= {f"{name}.csv": written(_table(name, tables[name])).encode() for name in sorted(modes)}
    return packed(files)


def _table(name: str, rows: list[dict[str, str]]) -> list[list[str]]:
    """Return a data file: the binding's columns, then those of the metadata that stand in any row."""
    extra = dict.fromkeys(column for row in rows for column in row if column.startswith("metadata."))
    columns = [*HEADERS[name], *extra]
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


def _row(name: str, node: Node) -> dict[str, str]:
    row: dict[str, str] = {}
    for key, value in node.items():
        if key == "metadata":
            row |= {f"metadata.{inner}": guarded(str(text)) for inner, text in value.items()}
        elif key in _POINTERS:
            row[_POINTERS[key]] = pointed(value)
        elif key != "roles":
            column, cell = _cell(key, value)
            row[column] = cell if column in KINDS else guarded(cell)
    if name == "users":
        row["username"] = row["sourcedId"]
    return row


def _cell(key: str, value: Any) -> tuple[str, str]:
    """Return column and cell of a member: lists are joined by commas."""
    if key == "userIds":
        return key, ",".join(f"{{{item['type']}:{item['identifier']}}}" for item in value)
    if key == "terms":
        return "termSourcedIds", ",".join(pointed(term) for term in value)
    if isinstance(value, list):
        return key, ",".join(value)
    return key, str(value)


def _roles(user: Node) -> list[dict[str, str]]:
    """Return the rows of ``roles.csv``: what REST keeps inside the user."""
    return [
        {
            "sourcedId": derived("rol", user["sourcedId"], pointed(role["org"])),
            **{key: user[key] for key in ("status", "dateLastModified")},
            "userSourcedId": user["sourcedId"],
            "roleType": role["roleType"],
            "role": role["role"],
            "orgSourcedId": pointed(role["org"]),
        }
        for role in user["roles"]
    ]
