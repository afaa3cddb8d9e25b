"""Protected persons, and what narrows because the child is one (formats/police.md A5, B1 R1-R5).

Which kind of agency learns what is the matrix's to say (design/decisions.md 2); a protected child's family, address and
report number are narrower still at services that are neither the police nor the child's own case workers. Nothing here
is stored: it follows from the facts, and is asked again whenever they change (R5).
"""

from __future__ import annotations

from typing import Any

from mappings.police.disclosure import CONFIDENTIAL_ACTS, SECRET
from mappings.police.offences import categories

_NARROWER = {"HEALTH": frozenset({"fir_number"}), "EDUCATION": frozenset({"caregiver_contact"})}
"""Groups a kind of agency does not learn of a protected child (R3, tier T2): a hospital keeps the medico-legal
reference that its own doctor needs; a school is not told where the family lives or how to call it."""


def narrowed(group: str, tree: dict[str, Any], kind: str) -> str | None:
    """Return the rule that keeps a group of facts about a protected child from a kind of agency, or ``None``."""
    return f"protected:{group}" if group in narrower(kind) and protected(tree) else None


def narrower(kind: str) -> frozenset[str]:
    """Return the groups that a kind of agency does not learn of a protected child."""
    return _NARROWER.get(kind, frozenset())


def protected(tree: dict[str, Any]) -> bool:
    """Tell whether the child of a document is a protected person (R2): victim of a secret offence, or accused itself.

    A section counts while it is alleged, whatever its sender calls it; one the police have deleted does not.
    """
    offences = [each for each in tree.get("incident", {}).get("offences", ()) if each.get("change") != "DELETED"]
    return _accused(tree) or any(_secret(each) or each.get("act") in CONFIDENTIAL_ACTS for each in offences)


def _secret(offence: dict[str, Any]) -> bool:
    known = categories(offence.get("act", ""), offence.get("section", ""), offence.get("clause", ""))
    return bool(SECRET & {*offence.get("categories", ()), *known})


def _accused(tree: dict[str, Any]) -> bool:
    """Tell whether the child is in conflict with the law (JJSA 2018 s.13)."""
    return "IN_CONFLICT_WITH_LAW" in tree.get("child", {}).get("roles", ()) or "CONFLICT_WITH_LAW" in tree.get(
        "concern", {}
    ).get("types", ())
