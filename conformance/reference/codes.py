"""The code tables of the formats, as the pages give them, and what is done with one code."""

from __future__ import annotations

from conformance.reference.trees import RefusedError

SEX = {
    "nadra_crms": {"MALE": "MALE", "FEMALE": "FEMALE", "X": "X"},
    "police_fir": {"MALE": "MALE", "FEMALE": "FEMALE", "X": "TRANSGENDER"},
    "police_psrms": {"MALE": "مرد", "FEMALE": "عورت", "X": "خواجہ سرا"},
    "school_sis": {"MALE": "M", "FEMALE": "F", "X": "X"},
    "health_fhir": {"MALE": "male", "FEMALE": "female", "X": "other", "UNKNOWN": "unknown"},
}
URGENCY = {"EMERGENCY": "IMMEDIATE", "HIGH": "24H", "MEDIUM": "72H", "LOW": "ROUTINE"}
FHIR_PRIORITY = {"EMERGENCY": "stat", "HIGH": "asap", "MEDIUM": "urgent", "LOW": "routine"}
SIS_PRIORITY = {"EMERGENCY": "HIGH", "HIGH": "HIGH", "MEDIUM": "MEDIUM", "LOW": "LOW"}
AREAS = {"PB": "punjab", "SD": "sindh", "KP": "kpk"}
ROLES = {"VICTIM", "COMPLAINANT", "GUARDIAN", "ACCUSED_NAMED", "WITNESS"}
SECTIONS = {"328-A", "363", "376"}
GRADES = {"PG", "NUR", "KAT", "PREP", "NFE-A", "ALP-P", "ALP-M", *(f"{n:02}" for n in range(1, 13))}


def read(table: dict[str, str], code: str | None, place: str, flaws: frozenset[str]) -> str:
    """Find our code for theirs; a code nobody knows is refused."""
    for ours, theirs in table.items():
        if theirs == code:
            return ours
    if code is None or "defaults-codes" not in flaws:
        raise RefusedError(422, "MISSING_REQUIRED" if code is None else "UNKNOWN_CODE", place)
    return next(iter(table))


def written(table: dict[str, str], code: str, flaws: frozenset[str]) -> str:
    """Find their code for ours."""
    if "one-code-for-all" in flaws:
        return next(iter(table.values()))
    if code not in table:
        raise RefusedError(422, "CANNOT_HOLD")
    return table[code]


def known(codes: set[str], code: str, place: str, flaws: frozenset[str]) -> str:
    """Demand that a code is one of a list; gives it."""
    if code in codes:
        return code
    if "defaults-codes" in flaws:
        return min(codes)
    raise RefusedError(422, "UNKNOWN_CODE", place)
