"""Writing: the parts the rules filled become a Bundle (formats/health.md 9.1, 11.1, 11.2).

Addresses are UUIDv5 of the message id and the part's name, so the same referral gives the same bytes. Nodes the rules
made are completed in place and marked with their final pointer: the account of the translation stays true.
"""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from mappings.engine.errors import Refusal
from mappings.engine.trees import Node
from mappings.health_fhir import systems
from mappings.health_fhir.findings import complete_finding
from mappings.health_fhir.labels import high_water, stamp
from mappings.health_fhir.people import complete_patient, complete_person


class Parts:
    """The entries of a Bundle as they are put together."""

    def __init__(self, bundle: Node) -> None:
        self.bundle = bundle
        message = bundle.get("identifier", {}).get("value", systems.BASE)
        self._space = _namespace(message)
        self._urls: dict[str, str] = {}
        self.entries: list[Node] = []

    def url(self, part: str) -> str:
        """Return the address of a part."""
        if part not in self._urls:
            self._urls[part] = f"urn:uuid:{uuid5(self._space, part)}"
        return self._urls[part]

    def reference(self, part: str) -> dict[str, str]:
        """Return a Reference to a part."""
        return {"reference": self.url(part)}

    def add(self, part: str, kind: str, resource: Node) -> None:
        """Append a resource: type first, labels, its final place."""
        filled = dict(resource)
        resource.clear()
        resource.update({"resourceType": kind, "$at": f"/entry/{len(self.entries)}/resource"})
        resource.update(filled)
        stamp(resource)
        self.entries.append({"fullUrl": self.url(part), "resource": resource})

    def close(self, kind: str, timestamp: str | None) -> Node:
        """Return the finished Bundle."""
        identifier = self.bundle.get("identifier")
        self.bundle.clear()
        self.bundle.update({"resourceType": "Bundle", "$at": ""})
        if level := high_water({"entry": self.entries}):
            self.bundle["meta"] = {"security": [{"system": systems.CONFIDENTIALITY, "code": level}]}
        if identifier:
            self.bundle["identifier"] = identifier
        self.bundle["type"] = kind
        if timestamp:
            self.bundle["timestamp"] = timestamp
        self.bundle["entry"] = self.entries
        return self.bundle


def _namespace(message: str) -> UUID:
    try:
        return UUID(message)
    except ValueError:
        return uuid5(NAMESPACE_URL, message)


def coding(system: str, code: str) -> dict[str, Any]:
    """Return a CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code}]}


def numbered(system: str, value: str, kind: str) -> dict[str, Any]:
    """Return an Identifier of a type of HL7's table 0203."""
    return {"type": coding(systems.IDENTIFIER_TYPE, kind), "system": system, "value": value}


def type_identifier(node: Node, system: str, kind: str) -> str:
    """Give the identifier of a system its type and return its value, or an empty text."""
    for identifier in node.get("identifier", ()):
        if identifier.get("system") == system:
            identifier["type"] = coding(systems.IDENTIFIER_TYPE, kind)
            return str(identifier.get("value", ""))
    return ""


def add_people(parts: Parts, tree: Node) -> None:
    """Append the child, relatives and findings."""
    patient = tree.get("Patient", {})
    complete_patient(patient)
    parts.add("patient", "Patient", patient)
    child = parts.reference("patient")
    for index, person in enumerate(tree.get("RelatedPerson", ())):
        person["patient"] = child
        complete_person(person)
        parts.add(f"related-person-{index}", "RelatedPerson", person)
    for kind, part in (("Observation", "observation"), ("Condition", "condition")):
        for index, finding in enumerate(tree.get(kind, ())):
            finding["subject"] = child
            complete_finding(finding, kind, f"/entry/{len(parts.entries)}/resource")
            parts.add(f"{part}-{index}", kind, finding)


def add_organisation(parts: Parts, part: str, organization: Node | None) -> None:
    """Append an agency, if there is one.

    Raises:
        Refusal: MISSING_REQUIRED, of the agency only its kind is known: R4's org-1 demands a number or a name.
    """
    if organization:
        if not {"identifier", "name"} & set(organization):
            at = f"/entry/{len(parts.entries)}/resource/identifier"
            raise Refusal.of("MISSING_REQUIRED", at, "recipient.agency" if part == "receiver" else "sender.agency")
        parts.add(part, "Organization", organization)
