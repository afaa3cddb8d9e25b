"""Writing a new referral: the transaction Bundle (formats/health.md 11.1)."""

from __future__ import annotations

from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.trees import Node
from mappings.fhir_r4.walk import items, resources
from mappings.health_fhir import systems
from mappings.health_fhir.assemble import Parts, add_organisation, add_people, coding, numbered, type_identifier
from mappings.health_fhir.converters import FIRST_TASK, NOT_DISCLOSED, SUSPECTED
from mappings.health_fhir.reasons import MALTREATMENT
from mappings.vocabulary import ConcernType

_IF_NONE_EXIST = ("ServiceRequest", "Task", "Patient", "Organization")
"""Resources a server must not store twice: it is told by which number to look."""


def write_referral(tree: Node) -> Node:
    """Return the Bundle of a new referral."""
    bundle = tree.get("Bundle", {})
    parts = Parts(bundle)
    request, task, consent = tree.setdefault("ServiceRequest", {}), tree.setdefault("Task", {}), tree.get("Consent")
    _complete_request(request, tree, parts)
    _complete_task(task, request, tree, parts)
    parts.add("service-request", "ServiceRequest", request)
    _place_reasons(request, tree)
    parts.add("task", "Task", task)
    add_people(parts, tree)
    if consent:
        _complete_consent(consent, tree, parts)
        parts.add("consent", "Consent", consent)
    if "PractitionerRole" in tree:
        _complete_role(tree["PractitionerRole"], tree, parts)
        parts.add("practitioner-role", "PractitionerRole", tree["PractitionerRole"])
    add_organisation(parts, "sender", tree.get("sender"))
    add_organisation(parts, "receiver", tree.get("receiver"))
    parts.add("provenance", "Provenance", _provenance(request, consent, tree, parts))
    if "client" in tree:
        tree["client"]["$at"] = f"{parts.entries[-1]['resource']['$at']}/agent/1/who/identifier"
    _support(request, parts)
    for entry in parts.entries:
        entry["request"] = _request(entry["resource"])
    _require_child(tree.get("Patient", {}))
    return parts.close("transaction", request.get("authoredOn"))


def _complete_request(request: Node, tree: Node, parts: Parts) -> None:
    request["status"] = "active"
    request["intent"] = "order"
    type_identifier(request, systems.REFERRAL, "PLAC")
    request["category"] = [coding(systems.CATEGORY, "child-protection")]
    request["subject"] = parts.reference("patient")
    if tree.get("PractitionerRole"):
        request["requester"] = parts.reference("practitioner-role")
    elif tree.get("sender"):
        request["requester"] = parts.reference("sender")
    if tree.get("receiver"):
        request["performer"] = [parts.reference("receiver")]
    for replaced in items(request, "replaces"):
        replaced["identifier"]["system"] = systems.MESSAGE


def _complete_task(task: Node, request: Node, tree: Node, parts: Parts) -> None:
    ref = type_identifier(request, systems.REFERRAL, "PLAC")
    task["identifier"] = [numbered(systems.TASK, f"{ref}{FIRST_TASK}", "PLAC")]
    if "groupIdentifier" in task:
        task["groupIdentifier"]["system"] = systems.CASE
    task["status"] = "requested"
    task["businessStatus"] = coding(systems.STATE, "submitted")
    task["intent"] = "order"
    task["code"] = coding(systems.TASK_CODE, "fulfill")
    task["focus"] = parts.reference("service-request")
    task["for"] = parts.reference("patient")
    for theirs, ours in (("priority", "priority"), ("authoredOn", "authoredOn"), ("lastModified", "authoredOn")):
        if ours in request:
            task[theirs] = request[ours]
    for element, part in (("requester", "sender"), ("owner", "receiver")):
        if tree.get(part):
            task[element] = parts.reference(part)


def _place_reasons(request: Node, tree: Node) -> None:
    """Put concerns, other codings and the text together as reasons, the main concern first."""
    concerns = _ordered(tree.get("concern", []), tree.get("primary"))
    confirmed = tree.get("verification", {}).get("code") == "CONFIRMED"
    reasons: list[Node] = [{"coding": [concern]} for concern in concerns]
    for concern in concerns:
        word = str(concern["code"])
        if not confirmed and ConcernType(word.upper().replace("-", "_")) in MALTREATMENT:
            concern["code"] = f"{word}{SUSPECTED}"
        concern["system"] = systems.CONCERN
    foreign, text = tree.get("reason", []), tree.get("reasonText")
    if (foreign or text) and not reasons:
        reasons = [{"coding": [{"system": systems.CONCERN, "code": NOT_DISCLOSED}]}]
    if foreign:
        reasons[0]["coding"] += foreign
    if text:
        reasons[0]["text"] = text["text"]
    if reasons:
        request["reasonCode"] = reasons
    _say_places(request, tree, reasons)


def _ordered(concerns: list[Node], primary: Node | None) -> list[Node]:
    if primary is None:
        return concerns
    main = [concern for concern in concerns if concern["code"] == primary["code"]]
    return main + [concern for concern in concerns if concern not in main]


def _say_places(request: Node, tree: Node, reasons: list[Node]) -> None:
    """Mark every part that was moved with its final pointer."""
    at = f"{request['$at']}/reasonCode"
    for index, reason in enumerate(reasons):
        for position, code in enumerate(reason["coding"]):
            code["$at"] = f"{at}/{index}/coding/{position}"
    for name in ("primary", "verification"):
        if name in tree:
            tree[name]["$at"] = f"{at}/0/coding/0"
    if "reasonText" in tree and reasons:
        tree["reasonText"]["$at"] = f"{at}/0"


def _complete_consent(consent: Node, tree: Node, parts: Parts) -> None:
    consent["status"] = "active"
    consent["scope"] = coding("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")
    consent["category"] = [coding(systems.ACT_CODE, "INFA")]
    consent["patient"] = parts.reference("patient")
    if not {"policy", "policyRule"} & set(consent):
        consent["policyRule"] = coding(systems.BASIS, "not-stated")
    provision = consent.setdefault("provision", {})
    provision["type"] = "permit"
    provision.setdefault("purpose", []).append({"system": systems.ACT_REASON, "code": "THREAT"})


def _complete_role(role: Node, tree: Node, parts: Parts) -> None:
    identifier = role.get("practitioner", {}).get("identifier")
    if identifier:
        identifier["system"] = systems.OFFICER
    if tree.get("sender"):
        role["organization"] = parts.reference("sender")


def _provenance(request: Node, consent: Node | None, tree: Node, parts: Parts) -> Node:
    author = "practitioner-role" if "PractitionerRole" in tree else "sender"
    provenance: Node = {"target": [parts.reference("service-request"), parts.reference("task")]}
    if "authoredOn" in request:
        provenance["recorded"] = request["authoredOn"]
    policies = [policy["uri"] for policy in items(consent, "policy") if "uri" in policy]
    if policies:
        provenance["policy"] = policies
    provenance["reason"] = [coding(systems.ACT_REASON, "THREAT")]
    participant = f"{systems.HL7}/provenance-participant-type"
    agent: dict[str, Any] = {"type": coding(participant, "author"), "who": parts.reference(author)}
    if author == "practitioner-role":
        agent["onBehalfOf"] = parts.reference("sender")
    provenance["agent"] = [agent]
    if "client" in tree:
        client = tree["client"]
        client["system"] = systems.CLIENT
        provenance["agent"].append({"type": coding(participant, "assembler"), "who": {"identifier": client}})
    return provenance


def _support(request: Node, parts: Parts) -> None:
    """Name the consent and the findings on the request, so that every entry hangs together."""
    supporting, reasons = [], []
    for index, resource in resources({"entry": parts.entries}):
        reference = {"reference": parts.entries[index]["fullUrl"]}
        if resource["resourceType"] in ("Observation", "Consent"):
            supporting.append(reference)
        elif resource["resourceType"] == "Condition":
            reasons.append(reference)
    if reasons:
        request["reasonReference"] = reasons
    if supporting:
        request["supportingInfo"] = supporting


def _request(resource: Node) -> dict[str, str]:
    kind = resource["resourceType"]
    request = {"method": "POST", "url": kind}
    number = next((i for i in items(resource, "identifier") if "system" in i and "value" in i), None)
    if kind in _IF_NONE_EXIST and number and "|" not in number["value"] and "&" not in number["value"]:
        request["ifNoneExist"] = f"identifier={number['system']}|{number['value']}"
    return request


def _require_child(patient: Node) -> None:
    unknown = any(e["url"].endswith("/unknown-child") and e.get("valueBoolean") for e in items(patient, "extension"))
    if not (unknown or "identifier" in patient or "name" in patient):
        raise Refusal.of("MISSING_REQUIRED", f"{patient.get('$at', '')}/name", "child.name")
