"""Writing news about a referral: the message Bundle (formats/health.md 9.2, 11.2). No child's data travels back."""

from __future__ import annotations

from mappings.engine.trees import Node
from mappings.fhir_r4.walk import coded, items
from mappings.health_fhir import systems
from mappings.health_fhir.assemble import Parts, add_organisation, coding, numbered
from mappings.health_fhir.converters import FIRST_TASK
from mappings.health_fhir.states import EXPLAINED, FINER, TASK_STATUS, label

_ENDPOINT = f"{systems.BASE}/r4"


def write_status(tree: Node) -> Node:
    """Return the Bundle of an answer."""
    parts = Parts(tree.get("Bundle", {}))
    header, task = tree.setdefault("MessageHeader", {}), tree.setdefault("Task", {})
    _complete_header(header, tree, parts)
    _complete_task(task, tree, parts)
    parts.add("message-header", "MessageHeader", header)
    parts.add("task", "Task", task)
    _place_state(task, tree)
    add_organisation(parts, "sender", tree.get("sender"))
    add_organisation(parts, "receiver", tree.get("receiver"))
    return parts.close("message", task.get("lastModified"))


def _complete_header(header: Node, tree: Node, parts: Parts) -> None:
    header["eventCoding"] = {"system": systems.EVENT, "code": "referral-status"}
    if tree.get("sender"):
        header["sender"] = parts.reference("sender")
    header["source"] = {"software": "raabta", "endpoint": _ENDPOINT}
    reason = header.setdefault("reason", {"coding": []})
    reason["coding"].append({"system": systems.REASON, "code": "update"})
    if "response" in header:
        header["response"]["code"] = "ok"
    header["focus"] = [parts.reference("task")]


def _complete_task(task: Node, tree: Node, parts: Parts) -> None:
    task["intent"] = "order"
    task["code"] = coding(systems.TASK_CODE, "fulfill")
    identifier = task.get("focus", {}).get("identifier")
    for reference in items(task, "identifier"):
        reference["type"] = coding(systems.IDENTIFIER_TYPE, "FILL")
    if identifier:
        task.setdefault("identifier", []).append(numbered(systems.TASK, f"{identifier['value']}{FIRST_TASK}", "PLAC"))
    for element, part in (("requester", "receiver"), ("owner", "sender")):
        if tree.get(part):
            task[element] = parts.reference(part)
    for output in items(task, "output"):
        output["type"] = coding(systems.OUTPUT, str(output["$name"]))


def _place_state(task: Node, tree: Node) -> None:
    """Write the state as Task.status and businessStatus, with a reason in words where R4's readers need one."""
    state = tree.get("state")
    if state is None:
        return
    at = f"{task['$at']}/businessStatus/coding/0"
    word, detail = str(state["code"]), tree.get("detail")
    finer = str(detail["code"]) if detail else ""
    inner = bool(detail) and FINER.get(finer) == word
    code = finer if inner else word
    state.update({"$at": at, "code": code, "system": systems.STATE})
    listed = [state]
    if detail:
        detail["$at"] = at if inner else f"{task['$at']}/businessStatus/coding/1"
        if not inner:
            listed.append({**detail, "system": systems.STATE_DETAIL})
    task["businessStatus"] = {"coding": listed}
    task["status"] = _status(code, word)
    if task["status"] in EXPLAINED:
        reason = task.setdefault("statusReason", {})
        reason.setdefault("text", label(coded(task, "statusReason", systems.DECLINE) or code))


def _status(code: str, word: str) -> str:
    return (TASK_STATUS.get(code) or TASK_STATUS[word])[0]
