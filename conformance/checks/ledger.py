"""AUD: the ledger as its operator sees it: refusals are in it, and it recomputes to the head that was published."""

from __future__ import annotations

import json
from typing import Any

import httpx

from conformance.checking import check
from conformance.checks.answers import as_json, status
from conformance.checks.letters import accepted, canonical, post
from conformance.findings import NotMetError, expect
from conformance.signed_log import BadHeadError, Head, read_head, root_of
from conformance.target import Target

PAGE = 256


def entries(target: Target, start: int = 0) -> list[dict[str, Any]]:
    """List the entries of the ledger from a number on, as its operator is shown them."""
    found: list[dict[str, Any]] = []
    while True:
        page = {"start": str(start + len(found)), "limit": str(PAGE)}
        items = as_json(_read(target, "/v1/ledger/entries", **page)).get("items")
        expect(isinstance(items, list), "the ledger's entries hold no items")
        found += items if isinstance(items, list) else []
        if not items or len(items) < PAGE:
            return found


def _read(target: Target, path: str, **params: str) -> httpx.Response:
    answer = target.call("operator", "GET", path, "ledger.read", params=params)
    status(answer, 200, of=f"reading {path} as operator")
    return answer


@check("AUD-02", needs=("operator",))
def refusals(target: Target) -> None:
    """A document that was refused is entered, and nothing of its content is."""
    child, before = target.children.new(), len(entries(target))
    document = {**canonical(target, child, "police"), "child": [child.name, child.name_ur, child.bform]}
    status(post(target, document, target.fresh_id()), 400, 422, of="a document whose child is a list")

    def told() -> list[dict[str, Any]]:
        return [one for one in entries(target, before) if "refused" in str(one.get("type"))]

    found = target.until(told, "the ledger has an entry of the refusal")
    expect(all(one.get("at") for one in found), "the entry of a refusal does not say when it was")
    text = json.dumps(entries(target, before), ensure_ascii=False)
    for name, value in (("name", child.tag), ("number", child.bform), ("name in Urdu", child.name_ur)):
        expect(value not in text, f"the ledger holds the child's {name} out of a document that was refused")


@check("AUD-03", needs=("operator",))
def recomputes(target: Target) -> None:
    """The entries have no gap, and their hashes recompute to the head that the gateway has signed."""
    accepted(target, "police")
    key = _read(target, "/v1/ledger/key").text
    head = target.until(lambda: _head(target, key), "a signed head of the ledger")
    held = entries(target)[: head.size]
    numbers = [one.get("seq") for one in held]
    expect(numbers == list(range(head.size)), f"the head counts {head.size} entries, the ledger has gaps or fewer")
    leaves = [bytes.fromhex(str(one.get("leaf", ""))) for one in held]
    expect(root_of(leaves) == head.root, "the entries do not recompute to the head that was signed")


def _head(target: Target, key: str) -> Head:
    """Read the newest head; an empty one while there is none yet."""
    answer = target.call("operator", "GET", "/v1/ledger/checkpoint", "ledger.read")
    if answer.status_code == 404:
        return Head(0, b"")
    status(answer, 200, of="reading the head of the ledger")
    try:
        return read_head(answer.text, key)
    except BadHeadError:
        raise NotMetError("the head of the ledger is not signed with the published key") from None
