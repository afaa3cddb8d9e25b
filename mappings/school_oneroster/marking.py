"""Parts of an object that say one thing together, gathered under a mark for the rules and laid out again.

The name stands in two or three members and a flag in the metadata, the class in a grade code and two labels, a B-Form
among other numbers: each becomes one node (``$name``, ``$grade``, ``$bform``) that keeps its place.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.trees import Node
from mappings.school_oneroster.names import urdu

NAME = ("givenName", "middleName", "familyName")
_SINGLE, _CODE, _LABEL, _URDU = "pk.singleName", "pk.gradeCode", "pk.gradeLocal", "pk.nameUr"


def mark_user(user: Node) -> None:
    """Gather name, grade and B-Form of a pupil, in place; ``user`` is a copy of the reader's own."""
    at = user["$at"]
    metadata = dict(user["metadata"]) if isinstance(user.get("metadata"), dict) else {}
    name: Node = {"$at": f"{at}/givenName", **{key: user.pop(key) for key in NAME if key in user}}
    _move(metadata, _SINGLE, name)
    user["$name_ur" if urdu(name) and _held(metadata, _URDU) is None else "$name"] = name
    if "grades" in user or _held(metadata, _CODE):
        user["$grade"] = {"$at": f"{at}/grades", "$label": _held(metadata, _LABEL)}
        if "grades" in user:
            user["$grade"]["grades"] = user.pop("grades")
        _move(metadata, _CODE, user["$grade"])
    if metadata:
        user["metadata"] = metadata
    _mark_bform(user, at)


def _mark_bform(user: Node, at: str) -> None:
    others: list[Node] = []
    found: list[Node] = []
    for index, item in enumerate(user.get("userIds", ())):
        placed = {"$at": f"{at}/userIds/{index}", **item}
        kind = str(item.get("$type", item.get("type", "")))
        (found if kind.casefold().replace("-", "").replace(" ", "") == "bform" else others).append(placed)
    if found:
        user["$bform"] = found
    if "userIds" in user:
        user["userIds"] = others


def mark_demographics(node: Node) -> Node:
    """Return who demographics are about, for a document that holds nothing else of the pupil."""
    return {"$at": node["$at"], "sourcedId": node.get("sourcedId")}


def held(node: Node, key: str) -> Any:
    """Return a member of an object's metadata, from either binding, or none."""
    metadata = node.get("metadata")
    return _held(metadata, key) if isinstance(metadata, dict) else None


def _held(metadata: Node, key: str) -> Any:
    return metadata.get(key, metadata.get(f"metadata.{key}"))


def _move(metadata: Node, key: str, node: Node) -> None:
    """Move a member of the metadata into a node, under the same names."""
    for name in (key, f"metadata.{key}"):
        if name in metadata:
            place = {"$at": metadata["$at"]} if "$at" in metadata else {}
            node["metadata"] = {**place, name: metadata.pop(name)}


def laid_out(user: Node, at: str) -> None:
    """Put what was gathered back among a user's members, in place; what is written is where it was said to be."""
    for mark in ("$name", "$name_ur", "$grade"):
        node = user.pop(mark, {})
        metadata = node.get("metadata", {})
        user.update({key: value for key, value in node.items() if key != "metadata"})
        if metadata:
            user.setdefault("metadata", {}).update(metadata)
        node["$at"] = at
    for index, item in enumerate(user.pop("$bform", ())):
        item["$at"] = f"{at}/userIds/{index}"
        number = item.pop("identifier")
        item |= {"type": "BForm", "identifier": number}
        user.setdefault("userIds", []).append(item)
