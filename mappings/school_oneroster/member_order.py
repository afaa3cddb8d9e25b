"""The order of collections and members we write: the spec's own, so that the same record gives the same bytes."""

from __future__ import annotations

from mappings.engine.trees import Node
from mappings.school_oneroster.csv_objects import COLLECTIONS

_COMMON = ("sourcedId", "status", "dateLastModified")
_MEMBERS = {
    "users": (
        "enabledUser", "username", "userIds", "givenName", "familyName", "middleName", "roles", "identifier", "grades",
    ),
    "enrollments": ("user", "class", "school", "role", "primary", "beginDate", "endDate"),
    "demographics": ("birthDate", "sex"),
    "orgs": ("name", "type", "identifier"),
    "classes": ("title", "classType", "course", "school", "terms", "grades"),
    "academicSessions": ("title", "type", "startDate", "endDate", "schoolYear"),
}  # fmt: skip
_METADATA = (
    "pk.singleName", "pk.nameUr", "pk.fatherName", "pk.gradeCode", "pk.gradeLocal", "pk.academicYear",
    "pk.schoolScheme",
)  # fmt: skip


def ordered(tree: Node) -> None:
    """Put all six collections, their members and the metadata in order, in place."""
    for name in COLLECTIONS:
        tree.setdefault(name, [])
        for node in tree[name]:
            if "metadata" in node:
                _sort(node["metadata"], _METADATA)
            _sort(node, (*_COMMON, *_MEMBERS[name], "metadata"))
    _sort(tree, COLLECTIONS)


def _sort(node: Node, keys: tuple[str, ...]) -> None:
    members = {key: node[key] for key in keys if key in node}
    members.update(node)
    node.clear()
    node.update(members)
