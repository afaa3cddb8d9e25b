"""Reading: a Bundle becomes one tree of named parts, so that rules can say ``Patient/birthDate``.

Every resource keeps its place under ``$at``, so lineage names the true JSON Pointer. What several elements say together
(concern and its suspicion, sender and receiver, a state and its detail) is taken out into parts of its own.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from mappings.engine.trees import Node
from mappings.fhir_r4.walk import codings, items, resources
from mappings.health_fhir import systems
from mappings.health_fhir.converters import ASSESSMENT
from mappings.health_fhir.findings import join_notes, mark_finding
from mappings.health_fhir.names import join_parts, mark_names
from mappings.health_fhir.reasons import take_reasons
from mappings.health_fhir.references import addresses
from mappings.health_fhir.task_state import take_state

Resource: TypeAlias = dict[str, Any]

LISTED = ("RelatedPerson", "Observation", "Condition")
SINGLE = ("ServiceRequest", "Task", "Patient", "Consent", "PractitionerRole", "Provenance", "MessageHeader")


def regroup(bundle: dict[str, Any], document: str) -> Node:
    """Return the tree of a sound Bundle's parts; it takes over the Bundle's own nodes."""
    tree: Node = {"Bundle": {"$at": "", **bundle}}
    known = {}
    for index, resource in resources(bundle):
        resource["$at"] = f"/entry/{index}/resource"
        known[index] = resource
        _place(tree, resource)
    graph = {text: known[index] for text, index in addresses(bundle).items() if index in known}
    _parties(tree, graph, document)
    for person in (tree.get("Patient", {}), *tree.get("RelatedPerson", ())):
        mark_names(person)
        _mark_contacts(person)
    for finding in (*tree.get("Observation", ()), *tree.get("Condition", ())):
        mark_finding(finding)
    if document == "referral":
        _request(tree)
        take_reasons(tree)
    if document == "status":
        take_state(tree)
    for entry in bundle.get("entry", ()):
        entry.pop("resource", None)
    return tree


def _place(tree: Node, resource: Resource) -> None:
    kind = resource["resourceType"]
    if kind in SINGLE and kind not in tree:
        tree[kind] = resource
    else:
        tree.setdefault(kind if kind in LISTED else "other", []).append(resource)


def _target(node: Any, key: str, graph: dict[str, Resource]) -> Resource | None:
    reference = node.get(key) if isinstance(node, dict) else None
    return graph.get(str(reference.get("reference"))) if isinstance(reference, dict) else None


def organisation(node: Any, key: str, graph: dict[str, Resource]) -> Resource | None:
    """Return the Organization an element names, directly or through a PractitionerRole."""
    target = _target(node, key, graph)
    if target is not None and target["resourceType"] == "PractitionerRole":
        target = _target(target, "organization", graph)
    return target if target is not None and target["resourceType"] == "Organization" else None


def _parties(tree: Node, graph: dict[str, Resource], document: str) -> None:
    task = tree.get("Task")
    if document == "referral":
        sender = organisation(tree.get("ServiceRequest"), "requester", graph) or organisation(task, "requester", graph)
        receiver = organisation(task, "owner", graph)
    else:
        sender = organisation(tree.get("MessageHeader"), "sender", graph) or organisation(task, "owner", graph)
        receiver = organisation(task, "requester", graph)
        if document == "record":
            sender = organisation(tree.get("Patient"), "managingOrganization", graph)
    others = tree.get("other", [])
    for name, party in (("sender", sender), ("receiver", receiver)):
        if party is not None:
            tree[name] = party
            others[:] = [o for o in others if o is not party]
    for organization in (tree.get("sender", {}), tree.get("receiver", {})):
        _mark_first(items(organization, "contact"), "focal")
    for agent in items(tree.get("Provenance"), "agent"):
        client = agent.get("who", {}).get("identifier")
        if isinstance(client, dict) and client.get("system") == systems.CLIENT and "client" not in tree:
            tree["client"] = {"$at": _inside(tree["Provenance"], client), **client}


def _inside(resource: Resource, wanted: Any) -> str:
    """Return the pointer of a node inside a resource, found by identity."""
    stack: list[tuple[str, Any]] = [(str(resource["$at"]), resource)]
    while stack:
        pointer, node = stack.pop()
        if node is wanted:
            return pointer
        pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        stack += [(f"{pointer}/{key}", item) for key, item in pairs]
    return str(resource["$at"])


def _mark_first(nodes: list[dict[str, Any]], value: str = "main") -> None:
    if nodes:
        nodes[0]["$use"] = value


def _mark_contacts(person: Resource) -> None:
    """Mark the telephone, the address, the relation and the numbers the rules speak of."""
    _mark_first([t for t in items(person, "telecom") if t.get("system") == "phone"])
    addresses_ = [a for a in items(person, "address") if a.get("use") not in ("old", "billing", "work")]
    _mark_first(addresses_)
    for address in addresses_[:1]:
        join_parts(address, "line", ", ")
    for identifier in items(person, "identifier"):
        if identifier.get("system") in systems.SCHEMES:
            identifier["$known"] = True
    relations = items(person, "relationship")
    own = [concept for concept in relations if codings(concept, systems.RELATION)]
    _mark_first(own)
    if not own:
        _mark_first([concept for concept in relations if codings(concept, systems.ROLE_CODE)], "hl7")


def _request(tree: Node) -> None:
    request = tree["ServiceRequest"]
    join_notes(request)
    ours = (systems.SERVICE, f"{systems.CODES}/referral-action")
    for coding in codings(request.get("code")):
        if coding.get("system") == systems.SERVICE and coding.get("code") == ASSESSMENT:
            coding["$implies"] = True
        if coding.get("system") not in (None, *ours):
            coding["$foreign"] = True
    _take_medico_legal(request, tree)
    _mark_first([r for r in items(request, "replaces") if r.get("identifier", {}).get("system") == systems.MESSAGE])
    _mark_first([p for p in items(tree.get("Consent"), "policy") if "uri" in p])


def _take_medico_legal(request: Resource, tree: Node) -> None:
    """Take the medico-legal number from a report, where the request itself does not name it."""
    system = f"{systems.SID}/medico-legal"
    if any(i.get("system") == system for i in items(request, "identifier")):
        return
    for document in tree.get("other", ()):
        for index, identifier in enumerate(items(document, "identifier")):
            if document["resourceType"] == "DocumentReference" and identifier.get("system") == system:
                tree.setdefault("medicoLegal", identifier)["$at"] = f"{document['$at']}/identifier/{index}"
                return
