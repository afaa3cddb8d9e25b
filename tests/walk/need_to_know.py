"""Who may learn what, written by hand from the pages, leaf by leaf; nothing here asks the gateway's own matrix.

Sources: formats/case-management.md 6.4 (the matrix), 6.1 (what stays with its owner) and 6.5 case 3, formats/police.md
A5, design/decisions.md 2, 6 and 9. Letters: N civil registry, P police, H health, E education, W social welfare. The
first column holds with consent or best interest, the second is added by an order of a court.
"""

import re
from typing import Any

from mappings.labels import leaves
from mappings.referral import Referral

LETTER = {"nadra": "N", "police": "P", "health": "H", "school": "E", "welfare": "W"}

LEAVES: tuple[tuple[str, str, str], ...] = (
    # The envelope: what the gateway says itself, under names that are each receiver's own.
    (r"message_id|ref|case_ref|supersedes|received_at|recipients\[\].*|sender\.(agency|kind)", "", ""),
    (r"authored_at|priority|requested\.(service|action|reply_by|safety.*)|focal_point\.phone", "NPHEW", ""),
    (r"sender\..*|focal_point\.(agency|role)", "NPHW", ""),  # a school hears of education support only
    # The child.
    (r"child\.(name|name_ur|aliases\[\]|given_name|family_name|birth_date|age\..*)", "NPHEW", ""),
    (r"child\.parentage\.name", "NPHEW", ""),
    (r"child\.(phone|location\.(address|tehsil))", "W", "P"),
    (r"child\.location\..*", "NPHEW", ""),
    (r"child\.(languages|disabilities)\[\]", "PHEW", ""),
    (r"child\.(nationality|displacement)", "HW", ""),
    (r"child\.(description|protected_token)", "PW", ""),
    (r"child\.(care_arrangement|whereabouts)", "PHW", ""),
    # Why, how urgent, and on what basis.
    (r"concern\.narrative|incident\.narrative.*", "W", "P"),
    (r"concern\.place_type", "PW", ""),
    (r"concern\..*", "PHW", ""),
    (r"reporter\..*", "", "P"),
    (r"risk\..*", "W", ""),
    (r"consent\.(basis|expires_on)", "NPHEW", ""),
    (r"consent\.(statute_id|order_ref)", "NPHW", ""),
    (r"consent\..*", "W", ""),
    (r"requested\..*", "EW", ""),
    # What each agency knows for itself.
    (r"registration\..*", "NW", ""),
    (r"enrolment\..*", "EW", ""),
    (r"(incident|clinical)\.medico_legal_ref", "PHW", ""),
    (r"incident\..*", "PW", ""),
    (r"clinical\.note", "W", ""),
    (r"clinical\..*", "H", "P"),
    (r"links\[\]\..*", "PW", ""),
)

NUMBERS = {
    "pk-bform": ("NPHEW", ""),
    "pk-crms": ("NPHEW", ""),
    "unhcr-individual": ("HW", ""),
    "hospital-mrn": ("HW", ""),
    "school-sis": ("EW", ""),
    "other": ("W", ""),
}
"""Of the child, by scheme."""

PEOPLE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "safe caregiver": (
        (r"phone|address", "HEW", "P"),
        (r"nationality|identifiers\[1\].*", "HW", ""),  # the second number is a refugee's card
        (r"occupation|caste|description|arrest_status|protected_token", "PW", ""),
        (r".*", "NPHEW", ""),
    ),
    "caregiver through the worker": (
        (r"phone|address", "W", "P"),
        (r"nationality", "HW", ""),
        (r"occupation|caste|description|arrest_status|protected_token", "PW", ""),
        (r".*", "NPHEW", ""),
    ),
    "unsafe caregiver": (
        (r"phone|address", "", ""),
        (r"nationality", "HW", ""),
        (r"occupation|caste|description|arrest_status|protected_token", "PW", ""),
        (r".*", "PHW", ""),
    ),
    "accused": ((r"phone|address", "", ""), (r"nationality", "W", ""), (r".*", "PW", "")),
    "witness": ((r"nationality", "W", ""), (r".*", "PW", "")),
    "teller": ((r"nationality", "", ""), (r".*", "", "P")),
}  # fmt: skip
"""Of other people, by what they are to the child."""

GRANTED = {
    "nadra": "administrative identity family location consent registration",
    "police": "administrative identity family location consent concern incident contact narrative clinical reporter",
    "health": "administrative identity family location consent contact needs concern clinical incident registration",
    "school": "administrative identity family location consent contact needs education registration",
    "welfare": "administrative identity family location consent contact needs concern incident education registration "
    "narrative displacement",
}
"""Labels that the agreements of this test grant: the police are denied needs, health displacement."""


def person_kind(person: dict[str, Any]) -> str:
    """Return what a person of the scene is to the child."""
    roles = set(person.get("roles", ()))
    if "ACCUSED" in roles or person.get("alleged_perpetrator") == "YES":
        return "accused"
    if "WITNESS" in roles:
        return "witness"
    if "COMPLAINANT" in roles and person.get("relation") not in {"MOTHER", "FATHER"}:
        return "teller"
    if person.get("contact_rule") == "UNSAFE":
        return "unsafe caregiver"
    return "safe caregiver" if person.get("contact_rule") == "SAFE" else "caregiver through the worker"


def may_know(tree: dict[str, Any], path: str, *, ordered: bool) -> set[str]:
    """Return which agencies may learn one leaf of a referral, by the simulators' names.

    Args:
        tree: the whole referral, for who is who in it.
        path: the leaf, with positions.
        ordered: a court's order stands in the referral.
    """
    letters = _letters(tree, path, ordered=ordered)
    generic = re.sub(r"\[\d+\]", "[]", path)
    return {name for name, letter in LETTER.items() if letter in letters and _granted(tree, path, generic, name)}


def _letters(tree: dict[str, Any], path: str, *, ordered: bool) -> str:
    if found := re.match(r"persons\[(\d+)\]\.(.*)", path):
        return _row(PEOPLE[person_kind(tree["persons"][int(found[1])])], found[2], ordered=ordered)
    if found := re.match(r"child\.identifiers\[(\d+)\]", path):
        with_consent, with_order = NUMBERS[tree["child"]["identifiers"][int(found[1])]["scheme"]]
        return with_consent + (with_order if ordered else "")
    letters = _row(LEAVES, re.sub(r"\[\d+\]", "[]", path), ordered=ordered)
    return _around_the_home(tree, path, letters)


def _row(table: tuple[tuple[str, str, str], ...], path: str, *, ordered: bool) -> str:
    for pattern, with_consent, with_order in table:
        if re.fullmatch(pattern, path):
            return with_consent + (with_order if ordered else "")
    raise LookupError(f"the table says nothing of {path}")


def _around_the_home(tree: dict[str, Any], path: str, letters: str) -> str:
    """Add who may call at a safe home; take away who must not learn of a dangerous one."""
    kinds = {person_kind(person) for person in tree.get("persons", ())}
    dangerous = bool(kinds & {"accused", "unsafe caregiver"})
    if re.fullmatch(r"child\.(phone|location\.(address|tehsil))", path):
        shelter = tree["child"].get("location", {}).get("shelter")
        return letters + ("HE" if "safe caregiver" in kinds and not dangerous and not shelter else "")
    if path.startswith("child.parentage") and dangerous:
        return letters.replace("N", "").replace("E", "")
    return letters


def _granted(tree: dict[str, Any], path: str, generic: str, name: str) -> bool:
    needed = {leaves(Referral)[generic].label.value} - {"administrative"}
    if re.search(r"nationality|child\.displacement", path) or _displaced(tree, path):
        needed.add("displacement")
    if found := re.match(r"persons\[(\d+)\]", path):
        kind = person_kind(tree["persons"][int(found[1])])
        needed |= {"accused": {"incident"}, "witness": {"incident"}, "teller": {"reporter"}}.get(kind, set())
    return needed <= set(GRANTED[name].split())


def _displaced(tree: dict[str, Any], path: str) -> bool:
    if found := re.match(r"child\.identifiers\[(\d+)\]", path):
        return bool(tree["child"]["identifiers"][int(found[1])]["scheme"] == "unhcr-individual")
    return re.match(r"persons\[\d+\]\.identifiers\[1\]", path) is not None
