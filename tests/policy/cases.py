"""An invented referral in which every group of facts stands once, and agreements that grant what a test says."""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.policy import Agreement, Basis, Entitlement, Projection, project
from mappings.engine.mapping import canonical
from mappings.labels import Label
from mappings.referral import Referral

KINDS = ("CIVIL_REG", "POLICE", "HEALTH", "EDUCATION", "SOCIAL_WELFARE")
PURPOSES = {
    "CIVIL_REG": "REGISTER_BIRTH", "POLICE": "INVESTIGATE", "HEALTH": "FORENSIC_EXAM", "EDUCATION": "ENROL",
    "SOCIAL_WELFARE": "CASE_MANAGE", "MIS": "REPORT_STATS",
}  # fmt: skip
EVERYTHING = frozenset(Label)

MOTHER = {
    "relation": "MOTHER",
    "roles": ["GUARDIAN"],
    "name": "Farzi Maa",
    "identifiers": [{"scheme": "pk-cnic", "value": "3999900000268"}, {"scheme": "pk-acc", "value": "ACC-1"}],
    "phone": "03990000001",
    "address": "Misali Gali 1",
    "contact_rule": "SAFE",
    "alleged_perpetrator": "NO",
    "nationality": "AFG",
}
ACCUSED = {"relation": "NEIGHBOUR", "roles": ["ACCUSED"], "name": "Farzi Mulzim", "phone": "03990000002"}
NEIGHBOUR = {"relation": "NEIGHBOUR", "roles": ["COMPLAINANT"], "name": "Farzi Mustaghis", "phone": "03990000003"}
WITNESS = {"relation": "STRANGER", "roles": ["WITNESS"], "name": "Farzi Gawah"}


def tree(**said: Any) -> dict[str, Any]:
    """Return a referral as a tree; what is said replaces whole sections."""
    whole = {
        "message_id": "m-1",
        "ref": "R-1",
        "priority": "HIGH",
        "sender": {"agency": "welfare-pb-cpb", "kind": "SOCIAL_WELFARE", "unit": "Child Protection Unit"},
        "focal_point": {"agency": "welfare-pb-cpb", "role": "CHILD_PROTECTION_OFFICER", "phone": "1121"},
        "requested": {"service": "HEALTH_CARE", "safety": ["NO_CONTACT_WITH_HOME"]},
        "child": {
            "name": "Farzi Bachi",
            "sex": "FEMALE",
            "birth_date": "2016-03-07",
            "identifiers": [
                {"scheme": "pk-bform", "value": "3999900000172"},
                {"scheme": "unhcr-individual", "value": "U-1"},
            ],
            "phone": "03990000009",
            "languages": ["ur"],
            "disabilities": ["SEEING"],
            "nationality": "AFG",
            "displacement": "REFUGEE",
            "location": {"district": "PK617", "address": "Namuna Gali 2"},
        },
        "persons": [MOTHER],
        "reporter": {"name": "Farzi Parosi"},
        "concern": {"types": ["NEGLECT"], "primary": "NEGLECT", "narrative": "Azmaishi bayan"},
        "risk": {"level": "HIGH"},
        "consent": {"basis": "BEST_INTEREST", "evidence_hash": "h-1", "order_ref": "O-1"},
        "registration": {"crms_number": "B999901-16-00017"},
        "incident": {"number": "123/25", "serial": 123, "property_text": "ghari", "medico_legal_ref": "MLC-1"},
        "enrolment": {"student_id": "SIS-1", "grade": "04"},
        "clinical": {"findings": [{"text": "neel"}], "note": "sirf bureau ke liye"},
    }  # fmt: skip
    return {key: value for key, value in {**whole, **said}.items() if value is not None}


def referral(**said: Any) -> Referral:
    """Return the referral of :func:`tree`."""
    return Referral.model_validate(tree(**said))


def agreement(kind: str, labels: frozenset[Label] = EVERYTHING, **said: Any) -> Agreement:
    """Return an agreement in force that grants labels to an agency of a kind."""
    told: dict[str, Any] = {
        "id": "dsa-1",
        "agency": "an-agency",
        "purpose": PURPOSES[kind],
        "labels": labels,
        "legal_basis": "Invented",
        "owner": "Tests",
        "valid_from": date(2020, 1, 1),
        "valid_until": date(2099, 12, 31),
    }
    return Agreement(**{**told, **said})


def told(
    value: Referral,
    kind: str,
    basis: Basis = Basis.CONSENT,
    labels: frozenset[Label] = EVERYTHING,
    *,
    origin: str | None = None,
    purpose: str | None = None,
) -> Projection:
    """Project a referral under an agreement."""
    granted = agreement(kind, labels, purpose=purpose or PURPOSES[kind])
    return project(value, Entitlement(kind, granted.purpose, granted, basis, origin))


def floor(value: Referral, kind: str, *, origin: str | None = None) -> Projection:
    """Project a referral for no agency in particular: the floor alone."""
    return project(value, Entitlement(kind, PURPOSES[kind], None, Basis.CONSENT, origin))


def holds(projection: Projection, path: str) -> bool:
    """Tell whether a leaf of ours, as ``a.b[0].c``, is in what is told."""
    node: Any = canonical(projection.value)
    for step in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(node, list):
            if int(step) >= len(node):
                return False
            node = node[int(step)]
        elif step in node:
            node = node[step]
        else:
            return False
    return True


def rules(projection: Projection) -> dict[str, str]:
    """Return by which rule each leaf was withheld."""
    return {each.path: each.rule for each in projection.withheld}
