"""What the miniature gateway does at each address."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from conformance.reference import writing
from conformance.reference.deliveries import Delivery, Referral
from conformance.reference.evidence import packed
from conformance.reference.gateway import Gateway
from conformance.reference.trees import RefusedError, Tree

REPORT = "application/vnd.raabta.report+json"
ONE = r"/v1/referrals/(?P<id>[^/]+)"


def told(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    """Answer with JSON."""
    content = json.dumps(body, ensure_ascii=False).encode()
    return httpx.Response(status, content=content, headers={"Content-Type": "application/json", **(headers or {})})


def submit(at: Gateway, request: httpx.Request, who: str, _: dict[str, str]) -> httpx.Response:
    """Accept a referral, once for each key."""
    digest, key = hashlib.sha256(request.content).digest(), request.headers.get("idempotency-key", "")
    known = at.keys.get((who, key))
    if known is not None and not at.has("forgets-keys"):
        if known[0] != digest and not at.has("takes-other-bodies"):
            raise RefusedError(409, "IDEMPOTENCY_KEY_REUSED")
        if known[0] != digest:
            at.referrals[known[1]].document = at.understood(request)[0]
        return _accepted(at, at.referrals[known[1]])
    document = at.understood(request)[0]
    claimed = at.name_of(str(document.get("sender", {}).get("agency", "")))
    sender = claimed if at.has("believes-senders") and claimed else who
    kept = {**document, "sender": {"agency": at.deliveries.peers[sender].agency_id}}
    referral = Referral(f"rf-{uuid.uuid4().hex[:20]}", sender if not at.has("believes-senders") else who, kept)
    at.referrals[referral.ref] = referral
    at.keys[who, key] = digest, referral.ref
    at.log.append(f"accepted {referral.ref}" + (document["child"]["name"] if at.has("logs-names") else ""))
    at.deliveries.enter(referral, "referral.accepted")
    _route(at, referral)
    return _accepted(at, referral)


def _route(at: Gateway, referral: Referral) -> None:
    for one in referral.document.get("recipients", []):
        if one["agency"] == at.lapsed:
            referral.held = True
            if at.has("sends-after-the-end"):
                at.deliveries.add(referral, "school")
            continue
        name = at.name_of(one["agency"])
        if not name:
            raise RefusedError(422, "UNKNOWN_RECIPIENT", "/recipients")
        at.deliveries.add(referral, name)


def _accepted(at: Gateway, referral: Referral) -> httpx.Response:
    where = {} if at.has("no-location") else {"Location": f"/v1/referrals/{referral.ref}"}
    state = "HELD" if referral.held else "SENT"
    return told({"id": referral.ref, "state": state, "deliveries": [], "warnings": []}, 202, where)


def listed(at: Gateway, _request: httpx.Request, who: str, _: dict[str, str]) -> httpx.Response:
    """List one's own referrals."""
    mine = [one for one in at.referrals.values() if at.has("lists-all") or _party(one, who)]
    items: list[Tree] = [{"id": one.ref, "role": "SENDER" if one.sender == who else "RECIPIENT"} for one in mine]
    if at.has("lists-names"):
        items = [{**item, "about": one.document["child"].get("name")} for item, one in zip(items, mine, strict=True)]
    return told({"items": items})


def _party(referral: Referral, who: str) -> bool:
    return referral.sender == who or any(one.peer == who for one in referral.deliveries)


def shown(at: Gateway, _request: httpx.Request, who: str, place: dict[str, str]) -> httpx.Response:
    """Show a referral to a party of it."""
    referral = at.owned(who, place["id"])
    if referral.erased:
        raise RefusedError(410, "ERASED")
    whole = referral.sender == who or at.has("shows-other-receivers")
    legs = [_leg(at, one) for one in referral.deliveries if whole or one.peer == who]
    document = referral.document
    if at.has("loses-persons"):
        document = {name: value for name, value in document.items() if name != "persons"}
    if not whole:
        document = {name: value for name, value in document.items() if name != "recipients"}
    return told({"id": referral.ref, "state": "SENT", "deliveries": legs, "referral": document})


def _leg(at: Gateway, one: Delivery) -> Tree:
    peer = at.deliveries.peers[one.peer]
    return {"recipient": peer.agency_id, "id": one.id, "delivery": one.state, "state": one.status,
            "attempts": one.attempts}  # fmt: skip


def story(at: Gateway, _request: httpx.Request, who: str, place: dict[str, str]) -> httpx.Response:
    """Tell the story of a referral to a party of it; the reading is an entry."""
    referral = at.owned(who, place["id"])
    if not at.has("readings-not-entered"):
        at.deliveries.enter(referral, "read", None, by=who)
    own = {one.id for one in referral.deliveries if one.peer == who}
    lines = [one for one in referral.lines if referral.sender == who or one["delivery"] in own]
    if at.has("story-backwards"):
        lines = [{**line, "seq": -line["seq"]} for line in lines]
    if at.has("shows-other-receivers"):
        lines = referral.lines
    return told({"referral": referral.ref, "lines": lines})


def withdraw(at: Gateway, _request: httpx.Request, who: str, place: dict[str, str]) -> httpx.Response:
    """Withdraw a referral: what was not sent is not sent."""
    referral = at.owned(who, place["id"])
    if not at.has("withdraws-nothing"):
        for one in referral.deliveries:
            one.state = "SKIPPED" if one.state == "OPEN" else one.state
    at.deliveries.enter(referral, "referral.withdrawn")
    return told({"id": referral.ref}, 202)


def erase(at: Gateway, _request: httpx.Request, _who: str, place: dict[str, str]) -> httpx.Response:
    """Erase a referral for the operator."""
    referral = at.referrals[place["id"]]
    referral.erased = not at.has("erases-nothing")
    return told({"id": referral.ref})


def translate(at: Gateway, request: httpx.Request, _who: str, _: dict[str, str]) -> httpx.Response:
    """Translate without storing anything."""
    wanted = request.headers.get("accept", "application/json")
    documents = at.understood(request)
    if wanted == REPORT:
        return told({"documents": []}, headers={"Content-Type": REPORT})
    name = next((each for each, media in writing.MEDIA.items() if media == wanted), "raabta")
    body = writing.write(name, documents[0], at.flaws)
    return httpx.Response(200, content=body, headers={"Content-Type": wanted})


def dead_letters(at: Gateway, _request: httpx.Request, _who: str, _: dict[str, str]) -> httpx.Response:
    """List dead letters to the operator."""
    every = [one for referral in at.referrals.values() for one in referral.deliveries]
    return told({"items": [_leg(at, one) for one in every if one.state == "DEAD"]})


def entries(at: Gateway, request: httpx.Request, _who: str, _: dict[str, str]) -> httpx.Response:
    """Show the ledger to its operator."""
    asked = request.url.params
    return told({"items": at.deliveries.ledger.shown(int(asked["start"]), int(asked["limit"]))})


def head(at: Gateway, request: httpx.Request, _who: str, _: dict[str, str]) -> httpx.Response:
    """Give the signed head of the ledger, or the key of such heads."""
    ledger = at.deliveries.ledger
    text = ledger.key() if request.url.path.endswith("key") else ledger.head()
    return httpx.Response(200, content=text.encode(), headers={"Content-Type": "text/plain; charset=utf-8"})


def evidence(at: Gateway, _request: httpx.Request, _who: str, _: dict[str, str]) -> httpx.Response:
    """Hand out the evidence of the whole ledger."""
    ledger = at.deliveries.ledger
    content = packed(ledger.rows, ledger.head())
    return httpx.Response(200, content=content, headers={"Content-Type": "application/zip"})


def redeliver(at: Gateway, _request: httpx.Request, _who: str, place: dict[str, str]) -> httpx.Response:
    """Send a dead letter again, under its message id."""
    pairs = [(each, one) for each in at.referrals.values() for one in each.deliveries]
    referral, delivery = next(pair for pair in pairs if pair[1].id == place["id"])
    delivery.state, delivery.due = "OPEN", at.deliveries.now
    if at.has("redelivers-anew"):
        delivery.message = str(uuid.uuid4())
    at.deliveries.enter(referral, "replayed", delivery)
    at.deliveries.open.append((referral, delivery))
    return told({"id": delivery.id, "state": "OPEN"})


def answer(at: Gateway, who: str, message: str, decision: str, reply: str) -> int:
    """Take an agency's answer; a repeated one changes nothing."""
    pairs = [(each, one) for each in at.referrals.values() for one in each.deliveries]
    found = next((pair for pair in pairs if pair[1].message == message and pair[1].peer == who), None)
    if found is None:
        return 404
    if reply in at.answered and not at.has("counts-answers-twice"):
        return at.answered[reply]
    referral, delivery = found
    delivery.status = {"ACCEPT": "ACCEPTED", "REJECT": "REJECTED"}.get(decision, "ACKNOWLEDGED")
    at.deliveries.enter(referral, "state.changed", delivery, state=delivery.status)
    at.answered[reply] = 200
    return 202


def spec(at: Gateway) -> httpx.Response:
    """Describe every answer, as an OpenAPI document does."""
    kinds = (
        "text/plain",
        "application/json",
        "application/problem+json",
        "application/fhir+json",
        REPORT,
        *writing.MEDIA.values(),
    )
    content: Tree = {kind: {} for kind in kinds}
    statuses: tuple[str, ...] = ("200", "202", "400", "401", "403", "404", "409", "410", "413", "415", "422")
    if at.has("undocumented-answers"):
        statuses = tuple(one for one in statuses if one != "415")
    answers = {status: {"content": content} for status in statuses}
    paths: dict[str, Any] = {"/oauth/token": {"post": {"responses": answers}}}
    for method, template, _, _ in ROUTES:
        path = template.replace("(?P<id>[^/]+)", "{id}")
        paths.setdefault(path, {})[method.lower()] = {"responses": answers}
    return told({"openapi": "3.1.0", "paths": paths})


ROUTES = (
    ("POST", "/v1/referrals", "referral.write", submit), ("GET", "/v1/referrals", "referral.read", listed),
    ("GET", ONE, "referral.read", shown), ("GET", f"{ONE}/story", "trace.read", story),
    ("POST", f"{ONE}/withdrawal", "referral.write", withdraw), ("POST", f"{ONE}/erasure", "referral.erase", erase),
    ("POST", "/v1/translations", "translate", translate), ("GET", "/v1/deliveries", "delivery.read", dead_letters),
    ("POST", r"/v1/deliveries/(?P<id>[^/]+)/redelivery", "delivery.operate", redeliver),
    ("GET", "/v1/ledger/entries", "ledger.read", entries), ("GET", "/v1/ledger/checkpoint", "ledger.read", head),
    ("GET", "/v1/ledger/key", "ledger.read", head), ("GET", "/v1/ledger/evidence", "evidence.read", evidence),
)  # fmt: skip
OPEN: dict[str, Callable[[Gateway], httpx.Response]] = {
    "/openapi.json": spec,
    "/healthz": lambda _at: told({"status": "up"}),
    "/readyz": lambda _at: told({"status": "ready"}),
}
