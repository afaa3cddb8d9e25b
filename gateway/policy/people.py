"""What the people, numbers and references of a document are, so that the matrix can be asked about them.

The same leaf means different things on different people: a father's telephone is a caregiver's contact, an accused
father's is a danger. Sources: formats/police.md R2-R3, formats/nadra.md 6.1 and 7.6, formats/case-management.md 6.4
and 6.5.
"""

from __future__ import annotations

from typing import Any

from mappings.identifiers import DISPLACEMENT, Scheme

_PARENTS = frozenset({
    "FATHER", "MOTHER", "PARENT", "STEP_FATHER", "STEP_MOTHER", "STEP_PARENT", "GRANDFATHER", "GRANDMOTHER", "SIBLING",
    "UNCLE_AUNT", "RELATIVE", "GUARDIAN",
})  # fmt: skip
_ACCUSED = frozenset({"ACCUSED", "ACCUSED_UNKNOWN", "ACCUSED_ARRESTED"})
_CARE = frozenset({"GUARDIAN", "CAREGIVER", "APPLICANT"})
_CONTACT = frozenset({"phone", "address"})
_POLICE_MATTER = frozenset({"occupation", "caste", "description", "count", "arrest_status", "protected_token"})
"""Leaves that only a police document knows of a person, whoever the person is."""
_NUMBERS = {Scheme.HOSPITAL: "hospital_number", Scheme.SCHOOL: "school_number", Scheme.OTHER: "other_number"}
_REFERENCES = {
    "pk-etag": "police_reference",
    "pk-fir": "police_reference",
    "pk-fir-uid": "police_reference",
    "pk-crms": "registration",
    "pk-notification": "registration",
    "school-sis": "enrolment",
}

BIRTH_FATHER = "birth-father-after-adoption"
"""The rule by which a birth father stays private (formats/nadra.md 7.6 case 17)."""


def facts(person: dict[str, Any]) -> tuple[object, ...]:
    """Return everything about a person that any question of this module looks at, their numbers' schemes left out."""
    roles = person.get("roles", ())
    return (*map(person.get, ("relation", "alleged_perpetrator", "contact_rule", "status")), *roles)


def accused(person: dict[str, Any]) -> bool:
    """Tell whether a person is accused or alleged to have done it."""
    return bool(_ACCUSED & set(person.get("roles", ()))) or person.get("alleged_perpetrator") == "YES"


def unsafe(person: dict[str, Any]) -> bool:
    """Tell whether contact with a person may endanger the child."""
    return accused(person) or person.get("contact_rule") == "UNSAFE"


def role_of(person: dict[str, Any]) -> str:
    """Return what a person is to the matrix: ``caregiver``, ``perpetrator``, ``reporter`` or ``incident``."""
    roles = set(person.get("roles", ()))
    if accused(person):
        return "perpetrator"
    family = person.get("relation") in _PARENTS or bool(roles & _CARE)
    if roles & {"REPORTER", "INFORMANT"} or ("COMPLAINANT" in roles and not family):
        return "reporter"
    if roles & {"WITNESS", "SURETY", "STATE"} and not family:
        return "incident"
    return "caregiver"


def group_of_person(person: dict[str, Any], leaf: str) -> str:
    """Return the matrix group of one leaf of a person (``leaf`` is its path inside the person)."""
    if leaf == "nationality" or (leaf.startswith("identifiers") and _displaced(person, leaf)):
        return "displacement"
    role = role_of(person)
    if role == "caregiver":
        return _group_of_caregiver(person, leaf)
    if role == "perpetrator":
        return "perpetrator_contact" if leaf in _CONTACT else "perpetrator"
    return role


def _group_of_caregiver(person: dict[str, Any], leaf: str) -> str:
    """Return the group of a caregiver's leaf; that a mother is a complainant too is a police matter, not hers."""
    if leaf in _CONTACT:
        return "caregiver_contact"
    if leaf in {"contact_rule", "alleged_perpetrator"}:
        return "contact_rule"
    police_role = leaf.startswith("roles[") and person["roles"][_position(leaf)] not in _CARE
    return "incident" if police_role or leaf in _POLICE_MATTER else "caregiver_identity"


def _position(leaf: str) -> int:
    return int(leaf[leaf.index("[") + 1 : leaf.index("]")])


def _displaced(person: dict[str, Any], leaf: str) -> bool:
    return person["identifiers"][_position(leaf)].get("scheme") in DISPLACEMENT


def group_of_number(identifier: dict[str, Any]) -> str:
    """Return the matrix group of one of the child's numbers."""
    scheme = identifier.get("scheme", "")
    return "displacement" if scheme in DISPLACEMENT else _NUMBERS.get(scheme, "child_number")


def group_of_reference(reference: dict[str, Any]) -> str:
    """Return the matrix group of a reference in an answer."""
    return _REFERENCES.get(reference.get("scheme", ""), "administrative")


def invented(person: dict[str, Any], *, adopted: bool) -> str | None:
    """Return why a parent is never named outside the civil register, or ``None``.

    An ASSIGNED name may be fiction (formats/nadra.md 6.1); after an adoption the birth father stays private.
    """
    if person.get("status") in {"ASSIGNED", "UNKNOWN"}:
        return "parent-not-real"
    if adopted and person.get("relation") == "FATHER":
        return BIRTH_FATHER
    return None
