"""What a FHIR client prefers to be given (`Prefer`, RFC 7240, R4 http.html#ops), and whether it only asks."""

from __future__ import annotations

from enum import StrEnum

from fastapi import Request

from gateway.errors import NotUnderstood
from mappings.engine.findings import Finding

DRY_RUN = "x-dry-run"


class Return(StrEnum):
    """What the answer to a change holds."""

    MINIMAL = "minimal"
    REPRESENTATION = "representation"
    OUTCOME = "OperationOutcome"


def preferred(request: Request, usual: Return) -> Return:
    """Return what the caller prefers; a preference nobody knows is no reason to refuse (RFC 7240 section 2)."""
    for word in _words(request):
        name, _, value = word.partition("=")
        found = next((each for each in Return if name == "return" and each.value.lower() == value.strip('"')), None)
        if found is not None:
            return found
    return usual


def dry_run(request: Request) -> bool:
    """Tell whether a caller only asks what would happen (formats/health.md 9.3).

    Raises:
        NotUnderstood: the header says neither yes nor no; what is meant as a trial must not become a referral.
    """
    said = request.headers.get(DRY_RUN, "0").strip().lower()
    if said in {"1", "true"}:
        return True
    if said in {"0", "false"}:
        return False
    raise NotUnderstood("BAD_REQUEST", [Finding("INVALID_VALUE", DRY_RUN)])


def _words(request: Request) -> list[str]:
    said = ",".join(request.headers.getlist("prefer")).replace(";", ",")
    return [word.strip().lower().replace(" ", "") for word in said.split(",")]
