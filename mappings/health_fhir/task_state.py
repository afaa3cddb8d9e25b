"""The state an answer's Task says: businessStatus, detail, reason in words (formats/health.md 9.2)."""

from __future__ import annotations

from typing import Any

from mappings.engine.trees import Node
from mappings.fhir_r4.walk import coded, codings, items
from mappings.health_fhir import systems
from mappings.health_fhir.states import ABORT, FINER, TASK_STATUS, UNAMBIGUOUS, label


def take_state(tree: Node) -> None:
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


def state_code(task: dict[str, Any]) -> tuple[str, str]:
    """Return the state's code and its pointer: the businessStatus, or what the Task's status says without doubt."""
    at = task.get("$at", "")
    code = coded(task, "businessStatus", systems.STATE)
    if code:
        return code, f"{at}/businessStatus/coding/0"
    if aborts(task):
        return ABORT.get(str(task.get("status")), ""), f"{at}/status"
    return UNAMBIGUOUS.get(str(task.get("status")), ""), f"{at}/status"


def aborts(task: dict[str, Any]) -> bool:
    """Tell whether a Task asks to stop the work of another (formats/health.md 2.2)."""
    return coded(task, "code", systems.TASK_CODE) == "abort"


def contradicts(task: dict[str, Any]) -> bool:
    """Tell whether a Task's businessStatus cannot stand beside its status (formats/health.md 9.2)."""
    code = coded(task, "businessStatus", systems.STATE)
    if aborts(task):
        return bool(code) and code != ABORT.get(str(task.get("status")), code)
    allowed = TASK_STATUS.get(code) or TASK_STATUS.get(FINER.get(code, ""))
    return allowed is not None and task.get("status") not in allowed
