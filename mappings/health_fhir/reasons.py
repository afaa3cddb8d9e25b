"""Reasons of a referral: concerns with their certainty, other codings, one text (formats/health.md 3).

An allegation is no finding: a concern is confirmed only if nothing in the request says that it is suspected.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.trees import Node
from mappings.fhir_r4.walk import codings, items, resources
from mappings.health_fhir import systems
from mappings.health_fhir.converters import NOT_DISCLOSED, SUSPECTED
from mappings.health_fhir.terminology import says_suspected
from mappings.vocabulary import ConcernType

MALTREATMENT = frozenset(
    {
        ConcernType.PHYSICAL_ABUSE, ConcernType.EMOTIONAL_ABUSE, ConcernType.SEXUAL_VIOLENCE,
        ConcernType.SEXUAL_EXPLOITATION, ConcernType.NEGLECT, ConcernType.ABANDONMENT,
        ConcernType.TRAFFICKING_ABDUCTION, ConcernType.CHILD_LABOUR, ConcernType.DOMESTIC_SERVITUDE,
        ConcernType.BONDED_LABOUR, ConcernType.CHILD_MARRIAGE, ConcernType.HARMFUL_PRACTICE, ConcernType.ONLINE_ABUSE,
    }
)  # fmt: skip
"""Concerns that can be suspected or confirmed; the others are circumstances (a child is missing or is not)."""
_SUSPECTABLE = frozenset(concern.lower().replace("_", "-") for concern in MALTREATMENT)


def take_reasons(tree: Node) -> None:
    """Take the reasons apart: concerns of ours, other codings, one text."""
    request = tree["ServiceRequest"]
    concerns: list[Node] = []
    foreign: list[Node] = []
    for index, reason in enumerate(items(request, "reasonCode")):
        at = f"{request['$at']}/reasonCode/{index}"
        for position, coding in enumerate(codings(reason)):
            coding["$at"] = f"{at}/coding/{position}"
            if coding.get("system") != systems.CONCERN:
                foreign.append(coding)
            elif coding.get("code") != NOT_DISCLOSED:
                concerns.append(coding)
        reason.pop("coding", None)
        if "text" in reason and "reasonText" not in tree:
            tree["reasonText"] = {"$at": at, "text": reason.pop("text")}
    tree["concern"] = concerns
    tree["reason"] = foreign
    if concerns:
        first = concerns[0]
        tree["primary"] = {"$at": first["$at"], "code": first.get("code")}
        said = verification(concerns, foreign)
        if said:
            tree["verification"] = {"$at": first["$at"], "code": said}


def verification(concerns: list[dict[str, Any]], foreign: list[dict[str, Any]]) -> str:
    """Return SUSPECTED, CONFIRMED, or nothing where only circumstances stand.

    Confirmed means that every maltreatment code of ours says so and no other coding contradicts it. A WHO code such as
    T74.1 has no word on the matter, and a US T74 cannot lift what our own code calls suspected (formats/health.md 3.2).
    """
    codes = [str(coding.get("code")) for coding in concerns]
    if any(code.endswith(SUSPECTED) for code in codes) or any(says_suspected(coding) for coding in foreign):
        return "SUSPECTED"
    return "CONFIRMED" if any(code in _SUSPECTABLE for code in codes) else ""


def mixed(bundle: dict[str, Any]) -> bool:
    """Tell whether some maltreatment code of a request claims more certainty than another allows."""
    for _, resource in resources(bundle):
        if resource["resourceType"] == "ServiceRequest":
            found = [c for reason in items(resource, "reasonCode") for c in codings(reason)]
            concerns = [c for c in found if c.get("system") == systems.CONCERN]
            certain = any(str(c.get("code")) in _SUSPECTABLE for c in concerns)
            return certain and verification(concerns, found) == "SUSPECTED"
    return False
