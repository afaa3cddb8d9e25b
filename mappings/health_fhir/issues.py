"""Findings as FHIR's OperationOutcome says them: issue type and FHIRPath (formats/health.md 9.5)."""

from __future__ import annotations

import re

from mappings.engine.findings import Finding
from mappings.fhir_r4.walk import fhirpath

ISSUE_TYPES: dict[str, str] = {
    "MISSING_REQUIRED": "required",
    "FHIR_MISSING_RESOURCE": "required",
    "FHIR_NOBODY": "required",
    "INVALID_VALUE": "value",
    "INVALID_DATE": "value",
    "INVALID_IDENTIFIER": "value",
    "WRONG_TYPE": "structure",
    "FHIR_BAD_ID": "value",
    "FHIR_FULL_URL": "value",
    "FHIR_REQUEST_URL": "value",
    "UNKNOWN_CODE": "code-invalid",
    "UNMAPPED_CODE": "code-invalid",
    "FHIR_NOT_MALTREATMENT": "code-invalid",
    "FHIR_WRONG_EDITION": "code-invalid",
    "FHIR_CHECK_DIGIT": "code-invalid",
    "FHIR_NO_CONCERN": "code-invalid",
    "FHIR_VALUE_SET_AS_SYSTEM": "code-invalid",
    "FHIR_MODIFIER_EXTENSION": "extension",
    "FHIR_EXTENSION_PLACE": "extension",
    "FHIR_EXTENSION_VALUE": "extension",
    "FHIR_NOT_ABSOLUTE": "value",
    "FHIR_ATTACHMENT_SIZE": "value",
    "FHIR_NOT_IN_BUNDLE": "not-found",
    "FHIR_AMBIGUOUS_REFERENCE": "multiple-matches",
    "FHIR_TOO_LONG": "too-long",
    "FHIR_DANGLING_REFERENCE": "not-found",
    "FHIR_PROFILE_VALUE": "business-rule",
    "FHIR_NOT_ALLOWED": "business-rule",
    "FHIR_SURPLUS_RESOURCE": "business-rule",
    "FHIR_PARTIES_DIFFER": "business-rule",
    "FHIR_STATE_CONTRADICTION": "business-rule",
    "FHIR_CONFIDENTIALITY": "business-rule",
    "FHIR_HIGH_WATER": "business-rule",
    "FHIR_NO_REASON": "business-rule",
    "FHIR_SUSPICION_KEPT": "informational",
    "FHIR_SELF_REFERENCE": "invariant",
    "FHIR_WRONG_TARGET": "invariant",
    "FHIR_UNCONNECTED": "invariant",
    "TOO_LARGE": "too-long",
    "TOO_DEEP": "too-costly",
    "TOO_MANY": "too-costly",
    "UNKNOWN_DOCUMENT": "not-supported",
}
"""FHIR's issue type for a finding; an R4 invariant is ``invariant``, anything else ``structure``."""
_INVARIANT = re.compile(r"FHIR_([A-Z]+_)?[A-Z]{2,3}_\d+[A-Z]?")
"""Codes named after one of R4's constraints: ``FHIR_BDL_3``, ``FHIR_PARAMETERS_INV_1``."""


def issue_type(finding: Finding) -> str:
    """Return the FHIR issue type of a finding."""
    default = "invariant" if _INVARIANT.fullmatch(finding.code) else "structure"
    return ISSUE_TYPES.get(finding.code, default)


def expression(finding: Finding) -> str:
    """Return where a finding is, as FHIRPath."""
    return fhirpath(finding.path)
