"""The rules that protect a child from somebody around it, and people who are only words from being named.

They hold whatever an agreement grants. Sources: formats/case-management.md 6.4 and 6.5 case 3, formats/police.md A5 and
R2, formats/health.md 12 case 14, formats/nadra.md 6.1 and 7.6.
"""

from __future__ import annotations

from typing import Any

from gateway.policy import people

_CONTACT = (".phone", ".address")
_CARE_FOR_MEETING = frozenset({"HEALTH", "EDUCATION"})
"""Kinds that would call or visit: they get a contact only where it is said to be safe."""
_NEVER_NAMED_TO = frozenset({"EDUCATION", "CIVIL_REG"})
"""Kinds that must not even learn the name of a person from whom the child is in danger."""


def danger(
    path: str, group: str, person: dict[str, Any] | None, tree: dict[str, Any], kind: str, *, lifted: bool
) -> str | None:
    """Return the rule that keeps a leaf from a kind of agency, or ``None``.

    Args:
        path: the leaf's path in the value.
        group: its group in the matrix.
        person: the person it belongs to, if it belongs to one.
        tree: the whole value.
        kind: the receiver's kind.
        lifted: the facts are the receiver's own kind's, and it may see them again.
    """
    if person is not None:
        return _named(person, tree, kind) or (None if lifted else _met(path, group, person, kind))
    if path.startswith("child.parentage"):
        return _parentage(tree, kind, lifted=lifted)
    return _home(tree, kind) if group == "caregiver_contact" and not lifted else None


def of_whole(path: str, group: str) -> bool:
    """Tell whether what :func:`danger` says of a leaf that is nobody's depends on the rest of the document."""
    return path.startswith("child.parentage") or group == "caregiver_contact"


def _named(person: dict[str, Any], tree: dict[str, Any], kind: str) -> str | None:
    """Return why a parent is named to the register only, whoever else would have known."""
    if kind == "CIVIL_REG":
        return None
    return people.invented(person, adopted=adopted(tree))


def adopted(tree: dict[str, Any]) -> bool:
    """Tell whether the child of a document is registered as adopted."""
    return bool(tree.get("registration", {}).get("kind") == "ADOPTED")


def _met(path: str, group: str, person: dict[str, Any], kind: str) -> str | None:
    """Return why somebody must not be met, called, or to some not even be named."""
    if people.unsafe(person):
        if path.endswith(_CONTACT):
            return "unsafe-contact"
        return "unsafe-person" if kind in _NEVER_NAMED_TO else None
    if group == "caregiver_contact" and kind in _CARE_FOR_MEETING and person.get("contact_rule") != "SAFE":
        return "contact-not-safe"
    return None


def _parentage(tree: dict[str, Any], kind: str, *, lifted: bool) -> str | None:
    """Return why the child's "son of" or "daughter of" is not told: it names a parent like any other entry."""
    persons = tree.get("persons", ())
    if kind != "CIVIL_REG" and adopted(tree):
        return people.BIRTH_FATHER
    parents = [p for p in persons if p.get("relation") in {"FATHER", "PARENT", "MOTHER"}]
    if rule := next((r for p in parents if (r := _named(p, tree, kind))), None):
        return rule
    return "unsafe-person" if not lifted and kind in _NEVER_NAMED_TO and any(map(people.unsafe, persons)) else None


def _home(tree: dict[str, Any], kind: str) -> str | None:
    """Return the rule that keeps the child's own address and telephone back, or ``None``."""
    if tree["child"].get("location", {}).get("shelter") and kind in {"HEALTH", "EDUCATION", "CIVIL_REG"}:
        return "floor:shelter"
    if kind not in _CARE_FOR_MEETING:
        return None
    persons = tree.get("persons", [])
    safe = any(p.get("contact_rule") == "SAFE" for p in persons) and not any(map(people.unsafe, persons))
    return None if safe else "contact-not-safe"
