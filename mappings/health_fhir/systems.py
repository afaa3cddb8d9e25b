"""The URIs this format speaks with: our own below the base URL, and HL7's (formats/health.md 9.1)."""

from __future__ import annotations

from typing import Final

from mappings.identifiers import Scheme

BASE: Final = "https://gateway.example.pk/fhir"
SID: Final = f"{BASE}/sid"
CODES: Final = f"{BASE}/CodeSystem"
EXTENSIONS: Final = f"{BASE}/StructureDefinition"
POLICIES: Final = f"{BASE}/policy"

MESSAGE: Final = f"{SID}/message"
REFERRAL: Final = f"{SID}/referral"
TASK: Final = f"{SID}/task"
CASE: Final = f"{SID}/case"
AGENCY: Final = f"{SID}/agency"
CLIENT: Final = f"{SID}/client"
OFFICER: Final = f"{SID}/officer"
PMDC: Final = f"{SID}/pmdc"
"""Register of the Pakistan Medical and Dental Council."""

CONCERN: Final = f"{CODES}/cp-concern"
SERVICE: Final = f"{CODES}/referral-service"
STATE: Final = f"{CODES}/referral-state"
STATE_DETAIL: Final = f"{CODES}/referral-state-detail"
DECLINE: Final = f"{CODES}/decline-reason"
CATEGORY: Final = f"{CODES}/referral-category"
EVENT: Final = f"{CODES}/message-event"
REASON: Final = f"{CODES}/message-reason"
OUTPUT: Final = f"{CODES}/task-output"
RELATION: Final = f"{CODES}/relation"
BASIS: Final = f"{CODES}/consent-basis"
"""Says that the sender of a consent did not state its basis: ``not-stated``."""
FINDING: Final = f"{CODES}/finding"
"""What an observation is of, where its author gave neither a code nor a word: ``unspecified``."""
PURPOSE: Final = f"{CODES}/purpose"

HL7: Final = "http://terminology.hl7.org/CodeSystem"
CONFIDENTIALITY: Final = f"{HL7}/v3-Confidentiality"
ACT_CODE: Final = f"{HL7}/v3-ActCode"
ACT_REASON: Final = f"{HL7}/v3-ActReason"
ROLE_CODE: Final = f"{HL7}/v3-RoleCode"
IDENTIFIER_TYPE: Final = f"{HL7}/v2-0203"
TASK_CODE: Final = "http://hl7.org/fhir/CodeSystem/task-code"
LANGUAGE: Final = "http://hl7.org/fhir/StructureDefinition/language"
ICD_10: Final = "http://hl7.org/fhir/sid/icd-10"
ICD_10_CM: Final = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED: Final = "http://snomed.info/sct"

SCHEMES: Final[dict[str, Scheme]] = {
    f"{SID}/nadra-bform": Scheme.BFORM,
    f"{SID}/nadra-cnic": Scheme.CNIC,
    f"{SID}/nadra-nicop": Scheme.NICOP,
    f"{SID}/nadra-poc": Scheme.POC,
    f"{SID}/nadra-old-nic": Scheme.OLD_NIC,
    f"{SID}/crms": Scheme.CRMS,
    f"{SID}/passport": Scheme.PASSPORT,
    f"{SID}/por": Scheme.POR,
    f"{SID}/acc": Scheme.ACC,
    f"{SID}/arc": Scheme.ARC,
    f"{SID}/unhcr-individual": Scheme.UNHCR,
    f"{SID}/hospital-mrn": Scheme.HOSPITAL,
    f"{SID}/school-sis": Scheme.SCHOOL,
    f"{SID}/other-id": Scheme.OTHER,
}
"""Identifier systems of people, and the scheme each one is."""
SYSTEMS: Final[dict[Scheme, str]] = {scheme: system for system, scheme in SCHEMES.items()}
IDENTIFIER_TYPES: Final[dict[Scheme, str]] = {
    Scheme.BFORM: "NI",
    Scheme.CNIC: "NI",
    Scheme.NICOP: "NI",
    Scheme.PASSPORT: "PPN",
    Scheme.HOSPITAL: "MR",
}
"""HL7 table 0203 for the schemes it has a word for."""
