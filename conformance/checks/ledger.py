"""AUD: the ledger as its operator sees it: refusals are in it, it recomputes to the head
that was published, and a changed byte is found.
"""  # noqa: D205 - one sentence

from __future__ import annotations

import json
from typing import Any

import httpx

from conformance.checking import check
from conformance.checks.answers import as_json, status
from conformance.checks.letters import accepted, canonical, post
from conformance.evidence import BadEvidenceError, changed, numbers
from conformance.findings import LacksError, NotMetError, expect
from conformance.signed_log import BadHeadError, Head, read_head, root_of
from conformance.target import Target

PAGE = 256
ENOUGH = 6
"""Entries of which two can be chosen that are not neighbours."""


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


@check("AUD-08", needs=("operator", "verify"))
def changes_are_found(target: Target) -> None:
    """Evidence of the ledger holds as it was handed out; with one byte changed it does not, and that entry is named."""
    for _ in range(3):
        accepted(target, "police")
    key, verify = _read(target, "/v1/ledger/key").text, target.means.verify
    evidence = target.until(lambda: _evidence(target), "evidence of the whole ledger")
    if verify is None:
        raise LacksError("verify")
    untouched = verify(evidence, key)
    expect(untouched.holds, "evidence is not verified although nothing was changed in it")
    held = numbers(evidence)
    places = {"type": held[len(held) // 3], "at": held[2 * len(held) // 3]}
    for member, seq in places.items():
        of = f"one byte of {member!r} changed in entry {seq}"
        told = verify(changed(evidence, seq, member), key)
        expect(not told.holds, f"{of}: it is verified as if nothing had happened")
        expect(told.names(seq), f"{of}: it is refused, but the entry is not named")
        others = [one for one in places.values() if one != seq and told.names(one)]
        expect(not others, f"{of}: entry {others[0] if others else ''} is named too, in which nothing was changed")


def _evidence(target: Target) -> bytes:
    """Take the evidence of the whole ledger; nothing while no head covers enough entries to choose from."""
    answer = target.call("operator", "GET", "/v1/ledger/evidence", "evidence.read")
    if answer.status_code == 404:
        return b""
    status(answer, 200, of="taking the evidence of the whole ledger as operator")
    try:
        return answer.content if len(numbers(answer.content)) >= ENOUGH else b""
    except BadEvidenceError:
        raise NotMetError("the evidence is no zip archive with entries.jsonl, an entry on each line") from None


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
