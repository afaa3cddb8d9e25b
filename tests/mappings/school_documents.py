"""The school page's examples (formats/school.md 4.8) and canonical values to write."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.load import load
from mappings.engine.mapping import Mapping, canonical
from mappings.referral import Record, Referral
from mappings.reply import Reply

REQUEST_ID = "00000000-0000-4000-8000-0000000000b1"
EXAMPLE_A: dict[str, Any] = {
    "student_id": "SIS-99900001-0007", "b_form_no": "3999900000172", "b_form_status": "VERIFIED",
    "admission_no": "412", "name": "Zoya Farzi", "name_ur": "زویا فرضی", "father_name": "Aslam Farzi",
    "guardian_relation": "FATHER", "guardian_cnic": "3999900000251", "sex": "F", "date_of_birth": "2016-03-09",
    "dob_estimated": False,
    "school": {"scheme": "pk-punjab-emis", "code": "39999001", "name": "GGPS Misali Chak"},
    "grade_code": "04", "grade_local": "Class 4", "section": "A", "shift": "MORNING", "medium": "UR",
    "academic_year": "2025-26", "entry_date": "2025-04-03", "exit_date": "2025-11-14", "entry_type": "PROMOTED",
    "exit_reason": "DROPOUT", "status": "LEFT", "updated_at": "2025-11-15T09:10:00+05:00",
}  # fmt: skip
EXAMPLE_B: dict[str, Any] = {
    "request_id": REQUEST_ID, "referral_ref": "edu-7f3c-0001", "request_type": "CATCH_UP",
    "supports": ["UNIFORM_BOOKS", "LANGUAGE_SUPPORT"],
    "safety": ["NO_CONTACT_WITH_HOME", "RELEASE_ONLY_TO_LISTED"], "priority": "HIGH",
    "student": {
        "name": "Sajan Misali", "name_ur": "ساجن مثالی", "sex": "M", "date_of_birth": "2015-01-01",
        "dob_estimated": True, "b_form_status": "NOT_AVAILABLE",
    },
    "target": {"admin2_pcode": "PK711", "sex": "M", "grade_code": "ALP-P"},
    "release_to": [{"role": "SHELTER_WARDEN", "name": "Warden (test)", "phone": "+920000000000"}],
    "focal_point": {"agency": "scpa-cpu-test", "role": "CHILD_PROTECTION_OFFICER", "phone": "+920000000001"},
    "documents_available": ["NONE"], "reply_by": "2026-01-15T12:00:00Z",
    "consent": {"basis": "BEST_INTEREST", "scope": "education", "expires_on": "2026-06-30"},
}  # fmt: skip
EXAMPLE_C_RECEIPT: dict[str, Any] = {
    "request_id": REQUEST_ID, "receipt_id": "rcp-000001", "received_at": "2026-01-08T06:00:00Z",
    "state": "RECEIVED", "digest": "sha-256=AAAA",
}  # fmt: skip
EXAMPLE_C_DECISION: dict[str, Any] = {
    "request_id": REQUEST_ID, "state": "ACCEPTED", "decided_at": "2026-01-10T05:30:00Z",
    "student_id": "SIS-49999-0031", "school": {"scheme": "pk-sindh-semis", "code": "499990001"},
    "start_on": "2026-01-13", "conditions": ["MISSING_B_FORM"], "remark_code": "ALP_CLASS_OPEN",
}  # fmt: skip
ABSENT = object()
"""In ``changed``: the field is taken out."""


@cache
def school() -> Mapping:
    """Return the mapping, loaded once, without the other formats."""
    return load("mappings.school_sis")


def dump(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def changed(document: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a document with fields replaced; ``a__b`` reaches into ``a``."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for name, value in fields.items():
        *above, last = name.split("__")
        node = copy
        for step in above:
            node = node.setdefault(step, {})
        if value is ABSENT:
            node.pop(last, None)
        else:
            node[last] = value
    return copy


def read(document: object) -> dict[str, Any]:
    """Return what a document says, as a tree."""
    (reading,) = school().read(dump(document))
    return canonical(reading.value)


def write(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a canonical tree as a document of the school."""
    models = {"record": Record, "referral": Referral, "reply": Reply}
    written: dict[str, Any] = json.loads(school().write(models[tree["type"]].model_validate(tree)).value)
    return written


def value(tree: dict[str, Any]) -> Record | Referral | Reply:
    models = {"record": Record, "referral": Referral, "reply": Reply}
    return models[tree["type"]].model_validate(tree)


def fullest(document: str) -> dict[str, Any]:
    """Return the fullest canonical sample of a document."""
    text = resources.files("mappings.school_sis").joinpath(f"samples/fullest.{document}.json").read_text("utf-8")
    tree: dict[str, Any] = json.loads(text)
    return tree


def refused(call: Any, argument: Any) -> list[tuple[str, str]]:
    """Return code and path of every finding of the refusal a call ends in."""
    try:
        call(argument)
    except Refusal as refusal:
        return [(finding.code, finding.path) for finding in refusal.findings]
    raise AssertionError("nothing was refused")
