"""Structure of R4 by fhir.resources' R4B models (equal to R4 4.0.1 for our types); what they say, without values.

The models judge and are thrown away: they are never dumped, because a dump loses digits, fractions and time zones
(formats/health.md, bottom line 5). Their first use in a process takes a third of a second: :func:`warm` pays it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import BaseModel, ValidationError

from mappings.engine.findings import Finding
from mappings.fhir_r4.walk import token

_CODES = {
    "missing": "MISSING_REQUIRED",
    "model_field_validation.missing": "MISSING_REQUIRED",
    "extra_forbidden": "UNKNOWN_FIELD",
    "string_pattern_mismatch": "INVALID_VALUE",
    "literal_error": "INVALID_VALUE",
    "recursion_loop": "TOO_DEEP",
}
_DATES = ("date", "time", "instant", "recorded", "issued", "authoredOn", "lastModified", "start", "end", "timestamp")


@cache
def _model(kind: str) -> type[BaseModel]:
    model: type[BaseModel] = get_fhir_model_class(kind)
    return model


def check_structure(document: dict[str, Any]) -> list[Finding]:
    """Return what the model of the document's own resource type refuses.

    Args:
        document: a resource whose type, and those of all resources inside, have been found known.
    """
    try:
        _model(document["resourceType"]).model_validate(document)
    except ValidationError as error:
        reports = error.errors(include_input=False, include_url=False, include_context=False)
        return list(dict.fromkeys(_finding(report["type"], report["loc"]) for report in reports))
    except (AttributeError, TypeError):
        # The library's own validators stumble over a number where an extension of a primitive belongs.
        return [Finding("WRONG_TYPE", "")]
    return []


def _finding(kind: str, location: tuple[int | str, ...]) -> Finding:
    pointer = "".join(f"/{part if isinstance(part, int) else token(part)}" for part in location)
    code = _CODES.get(kind) or ("WRONG_TYPE" if kind.endswith("_type") else "INVALID_VALUE")
    last = next((part for part in reversed(location) if isinstance(part, str)), "")
    if code == "INVALID_VALUE" and last.endswith(("Date", "DateTime", *_DATES)):
        code = "INVALID_DATE"
    return Finding(code, pointer)


def warm() -> None:
    """Build the models that a first Bundle would otherwise wait for."""
    check_structure(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": {"resourceType": "Patient", "birthDate": "2016"}}],
        }
    )
