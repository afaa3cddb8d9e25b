"""Where DCI disagrees with itself: every form its implementations send, turned into the one its pages name.

Source: formats/nadra.md 5.1, "Where DCI disagrees with itself". Every change is a warning at the place of the document;
what is turned keeps that place under ``$at``. What is of no known form is left as it is, for the rules to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node

CIVIL = "ns:org:RegistryType:Civil"
LIVE_BIRTH = "spdci-common:RegistryEventType:LiveBirth"
PERSON = "spdci-extensions-dci:Person"
WORDS: dict[str, dict[str, str]] = {
    "reg_type": {"ocrvs:registry_type:birth": CIVIL},
    "reg_event_type": {"REGISTER": LIVE_BIRTH, "live_birth": LIVE_BIRTH, "LiveBirth": LIVE_BIRTH},
    "reg_record_type": {"CRVS_Person": PERSON, "Person": PERSON},
    "status": {"processed": "succ", "failed": "rjct"},
    "locale": {"ur": "urd", "en": "eng"},
}
"""Other words for the same, by the key they stand under."""
_ANSWER_ACTIONS = {"search": "on-search", "on_search": "on-search"}
_IN_MESSAGE = ("transaction_id", "correlation_id", "search_request", "search_response")
_ITEMS = ("search_request", "search_response")
_IDS = ("transaction_id", "correlation_id", "message_id", "reference_id")
_COUNTS = ("total_count", "completed_count", "page_size", "page_number")
_DATES = ("birth_date", "registration_date")
_MOMENT = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$")
_HTTP_SIGNATURE = re.compile(r"^Signature\b|keyId\s*=", re.IGNORECASE)


def straighten(tree: Node) -> list[Finding]:
    """Turn a document, in place, into the form DCI's pages name, and return a warning for each change.

    Raises:
        Refusal: DCI_ENCRYPTED, the message cannot be read; WRONG_TYPE, a part of the envelope is no object or list.
    """
    found = [*_signature(tree)]
    _refuse_encrypted(tree)
    found += _gather(tree)
    header, message = _part(tree, "header", ""), _part(tree, "message", "")
    found += _values(header, "/header")
    found += _answer_action(header, message)
    found += _values(message, "/message")
    _answer_of_header(header, message)
    for key in _ITEMS:
        for item in _as_list(message, key, "/message", found):
            found += _item(item, str(item["$at"]))
    return found


def _note(code: str, path: str) -> Finding:
    return Finding(code, path, Severity.WARNING)


def _part(node: Node, key: str, path: str) -> Node:
    """Return the object under a key, or an empty one where nothing stands.

    Raises:
        Refusal: WRONG_TYPE, something else stands there.
    """
    part = node.get(key, {})
    if not isinstance(part, dict):
        raise Refusal.of("WRONG_TYPE", f"{path}/{key}")
    return part


def _signature(tree: Node) -> Iterator[Finding]:
    """Take the signature off: the door checks it, and no rule ever sees it."""
    signature = tree.pop("signature", "")
    if not isinstance(signature, str):
        raise Refusal.of("WRONG_TYPE", "/signature")
    if _HTTP_SIGNATURE.search(signature):
        yield _note("DCI_FORM", "/signature")


def _refuse_encrypted(tree: Node) -> None:
    header = tree.get("header")
    if isinstance(header, dict) and header.get("is_msg_encrypted") is True:
        raise Refusal.of("DCI_ENCRYPTED", "/header/is_msg_encrypted")


def _gather(tree: Node) -> Iterator[Finding]:
    """Put into the message what stands beside it."""
    for key in _IN_MESSAGE:
        if key not in tree:
            continue
        message = tree.setdefault("message", {})
        if not isinstance(message, dict) or key in message:
            continue
        value = message[key] = tree.pop(key)
        _place(value, f"/{key}")
        yield _note("DCI_PLACE", f"/{key}")


def _place(value: Any, path: str) -> None:
    """Remember where an object, or each object of a list, stood."""
    if isinstance(value, dict):
        value.setdefault("$at", path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _place(item, f"{path}/{index}")


def _values(node: Node, path: str) -> Iterator[Finding]:
    """Turn ids that are numbers, counts that are texts, and other words, of one object."""
    for key in _IDS:
        if isinstance(node.get(key), int) and not isinstance(node[key], bool):
            node[key] = str(node[key])
            yield _note("DCI_FORM", f"{path}/{key}")
    for key in _COUNTS:
        if isinstance(node.get(key), str) and re.fullmatch(r"[0-9]{1,9}", node[key]):
            node[key] = int(node[key])
            yield _note("DCI_FORM", f"{path}/{key}")
    for key, words in WORDS.items():
        if isinstance(node.get(key), str) and node[key] in words:
            node[key] = words[node[key]]
            yield _note("DCI_WORD", f"{path}/{key}")


def _answer_action(header: Node, message: Node) -> Iterator[Finding]:
    action = header.get("action")
    if "search_response" in message and isinstance(action, str) and action in _ANSWER_ACTIONS:
        header["action"] = _ANSWER_ACTIONS[action]
        yield _note("DCI_WORD", "/header/action")


def _answer_of_header(header: Node, message: Node) -> None:
    """Take a refusal of the whole message, which only the header says, for a response without a record."""
    silent = not any(key in message for key in (*_ITEMS, "ack_status"))
    if silent and "status" in header:
        said = {
            key: header.pop(key) for key in ("status", "status_reason_code", "status_reason_message") if key in header
        }
        message["search_response"] = [{"$at": "/header", **said}]


def _as_list(node: Node, key: str, path: str, found: list[Finding]) -> list[Node]:
    """Return the objects under a key, each with its place; a single one is turned into a list of one.

    Raises:
        Refusal: WRONG_TYPE, something that is no object stands there.
    """
    value = node.get(key, [])
    if isinstance(value, dict):
        value.setdefault("$at", f"{path}/{key}")
        node[key] = value = [value]
        found.append(_note("DCI_FORM", str(value[0]["$at"])))
    if not isinstance(value, list):
        raise Refusal.of("WRONG_TYPE", f"{path}/{key}")
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise Refusal.of("WRONG_TYPE", f"{path}/{key}/{index}")
    _place(value, f"{path}/{key}")
    return value


def _item(item: Node, path: str) -> list[Finding]:
    """Turn one request or response."""
    found = [*_values(item, path), *_values(_part(item, "pagination", path), f"{path}/pagination")]
    criteria = _part(item, "search_criteria", path)
    found += _values(criteria, f"{path}/search_criteria")
    _part(criteria, "query", f"{path}/search_criteria")
    found += _values(_part(criteria, "pagination", f"{path}/search_criteria"), f"{path}/search_criteria/pagination")
    data = _part(item, "data", path)
    found += _values(data, f"{path}/data")
    for record in _as_list(data, "reg_records", f"{path}/data", found):
        found += _record(record, str(record["$at"]))
    return found


def _record(record: Node, path: str) -> list[Finding]:
    """Turn one record."""
    found: list[Finding] = []
    _as_list(record, "identifier", path, found)
    for key in ("name", "birth_place"):
        _part(record, key, path)
    own = _part(record, "raabta_extension", path)
    for key in ("parents", "names"):
        _as_list(own, key, f"{path}/raabta_extension", found)
    for key in ("guardian", "grandfather", "applicant", "office", "address", "certificate"):
        _part(own, key, f"{path}/raabta_extension")
    for key in _DATES:
        value = record.get(key)
        if isinstance(value, str) and (moment := _MOMENT.match(value)):
            record[key] = moment[1]
            found.append(_note("DCI_FORM", f"{path}/{key}"))
    for key in ("parent1_identifier", "parent2_identifier"):
        value = record.get(key)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            record[key] = {"$at": f"{path}/{key}/0", **value[0]}
            found.append(_note("DCI_FORM", f"{path}/{key}"))
    return found
