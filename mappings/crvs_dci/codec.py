"""DCI's trees: straightened on reading, one for each record, request or empty response; completed on writing.

On the rules' side a response that brings no record has its status, reason and the register's own code under
``$outcome``, a person's number under ``$id`` (:mod:`mappings.crvs_dci.relatives`), the basis of a search under
``$legal``.
"""

from __future__ import annotations

from mappings.crvs_dci import relatives
from mappings.crvs_dci.checks import judge_answer, judge_search, names_of, records, responses
from mappings.crvs_dci.envelope import PURPOSE, derived, finish_header, finish_item, finish_record, ordered
from mappings.crvs_dci.straighten import straighten
from mappings.engine.codec import JsonCodec, Parsed
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits
from mappings.engine.schema import Check
from mappings.engine.trees import Node, copied
from mappings.nadra_crms.legal_basis import join, split

_RESPONSE = "/message/search_response/0"
_RECORD = f"{_RESPONSE}/data/reg_records/0"
_REQUEST = "/message/search_request/0"
_PURPOSE = f"{_REQUEST}/search_criteria/authorize/purpose"


class DciCodec(JsonCodec):
    """The codec of DCI messages."""

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the straightened tree of a message.

        Raises:
            Refusal: it is no JSON; it is encrypted.
        """
        parsed = super().parse(data, limits)
        tree = copied(parsed.tree)
        return Parsed(tree, "", parsed.raw, [*parsed.warnings, *straighten(tree)])

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return what contradicts itself, and what the schema says if it is asked."""
        judges = {"on_search": judge_answer, "search": judge_search}
        found = list(judges[document](parsed.tree)) if document in judges else []
        return found + (schema(parsed.raw) if schema else [])

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return one tree for each record, request or empty response."""
        tree = parsed.tree
        if document == "on_search":
            return [_for_record(tree, r, one) for r in responses(tree) for one in records(r)]
        if document == "search":
            return [_for_request(tree, request) for request in tree["message"]["search_request"]]
        if document == "status":
            return [_for_response(tree, response) for response in responses(tree)]
        return [_for_acknowledgement(tree)]

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the message with its envelope.

        Raises:
            Refusal: CANNOT_HOLD, the basis of a search could not be read back.
        """
        message = tree.setdefault("message", {})
        if document == "acknowledgement":
            _finish_acknowledgement(message)
            return tree
        item = message.pop("search_request" if document == "search" else "search_response", {})
        item["$at"] = _REQUEST if document == "search" else _RESPONSE
        finish_item(tree, item)
        if document == "search":
            _finish_search(tree, item)
        else:
            _finish_answer(tree, item, document)
        return tree

    def unwritable(self, tree: Node, document: str) -> list[Finding]:
        """Return where values of an answer contradict each other."""
        found = judge_answer(tree) if document == "on_search" else ()
        return [finding for finding in found if finding.severity is Severity.ERROR]


def _around(tree: Node, key: str, item: Node) -> Node:
    """Return the message with one of its items only."""
    return {**tree, "message": {**tree["message"], key: [item]}}


def _for_record(tree: Node, response: Node, record: Node) -> Node:
    relatives.gather(record, str(record["$at"]))
    named = names_of(record)
    if "en" in named or "ur" in named:
        record["$name"] = record.pop("name", {})
    answer = {**response, "data": {**response["data"], "reg_records": [record]}}
    return _around(tree, "search_response", answer)


def _for_request(tree: Node, request: Node) -> Node:
    _forget_derived(tree, request)
    authorize = request["search_criteria"].get("authorize")
    purpose = authorize.get("purpose") if isinstance(authorize, dict) else None
    if isinstance(purpose, dict) and isinstance(purpose.get("text"), str):
        place = f"{request['$at']}/search_criteria/authorize/purpose/text"
        purpose["$legal"] = {"$at": place, **split(purpose.pop("text"))}
    return _around(tree, "search_request", request)


def _for_response(tree: Node, response: Node) -> Node:
    _forget_derived(tree, response)
    said: Node = {"$at": response["$at"]}
    for key in ("status", "status_reason_code"):
        if key in response:
            said[key] = response.pop(key)
    own = response.get("raabta_extension")
    if isinstance(own, dict) and "code" in own:
        said["raabta_extension"] = {"code": own.pop("code")}
    return _around(tree, "search_response", {**response, "$outcome": said})


def _for_acknowledgement(tree: Node) -> Node:
    message = tree["message"]
    said: Node = {"$at": "/message", "ack_status": message.pop("ack_status")}
    error = message.get("error")
    if isinstance(error, dict) and "code" in error:
        said["error"] = {"code": error.pop("code")}
    message["$outcome"] = said
    return tree


def _forget_derived(tree: Node, item: Node) -> None:
    """Leave out a reference that only says which transaction it is part of."""
    if item.get("reference_id") == derived(tree["message"].get("transaction_id"), "reference"):
        del item["reference_id"]


def _finish_acknowledgement(message: Node) -> None:
    said = message.pop("$outcome", {})
    said["$at"] = "/message"
    error = {**said.get("error", {}), **message.get("error", {})}
    message.update({key: value for key, value in said.items() if key != "$at"})
    if error:
        message["error"] = error
    ordered(message, ("ack_status", "timestamp", "error", "correlation_id"))


def _finish_search(tree: Node, item: Node) -> None:
    criteria = item.setdefault("search_criteria", {})
    query = criteria.get("query")
    if isinstance(query, list):
        criteria["query"] = ordered(query[0], ("type", "value"))
        query[0]["$at"] = f"{_REQUEST}/search_criteria/query"
    purpose = criteria.setdefault("authorize", {}).setdefault("purpose", {})
    legal = purpose.pop("$legal", None)
    if legal:
        text = join(legal)
        if text is None:
            raise Refusal.of("CANNOT_HOLD", f"{_PURPOSE}/text", "consent.basis")
        legal["$at"] = f"{_PURPOSE}/text"
        purpose["text"] = text
    purpose["ref_uri"] = PURPOSE
    ordered(criteria, ("version", "reg_type", "reg_event_type", "query_type", "query", "authorize"))
    ordered(item, ("reference_id", "timestamp", "search_criteria", "locale", "raabta_extension"))
    tree["message"]["search_request"] = [item]
    finish_header(tree, "search")


def _finish_answer(tree: Node, item: Node, document: str) -> None:
    transaction = tree["message"].get("transaction_id", "")
    tree["message"]["correlation_id"] = derived(transaction, "correlation")
    if document == "on_search":
        record = item.setdefault("data", {}).pop("reg_records", {})
        record["$at"] = _RECORD
        relatives.lay_out(record, _RECORD)
        finish_record(record)
        item["data"]["reg_records"] = [record]
    else:
        _lay_out_outcome(item)
    keys = ("reference_id", "timestamp", "status", "status_reason_code", "status_reason_message", "data", "locale")
    ordered(item, (*keys, "raabta_extension"))
    tree["message"]["search_response"] = [item]
    finish_header(tree, "on-search", item.get("status", ""))


def _lay_out_outcome(item: Node) -> None:
    said = item.pop("$outcome", {})
    said["$at"] = item["$at"]
    own = {**said.get("raabta_extension", {}), **item.get("raabta_extension", {})}
    item.update({key: value for key, value in said.items() if key != "$at"})
    if own:
        item["raabta_extension"] = own


CODEC = DciCodec()
