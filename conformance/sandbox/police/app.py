"""The police's routes and manners: the PSRMS envelope, or XML receipts for XML callers."""

import json
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from fastapi import APIRouter

from conformance.sandbox.agency import Answer, Decision, Letter, RefusedError, Visit, phrase, state_of
from conformance.sandbox.endpoint import accept, endpoint
from conformance.sandbox.police import messages
from conformance.sandbox.police.messages import JSON, JSON_TYPES, XML, XML_TYPES, InvalidError, Issue, Message
from conformance.sandbox.settings import AgencySettings
from conformance.sandbox.store import Document, Effect, Store

HTTP_CODES = {401: "POL-E14", 403: "POL-E14", 413: "POL-E15", 415: "POL-E15"}
SENTENCES = {
    "POL-E01": "the document is not well-formed, or holds a document type declaration",
    "POL-E02": "a mandatory element is missing or not as the schema says",
    "POL-E03": "the FIR number or year is not usable",
    "POL-E05": "a date is impossible or has no usable form",
    "POL-E06": "an identity number is not usable",
    "POL-E09": "this message id was used for another document",
    "POL-E13": "a role is unknown",
    "POL-E14": "the caller is not authenticated",
    "POL-E15": "too large, or a media type that is not taken",
}


def make(settings: AgencySettings, store: Store) -> "Police":
    """Make the agency over its store."""
    return Police(settings, store)


class Police:
    """A provincial police record system."""

    scope = "police.referral.write police.receipt.read"
    limit = 2 * 1024 * 1024
    open_paths: frozenset[str] = frozenset()
    answerable = frozenset({"referral"})

    def __init__(self, settings: AgencySettings, store: Store) -> None:
        """Receive into `store`."""
        self.name = settings.name
        self._store = store

    def router(self) -> APIRouter:
        """Make the routes of police.md B2 that a gateway uses."""
        routes = APIRouter(prefix="/police/v1")
        routes.add_api_route("/referrals", endpoint(self, self.referral), methods=["POST"])
        routes.add_api_route("/status-updates", endpoint(self, self.status), methods=["POST"])
        routes.add_api_route("/messages/{message_id}/receipt", endpoint(self, self.receipt), methods=["GET"])
        return routes

    def referral(self, visit: Visit) -> Answer:
        """Take a referral: 202 with an E-Tag, 200 on a repeat, 409 for another body, 422 if invalid."""
        return self._take(visit, "referral", messages.read_referral)

    def status(self, visit: Visit) -> Answer:
        """Take the news about a FIR that the police sent."""
        return self._take(visit, "status-update", messages.read_status)

    def receipt(self, visit: Visit) -> Answer:
        """Give the receipt of a message again, or 404."""
        visit.message_id = visit.params["message_id"].lower()
        effect = self._store.effect(visit.message_id)
        return self.refusal(404) if effect is None else _envelope(200, json.loads(effect.receipt))

    def refusal(self, status: int) -> Answer:
        """Write a refusal in the envelope of police.md B2."""
        code = HTTP_CODES.get(status, "POL-E16" if status >= 500 else "POL-E02")
        return _problem(status, code, SENTENCES[code] if status in HTTP_CODES else phrase(status))

    def read_letter(self, body: bytes, media_type: str) -> Letter:
        """Find the message id of a FIR to submit."""
        known = messages.message_id(body, xml=media_type.endswith("xml"))
        return Letter(known or str(uuid4()), media_type, body)

    def reply(self, effect: Effect, decision: Decision) -> Letter:
        """Write a StatusUpdate in the syntax the referral came in."""
        xml = effect.content_type in XML_TYPES
        values = {
            "message_id": decision.message_id,
            "referral_ref": effect.reference,
            "state": state_of(decision),
            "reason": decision.reason,
            "at": decision.at,
        }
        body = messages.status_update(effect, values, xml=xml)
        return Letter(decision.message_id, XML if xml else JSON, body, effect.reference)

    def media_type(self, sample: Path) -> str:
        """FIRs are XML, PSRMS exports are JSON."""
        return XML if sample.suffix == ".xml" else JSON

    def _take(self, visit: Visit, operation: str, read: Callable[..., Message]) -> Answer:
        if visit.content_type not in XML_TYPES | JSON_TYPES:
            raise RefusedError(self.refusal(415))
        xml = visit.content_type in XML_TYPES
        message = self._read(visit, read, xml=xml)
        reference = message.reference or visit.headers.get("x-correlation-id", "")
        document = Document(message.message_id, operation, visit.content_type, visit.body, reference)
        effect, fresh = accept(
            self._store,
            visit,
            document,
            _receipt_of(document),
            _problem(409, "POL-E09", SENTENCES["POL-E09"]),
        )
        data = json.loads(effect.receipt)
        if not fresh:
            data = messages.as_duplicate(data)
        status = 202 if fresh else 200
        return Answer(status, messages.receipts_xml(data), XML) if xml else _envelope(status, data)

    def _read(self, visit: Visit, read: Callable[..., Message], *, xml: bool) -> Message:
        try:
            message = read(visit.body, xml=xml)
        except InvalidError as invalid:
            raise RefusedError(_findings(invalid.issues)) from None
        visit.message_id = message.message_id
        key = visit.headers.get("idempotency-key", message.message_id)
        if key.lower() != message.message_id:
            raise RefusedError(_findings((Issue("POL-E02", "Idempotency-Key"),)))
        return message


def _receipt_of(document: Document) -> Callable[[int, str], str]:
    def write(n: int, received_at: str) -> str:
        tagged = document.operation == "referral"
        return json.dumps(messages.receipt(document.message_id, n, received_at, tagged=tagged))

    return write


def _envelope(status: int, data: dict[str, object]) -> Answer:
    body = {"status": True, "code": "OK", "message": "received", "data": data}
    return Answer(status, json.dumps(body).encode(), "application/json")


def _problem(status: int, code: str, sentence: str, issues: tuple[Issue, ...] = ()) -> Answer:
    data = [{"code": issue.code, "path": issue.path} for issue in issues]
    body = {"status": False, "code": code, "message": sentence, "data": data}
    return Answer(status, json.dumps(body).encode(), "application/json")


def _findings(issues: tuple[Issue, ...]) -> Answer:
    code = issues[0].code if issues else "POL-E02"
    return _problem(400 if code == "POL-E01" else 422, code, SENTENCES[code], issues)
