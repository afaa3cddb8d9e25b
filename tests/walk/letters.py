"""Documents that agencies send in these tests; all people and numbers are invented."""

import json
import uuid
from pathlib import Path
from typing import Any

import httpx

from gateway.demo.callers import Agency

JSON = "application/json"
FHIR = "application/fhir+json"
FIR_XML = "application/vnd.raabta.fir+xml"
FIR_JSON = "application/vnd.raabta.fir+json"
CRMS = "application/vnd.raabta.crms+xml"
SIS = "application/vnd.raabta.sis+json"

SAMPLES = Path(__file__).parents[2] / "conformance" / "sandbox"


def sample(agency: str, name: str) -> str:
    """Read a sample document of a simulated agency."""
    return (SAMPLES / agency / "samples" / name).read_text("utf-8")


def canonical(*recipients: str, **changes: Any) -> dict[str, Any]:
    """Return a canonical referral to some agencies (ids of the directory), complete enough for every language."""
    return {
        "type": "referral",
        "message_id": str(uuid.uuid4()),
        "priority": "HIGH",
        "recipients": [{"agency": name} for name in recipients],
        "focal_point": {"agency": "welfare-pb-cpb", "role": "CHILD_PROTECTION_OFFICER", "phone": "1121"},
        "requested": {
            "enrolment": "KEEP_PLACE",
            "target": {"school_scheme": "pk-punjab-emis", "school_code": "39999002"},
        },
        "child": {
            "name": "Namuna Farzi",
            "sex": "FEMALE",
            "birth_date": "2015-08-14",
            "location": {"province": "PB"},
        },
        "persons": [{"relation": "MOTHER", "name": "Misali Farzi", "alleged_perpetrator": "NO"}],
        "concern": {"types": ["NEGLECT"], "verification": "SUSPECTED", "caregiver_is_accused": False},
        "consent": {"basis": "BEST_INTEREST", "giver": "CASE_WORKER", "expires_on": "2071-12-31"},
        **changes,
    }  # fmt: skip


def fir(message_id: str, name: str = "Misali Farzi") -> str:
    """Return the FIR about a nine-year-old under a message id of its own; the child bears `name`."""
    text = sample("police", "fir-9-year-old.xml")
    return text.replace("0f9d1c1e-1111-4a11-8a11-000000000101", message_id).replace("Misali Farzi", name)


def bundle(message_id: str, name: str = "Misali Bint-e-Farzi", case: str = "CASE-2026-0778") -> str:
    """Return the hospital's referral to welfare under a message id and reference of its own."""
    text = sample("health", "referral-to-welfare.json")
    for old, new in (
        ("5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0101", message_id),
        ("LHR-DHQ-2026-000123", f"LHR-{message_id}"),
        ("CASE-2026-0778", case),
        ("Misali Bint-e-Farzi", name),
        ("2026-06-02", "2071-06-02"),
    ):
        text = text.replace(old, new)
    return text


def post(agency: Agency, body: str | bytes | dict[str, Any], media_type: str, key: str | None = None) -> httpx.Response:
    """Send a document to the gateway as a referral; without a key the document's own message id counts."""
    content = json.dumps(body) if isinstance(body, dict) else body
    headers = {"Content-Type": media_type, **({"Idempotency-Key": key} if key else {})}
    return agency.call("POST", "/v1/referrals", content=content, headers=headers)
