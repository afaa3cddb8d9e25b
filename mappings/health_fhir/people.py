"""Writing the child and the people around the child: what the rules cannot say of a Patient or RelatedPerson."""

from __future__ import annotations

from typing import Any

from mappings.fhir_r4.walk import codings, items
from mappings.health_fhir import systems
from mappings.health_fhir.converters import ROLE_CODES
from mappings.health_fhir.names import complete_names
from mappings.identifiers import THIRTEEN_DIGITS, dashed
from mappings.vocabulary import Relation


def complete_patient(patient: dict[str, Any]) -> None:
    """Complete the child's names, numbers and telephone."""
    _complete(patient)
    for address in items(patient, "address"):
        address["use"] = "home"


def complete_person(person: dict[str, Any]) -> None:
    """Complete a relative; HL7's word for the relation goes beside ours where HL7 has one."""
    _complete(person)
    for concept in items(person, "relationship"):
        for own in codings(concept, systems.RELATION):
            words = ROLE_CODES.get(Relation(own["code"].upper().replace("-", "_")))
            if words:
                concept["coding"].append({"system": systems.ROLE_CODE, "code": words[0]})


def _complete(person: dict[str, Any]) -> None:
    complete_names(person)
    for telecom in items(person, "telecom"):
        telecom["system"] = "phone"
    for identifier in items(person, "identifier"):
        _complete_identifier(identifier)


def _complete_identifier(identifier: dict[str, Any]) -> None:
    scheme = systems.SCHEMES[identifier["system"]]
    if scheme in THIRTEEN_DIGITS:
        identifier["value"] = dashed(identifier["value"])
    kind = systems.IDENTIFIER_TYPES.get(scheme)
    if kind:
        identifier["use"] = "official"
        identifier["type"] = {"coding": [{"system": systems.IDENTIFIER_TYPE, "code": kind}]}
