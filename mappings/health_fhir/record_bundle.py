"""Writing what an agency holds about a child: the collection Bundle (design decision 6)."""

from __future__ import annotations

from mappings.engine.trees import Node
from mappings.health_fhir.assemble import Parts, add_organisation, add_people


def write_record(tree: Node) -> Node:
    """Return the Bundle of a record."""
    parts = Parts(tree.get("Bundle", {}))
    timestamp = tree.get("Bundle", {}).get("timestamp")
    patient = tree.setdefault("Patient", {})
    if tree.get("sender"):
        patient["managingOrganization"] = parts.reference("sender")
    add_people(parts, tree)
    add_organisation(parts, "sender", tree.get("sender"))
    return parts.close("collection", timestamp)
