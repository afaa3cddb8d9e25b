"""REST documents as they come: collections under several names, single objects, spellings of older versions.

``{"user": {}}`` becomes a collection of one. What 1.0 and 1.1 spell otherwise is put into today's words with a warning
at its place (formats/school.md 1.2 and 1.6); everything else is left for the schema to judge.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node

_NAMES = {
    "users": ("users", "students", "teachers", "user", "student", "teacher"),
    "enrollments": ("enrollments", "enrollment"),
    "demographics": ("demographics",),
    "orgs": ("orgs", "schools", "org", "school"),
    "classes": ("classes", "class"),
    "academicSessions": (
        "academicSessions", "terms", "gradingPeriods", "academicSession", "term", "gradingPeriod",
    ),
}  # fmt: skip
"""Names under which a collection, or one object of it, is answered (formats/school.md 1.2)."""


class RestReading:
    """One reading of a REST document.

    Attributes:
        document: the document in today's words: collections only.
        tree: the same objects, each with its place in what was sent.
        warnings: one for each old spelling.
    """

    def __init__(self, value: Any) -> None:
        self.document: Node = {}
        self.tree: Node = {}
        self.warnings: list[Finding] = []
        self.paths: dict[tuple[str, int], str] = {}
        """Collection and position in ``document``, and the place in what was sent."""
        known = {name: kind for kind, names in _NAMES.items() for name in names}
        for key, content in value.items() if isinstance(value, dict) else ():
            if key in known:
                self._collection(known[key], key, content)
            else:
                self.document[key] = content
                self.tree[key] = content
        self.recognised = any(kind in self.document for kind in _NAMES)

    def _collection(self, kind: str, key: str, content: Any) -> None:
        items = content if isinstance(content, list) else [content]
        objects = self.document.setdefault(kind, [])
        nodes = self.tree.setdefault(kind, [])
        for index, item in enumerate(items):
            at = f"/{key}/{index}" if isinstance(content, list) else f"/{key}"
            today = self._today(kind, item, at) if isinstance(item, dict) else item
            self.paths[kind, len(objects)] = at
            objects.append(today)
            if isinstance(today, dict):
                nodes.append({"$at": at, **today})

    def path(self, pointer: str) -> str:
        """Return the place in what was sent for a pointer into ``document``."""
        parts = pointer.split("/", 3)
        if len(parts) < 3 or not parts[2].isascii() or not parts[2].isdigit():
            return pointer
        at = self.paths.get((parts[1], int(parts[2])), pointer)
        return f"{at}/{parts[3]}" if len(parts) > 3 and at != pointer else at

    def _today(self, kind: str, item: Node, at: str) -> Node:
        """Return an object in the words of 1.2."""
        node = {_RENAMED.get((kind, key), key): value for key, value in item.items()}
        if len(node) < len(item):
            return item
        old = [key for key in item if (kind, key) in _RENAMED]
        for key, value in node.items():
            today = _respelt(kind, key, value)
            if today is not value:
                node[key] = today
                old.append(key)
        if kind == "users" and "roles" not in node and "role" in node:
            node = _with_roles(node)
            old.append("role")
        self.warnings += [Finding("OLD_SPELLING", f"{at}/{key}", Severity.WARNING) for key in old]
        return node


_RENAMED = {
    ("demographics", "birthdate"): "birthDate",
    ("users", "preferredGivenName"): "preferredFirstName",
    ("users", "preferredFamilyName"): "preferredLastName",
}
"""Names of members that other versions, or the CSV binding, use."""
_FLAGS = {("users", "enabledUser"), ("enrollments", "primary")}


def _respelt(kind: str, key: str, value: Any) -> Any:
    """Return a value in today's spelling: flags are words, a school year is a text, grades are a list."""
    if (kind, key) in _FLAGS and isinstance(value, bool):
        return "true" if value else "false"
    if (kind, key) == ("academicSessions", "schoolYear") and type(value) is int and 1900 <= value <= 2099:
        return str(value)
    if key == "grades" and isinstance(value, str):
        return [value]
    if key == "status" and value == "inactive":
        return "tobedeleted"
    return value


def _with_roles(node: Node) -> Node:
    """Return a user of 1.1, who has one role at several organisations, with a list of roles."""
    orgs = node.get("orgs")
    places = orgs if isinstance(orgs, list) else []
    kept = {key: value for key, value in node.items() if key not in ("role", "orgs")}
    kinds = ["primary", *["secondary"] * len(places)]
    roles = [{"roleType": kind, "role": node["role"], "org": org} for kind, org in zip(kinds, places, strict=False)]
    return {**kept, "roles": roles}
