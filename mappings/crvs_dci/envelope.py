"""DCI's envelope: header, ids, counts, and the order in which everything is written (formats/nadra.md 5.1).

Ids derive from the transaction (UUIDv5) and no clock is read: the same value gives the same bytes. The signature is no
part of it: the door signs what it sends.
"""

from __future__ import annotations

import uuid
from typing import Any

from mappings.engine.trees import Node

GATEWAY = "gateway.example.pk"
"""Under which id the gateway sends; the registers know it by that name."""
PURPOSE = f"https://{GATEWAY}/policy/child-protection-referral"
"""Where the purpose of a search is described."""
IDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:raabta:crvs-dci:1")
"""Namespace of the ids that are derived from a transaction."""
_RECORD = (
    "@type", "identifier", "name", "sex", "birth_date", "birth_place", "registration_date", "parent1_identifier",
    "parent2_identifier", "raabta_extension",
)  # fmt: skip


def derived(transaction: Any, part: str) -> str:
    """Return the id of one part of a transaction: the same for the same one."""
    return str(uuid.uuid5(IDS, f"{transaction}/{part}"))


def ordered(node: Node, keys: tuple[str, ...], **more: Any) -> Node:
    """Put the keys of an object, and what is added to it, in place, into an order; others follow."""
    node.update(more)
    pairs = {key: node[key] for key in keys if key in node} | node
    node.clear()
    node.update(pairs)
    return node


def finish_header(tree: Node, action: str, status: str = "") -> None:
    """Complete the header of a request or an answer."""
    header = tree.setdefault("header", {})
    transaction = tree.get("message", {}).get("transaction_id", "")
    header.setdefault("message_id", derived(transaction, action))
    header["sender_id"] = GATEWAY
    header["total_count"] = 1
    if status:
        header["status"] = status
        header["completed_count"] = 1
    keys = (
        "version", "message_id", "message_ts", "action", "status", "status_reason_code", "total_count",
        "completed_count", "sender_id", "receiver_id", "is_msg_encrypted",
    )  # fmt: skip
    ordered(header, keys)
    ordered(tree, ("header", "message"))


def finish_item(tree: Node, item: Node) -> None:
    """Give a request or a response its reference and its moment."""
    transaction = tree.get("message", {}).get("transaction_id", "")
    item.setdefault("reference_id", derived(transaction, "reference"))
    if "message_ts" in tree.get("header", {}):
        item["timestamp"] = tree["header"]["message_ts"]
    item["locale"] = "urd"


def finish_record(record: Node) -> None:
    """Complete the name of a record and order its parts."""
    if "name" in record:
        record["name"] = ordered({"surname": "", **record["name"]}, ("given_name", "surname"))
    ordered(record, _RECORD)
