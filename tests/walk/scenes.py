"""Who and what the canary referrals are about: codes and people; every free leaf is planted (canaries.py)."""

from typing import Any

MOTHER: dict[str, Any] = {
    "relation": "MOTHER", "roles": ["GUARDIAN"], "status": "DECLARED", "sex": "FEMALE", "contact_rule": "SAFE",
    "alleged_perpetrator": "NO", "identifiers": [{"scheme": "pk-cnic", "value": "3999900739917"}, {"scheme": "pk-por"}],
    "custody": {"kind": "COURT"},
}  # fmt: skip
FATHER: dict[str, Any] = {
    "relation": "FATHER", "status": "DECLARED", "sex": "MALE", "contact_rule": "ONLY_VIA_WORKER",
    "alleged_perpetrator": "NO", "identifiers": [{"scheme": "pk-cnic", "value": "3999900739925"}], "custody": None,
}  # fmt: skip
UNCLE: dict[str, Any] = {
    "relation": "UNCLE_AUNT", "roles": ["ACCUSED"], "sex": "MALE", "alleged_perpetrator": "YES", "custody": None,
    "identifiers": [{"scheme": "pk-cnic", "value": "3999900739933"}],
}  # fmt: skip
GRANDMOTHER: dict[str, Any] = {
    "relation": "GRANDMOTHER", "sex": "FEMALE", "contact_rule": "UNSAFE", "alleged_perpetrator": "NO", "custody": None,
    "identifiers": [{"scheme": "pk-cnic", "value": "3999900739941"}],
}  # fmt: skip
WITNESS: dict[str, Any] = {
    "relation": "NEIGHBOUR", "roles": ["WITNESS"], "custody": None,
    "identifiers": [{"scheme": "pk-cnic", "value": "3999900739959"}],
}  # fmt: skip
TELLER: dict[str, Any] = {
    "relation": "OTHER", "roles": ["COMPLAINANT"], "custody": None,
    "identifiers": [{"scheme": "pk-cnic", "value": "3999900739967"}],
}  # fmt: skip
FINDING: dict[str, Any] = {
    "kind": "OBSERVATION", "status": "FINAL", "observed_on": None, "components": [], "measure": None,
    "result_text": None, "result_codes": [],
}  # fmt: skip
"""An observation has one time and one result."""
CALM: dict[str, Any] = {
    "priority": "HIGH",
    "requested": {"service": None, "action": None, "enrolment": "KEEP_PLACE", "supports": ["FEE_WAIVER"]},
    "child": {
        "sex": "FEMALE",
        "identifiers": [
            {"scheme": "pk-bform", "value": "3999900739909"}, {"scheme": "unhcr-individual"},
            {"scheme": "hospital-mrn"}, {"scheme": "school-sis"}, {"scheme": "other"},
        ],
        "parentage": {"kind": "DO"},
        "location": {"province": "PB", "shelter": False},
        "displacement": "REFUGEE",
        "roles": ["VICTIM"],
        "whereabouts": "HOSPITAL",
    },
    "persons": [MOTHER, FATHER],
    "concern": {"types": ["NEGLECT"], "primary": "NEGLECT", "verification": "SUSPECTED", "caregiver_is_accused": False},
    "risk": {"level": "HIGH"},
    "consent": {"basis": "BEST_INTEREST", "giver": "CASE_WORKER", "statute_id": None, "order_ref": None},
    "registration": {
        "kind": "LATE", "status": "NOTIFIED", "crms_number": None, "office": {"area": "PUNJAB"},
        "applicant": {"id_scheme": "pk-cnic"}, "birthplace": {"kind": "HOSPITAL"}, "certificate": {"stage": "UNDER_10"},
    },
    "clinical": {"findings": [FINDING]},
    "enrolment": {},
    "links": [{"kind": "SIBLING"}],
}  # fmt: skip
DANGER: dict[str, Any] = {
    **CALM,
    "child": {**CALM["child"], "location": {"province": "PB", "shelter": True}},
    "persons": [MOTHER, FATHER, UNCLE, GRANDMOTHER, WITNESS, TELLER],
    "concern": {
        **CALM["concern"],
        "types": ["PHYSICAL_ABUSE"],
        "primary": "PHYSICAL_ABUSE",
        "caregiver_is_accused": True,
    },
    "consent": {"basis": "COURT_ORDER", "giver": "COURT", "statute_id": None},
}

FIR: dict[str, Any] = {
    "document": "FIR", "tier": "T1", "registered_under": "CRPC_154", "information_mode": "WRITTEN", "missing": None,
    "number": "7431/25", "serial": 7431, "year": 2025, "reported_at": "2025-03-14T07:01:02Z",
    "dispatched_at": "2025-03-15T07:01:02Z", "narrative_redacted": True, "delay_hours": 71.5,
    "station": {"province": "PB"}, "diary": [{"date": "2025-03-13"}],
    "occurred": {"start": "2025-03-11T07:01:02Z", "end": "2025-03-12T07:01:02Z", "precision": "RANGE"},
    "offences_text": "328-A ت پ",
    "offences": [{"act": "PPC", "section": "328-A", "clause": None, "change_date": None, "categories": ["PHYS"]}],
    "officials": [{"role": "INVESTIGATING"}], "status": {"code": "UNDER_INVESTIGATION", "date": "2025-03-16"},
    "related": [{"kind": "CROSS_VERSION"}], "disclosures": [{"code": "IO_GOOD_FAITH", "date": "2025-03-18"}],
}  # fmt: skip
"""What a first information report needs to be one; its dates are those of one week."""
