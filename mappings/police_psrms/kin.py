"""Who is whose parent in a PSRMS report, as far as its names tell.

PSRMS has no field for it: a child stands beside its father's name, a mother beside her husband's. The two names are
compared folded. It is used to protect (R2) and to see that two children are siblings, never to say who is a parent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mappings.engine.trees import Node
from mappings.police.names import PARENTAGE, parentage_word, read_name
from mappings.text import match_key

PARENTS = frozenset({"FATHER", "MOTHER", "PARENT"})
"""Relations of ours that make somebody a parent."""


@dataclass(frozen=True, slots=True)
class _Kin:
    own: frozenset[str]
    """The person's names in both scripts, folded."""
    father: str
    """Whose child or wife the person is, folded."""
    wife: bool
    known_parent: bool


def parents(people: list[Node]) -> list[tuple[int, ...]]:
    """Return, for each person, the positions of those it is a parent of."""
    kin = [_kin(person) for person in people]
    return [tuple(n for n, child in enumerate(kin) if child is not one and _parent(one, child)) for one in kin]


def _parent(one: _Kin, child: _Kin) -> bool:
    if one.known_parent:
        return not child.known_parent
    if not child.father or child.wife:
        return False
    return child.father in one.own or (one.wife and one.father == child.father)


def _kin(person: Node) -> _Kin:
    name = read_name(str(person.get("person_name", "")))
    father = match_key(str(person.get("person_father") or name.parent or ""))
    word = parentage_word(str(person.get("relation") or name.word or ""))
    own = frozenset(match_key(part) for part in (name.arabic, name.latin) if part)
    return _Kin(own, father, PARENTAGE.get(word) == "WO", "$parent" in person)


def mark_parents(people: list[Node], persons: Any) -> None:
    """Mark those people of a report that is being written who are a child's parents among persons of ours."""
    parents_of_ours = [person for person in persons if person.get("relation") in PARENTS]
    known = {value for person in parents_of_ours for value in _identity(person)}
    for person in people:
        names = person.get("$names", {})
        held = {names.get("arabic"), names.get("latin"), person.get("person_phone"), person.get("person_address")}
        if known & (held - {None}):
            person["$parent"] = "yes"


def _identity(person: Node) -> set[str]:
    return {str(person[key]) for key in ("name_ur", "name", "phone", "address") if key in person}
