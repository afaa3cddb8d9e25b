"""Reading: a Bundle becomes one tree of named parts, so that rules can say ``Patient/birthDate``.

Every resource keeps its place under ``$at``, so lineage names the true JSON Pointer. What several elements say together
(concern and its suspicion, sender and receiver, a state and its detail) is taken out into parts of its own.
"""

from __future__ import annotations

import copy
from typing import Any, TypeAlias

from mappings.engine.trees import Node
from mappings.health_fhir import systems
from mappings.health_fhir.converters import ASSESSMENT, NOT_DISCLOSED, SUSPECTED
from mappings.health_fhir.names import mark_names
from mappings.health_fhir.references import addresses
from mappings.health_fhir.states import FINER, TASK_STATUS, UNAMBIGUOUS, label
from mappings.health_fhir.terminology import says_suspected
from mappings.health_fhir.walk import coded, codings, items, resources
from mappings.vocabulary import ConcernType

Resource: TypeAlias = dict[str, Any]

LISTED = ("RelatedPerson", "Observation", "Condition")
SINGLE = ("ServiceRequest", "Task", "Patient", "Consent", "PractitionerRole", "Provenance", "MessageHeader")
MALTREATMENT = frozenset(
    {
        ConcernType.PHYSICAL_ABUSE, ConcernType.EMOTIONAL_ABUSE, ConcernType.SEXUAL_VIOLENCE,
        ConcernType.SEXUAL_EXPLOITATION, ConcernType.NEGLECT, ConcernType.ABANDONMENT,
        ConcernType.TRAFFICKING_ABDUCTION, ConcernType.CHILD_LABOUR, ConcernType.DOMESTIC_SERVITUDE,
        ConcernType.BONDED_LABOUR, ConcernType.CHILD_MARRIAGE, ConcernType.HARMFUL_PRACTICE, ConcernType.ONLINE_ABUSE,
    }
)  # fmt: skip
"""Concerns that can be suspected or confirmed; the others are circumstances (a child is missing or is not)."""
_SUSPECTABLE = frozenset(concern.lower().replace("_", "-") for concern in MALTREATMENT)


def regroup(bundle: dict[str, Any], document: str) -> Node:
    """Return the tree of a sound Bundle's parts; the Bundle itself is not touched."""
    bundle = copy.deepcopy(bundle)
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
        _join_notes(finding)
        for code in codings(finding.get("code")):
            if code.get("system") not in (None, systems.FINDING):
                code["$foreign"] = True
    if document == "referral":
        _request(tree)
        _reasons(tree)
    if document == "status":
        _answer(tree)
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
        if len(address.get("line", ())) > 1:
            address["line"] = [", ".join(address["line"])]
    for identifier in items(person, "identifier"):
        if identifier.get("system") in systems.SCHEMES:
            identifier["$known"] = True
    relations = items(person, "relationship")
    own = [concept for concept in relations if codings(concept, systems.RELATION)]
    _mark_first(own)
    if not own:
        _mark_first([concept for concept in relations if codings(concept, systems.ROLE_CODE)], "hl7")


def _join_notes(resource: Resource) -> None:
    """Several notes of one resource are one text of ours, in their order."""
    notes = items(resource, "note")
    _mark_first(notes)
    if len(notes) > 1:
        notes[0]["text"] = "\n\n".join(str(note.get("text", "")) for note in notes)
        resource["note"] = notes[:1]


def _request(tree: Node) -> None:
    request = tree["ServiceRequest"]
    _join_notes(request)
    ours = (systems.SERVICE, f"{systems.CODES}/referral-action")
    for coding in codings(request.get("code")):
        if coding.get("system") == systems.SERVICE and coding.get("code") == ASSESSMENT:
            coding["$implies"] = True
        if coding.get("system") not in (None, *ours):
            coding["$foreign"] = True
    _mark_first([r for r in items(request, "replaces") if r.get("identifier", {}).get("system") == systems.MESSAGE])
    _mark_first([p for p in items(tree.get("Consent"), "policy") if "uri" in p])


def _reasons(tree: Node) -> None:
    """Take the reasons apart: concerns of ours, other codings, one text."""
    request = tree["ServiceRequest"]
    concerns: list[Node] = []
    foreign: list[Node] = []
    for index, reason in enumerate(items(request, "reasonCode")):
        at = f"{request['$at']}/reasonCode/{index}"
        for position, coding in enumerate(codings(reason)):
            coding["$at"] = f"{at}/coding/{position}"
            if coding.get("system") != systems.CONCERN:
                foreign.append(coding)
            elif coding.get("code") != NOT_DISCLOSED:
                concerns.append(coding)
        reason.pop("coding", None)
        if "text" in reason and "reasonText" not in tree:
            tree["reasonText"] = {"$at": at, "text": reason.pop("text")}
    tree["concern"] = concerns
    tree["reason"] = foreign
    if concerns:
        first = concerns[0]
        tree["primary"] = {"$at": first["$at"], "code": first.get("code")}
        said = verification(concerns, foreign)
        if said:
            tree["verification"] = {"$at": first["$at"], "code": said}


def verification(concerns: list[dict[str, Any]], foreign: list[dict[str, Any]]) -> str:
    """Return SUSPECTED, CONFIRMED, or nothing where only circumstances stand.

    Confirmed means that every maltreatment code of ours says so and no other coding contradicts it. A WHO code such as
    T74.1 has no word on the matter, and a US T74 cannot lift what our own code calls suspected (formats/health.md 3.2).
    """
    codes = [str(coding.get("code")) for coding in concerns]
    if any(code.endswith(SUSPECTED) for code in codes) or any(says_suspected(coding) for coding in foreign):
        return "SUSPECTED"
    return "CONFIRMED" if any(code in _SUSPECTABLE for code in codes) else ""


def mixed(bundle: dict[str, Any]) -> bool:
    """Tell whether some maltreatment code of a request claims more certainty than another allows."""
    for _, resource in resources(bundle):
        if resource["resourceType"] == "ServiceRequest":
            found = [c for reason in items(resource, "reasonCode") for c in codings(reason)]
            concerns = [c for c in found if c.get("system") == systems.CONCERN]
            certain = any(str(c.get("code")) in _SUSPECTABLE for c in concerns)
            return certain and verification(concerns, found) == "SUSPECTED"
    return False


def _answer(tree: Node) -> None:
    """Take state, detail, kind and reason out of an answer's Task."""
    task, header = tree["Task"], tree["MessageHeader"]
    code, at = state_code(task)
    if code:
        tree["state"] = {"$at": at, "code": FINER.get(code, code)}
        if code in FINER:
            tree["detail"] = {"$at": at, "code": code}
        if not coded(header, "reason", f"{systems.CODES}/reply-kind"):
            tree["impliedKind"] = {"$at": at, "code": FINER.get(code, code)}
    detail = codings(task.get("businessStatus"), systems.STATE_DETAIL)
    if detail:
        tree["detail"] = {"$at": f"{task['$at']}/businessStatus/coding", "code": detail[0].get("code")}
    reason = task.get("statusReason", {})
    if reason.get("text") in own_words(coded(task, "statusReason", systems.DECLINE), code):
        del reason["text"]
    for identifier in items(task, "identifier"):
        if coded(identifier, "type", systems.IDENTIFIER_TYPE) != "PLAC":
            identifier["$reference"] = True
    for output in items(task, "output"):
        output["$name"] = coded(output, "type", systems.OUTPUT)


def own_words(reason: str, state: str) -> tuple[str, ...]:
    """Return the texts that only repeat a code in words: nobody wrote them."""
    return tuple(label(code) for code in (reason, state) if code)


def state_code(task: Resource) -> tuple[str, str]:
    """Return the state's code and its pointer: the businessStatus, or what the Task's status says without doubt."""
    at = task.get("$at", "")
    code = coded(task, "businessStatus", systems.STATE)
    if code:
        return code, f"{at}/businessStatus/coding/0"
    return UNAMBIGUOUS.get(str(task.get("status")), ""), f"{at}/status"


def contradicts(task: Resource) -> bool:
    """Tell whether a Task's businessStatus cannot stand beside its status (formats/health.md 9.2)."""
    code = coded(task, "businessStatus", systems.STATE)
    allowed = TASK_STATUS.get(code) or TASK_STATUS.get(FINER.get(code, ""))
    return allowed is not None and task.get("status") not in allowed
