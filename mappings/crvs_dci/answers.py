"""Converters of answers: status words and reason codes, as one code of ours (formats/nadra.md 5.1, 7.5).

A search response says ``status`` and perhaps ``status_reason_code``; an acknowledgement ``ack_status`` and perhaps
``error.code``. Either is one code; the register's own result code, where it is known, stands in the extension.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mappings.crvs_dci.outcomes import ACKNOWLEDGEMENTS, REASONS, STATUSES, Meaning, meaning, wire
from mappings.engine.converters import Coarse, Converter, Unfit
from mappings.nadra_crms.outcomes import OUTCOMES


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise Unfit("WRONG_TYPE")
    return value or ""


def _inner(node: Any, key: str) -> str:
    return _text(node[key].get("code")) if isinstance(node.get(key), dict) else ""


def _search_code(node: Any) -> str:
    """Return the code of a search response: the register's own, the reason, or the bare status."""
    status, reason = _text(node.get("status")), _text(node.get("status_reason_code"))
    if status not in STATUSES or (reason and reason not in REASONS):
        raise Unfit("UNKNOWN_CODE")
    own = _inner(node, "raabta_extension")
    if not own:
        return reason if reason and status == "rjct" else status
    if own not in OUTCOMES:
        raise Unfit("UNKNOWN_CODE")
    if wire(own) != (status, reason):
        raise Unfit("DCI_CONTRADICTION")
    return own


def _print_search_code(code: Any) -> Any:
    said = wire(code)
    if said is None:
        raise Unfit("UNMAPPED_CODE")
    node: dict[str, Any] = {"status": said.status}
    if said.reason:
        node["status_reason_code"] = said.reason
    if code in OUTCOMES:
        node["raabta_extension"] = {"code": code}
    return node


def _ack_code(node: Any) -> str:
    """Return the code of an acknowledgement: the error's, or the bare word."""
    word, error = _text(node.get("ack_status")), _inner(node, "error")
    if word not in ACKNOWLEDGEMENTS or (error and error not in REASONS):
        raise Unfit("UNKNOWN_CODE")
    return error if error and word != "ACK" else word


def _print_ack_code(code: Any) -> Any:
    if code in ACKNOWLEDGEMENTS:
        return {"ack_status": code}
    said = wire(code)
    if said is None or not said.reason:
        raise Unfit("UNMAPPED_CODE")
    node = {"ack_status": "ERR" if said.reason.startswith("err.") else "NACK", "error": {"code": said.reason}}
    return Coarse(node) if code in OUTCOMES else node


def _never(value: Any) -> Any:
    raise Unfit("CANNOT_HOLD")


def _said(name: str, code: Callable[[Any], str], part: Callable[[Meaning], str | None]) -> Converter:
    """Return the reading converter of one thing a code says; of an unknown one nothing, for another rule refuses it."""

    def parse(node: Any) -> str | None:
        try:
            found = meaning(code(node))
        except Unfit:
            return None
        said = part(found) if found else None
        return None if said is None else str(said)

    return Converter(name, parse, _never)


_PARTS: dict[str, Callable[[Meaning], str | None]] = {
    "kind": lambda said: said.kind,
    "state": lambda said: said.state,
    "reason": lambda said: said.reason,
    "outcome": lambda said: said.name,
}

ANSWERS: list[Converter] = [
    Converter("search_code", _search_code, _print_search_code),
    Converter("ack_code", _ack_code, _print_ack_code),
    *(_said(f"search_{name}", _search_code, part) for name, part in _PARTS.items()),
    *(_said(f"ack_{name}", _ack_code, part) for name, part in _PARTS.items()),
]
