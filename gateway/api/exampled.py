"""Examples of the OpenAPI document: golden samples of every language, kept once and pointed to."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from mappings.library import library
from mappings.samples import fullest_samples, golden_samples

_SENT = {
    "crvs_dci": "on_search_registration.json",
    "health_fhir": "referral.json",
    "nadra_crms": "notification.xml",
    "police_fir": "fir.xml",
    "police_psrms": "fir.json",
    "school_oneroster": "roster.json",
    "school_sis": "reenrolment_request.json",
}
_ANSWERED = {
    "health_fhir": "status.json",
    "nadra_crms": "receipt.xml",
    "police_fir": "status_update.xml",
    "police_psrms": "status_update.json",
    "school_sis": "decision.json",
}
"""Which sample shows a referral (or a record) of a format, and which one an answer."""
_CANONICAL = ("health_fhir", "fullest.referral.json"), ("health_fhir", "fullest.status.json")


@cache
def examples() -> dict[str, Any]:
    """Return every example by its name in the components: `<format>` and `<format>-reply`."""
    found: dict[str, Any] = {}
    for name, mapping in library().items():
        samples = dict(golden_samples(mapping))
        for suffix, chosen in (("", _SENT), ("-reply", _ANSWERED)):
            body = samples.get(chosen.get(name, ""))
            if body is not None:
                value: Any = body.decode("utf-8") if mapping.codec.xml else json.loads(body)
                found[f"{name}{suffix}"] = {"summary": f"An invented document of {name}", "value": value}
    for (name, file), key in zip(_CANONICAL, ("raabta", "raabta-reply"), strict=True):
        values = dict(fullest_samples(library()[name]))
        value = values[file]
        shown = {"type": value.type, **value.model_dump(mode="json", exclude_none=True, exclude_defaults=True)}
        found[key] = {"summary": "An invented canonical document", "value": shown}
    return found


def pointed(format_: str, operation: str) -> dict[str, Any]:
    """Return the `examples` member of a body in a language: a pointer to the components, or nothing."""
    name = f"{format_}-reply" if operation == "replyToReferral" else format_
    return {"examples": {name: {"$ref": f"#/components/examples/{name}"}}} if name in examples() else {}
