"""The case management system's routes: canonical referrals and replies in, replies out."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter

from conformance.sandbox.agency import Answer, Decision, Letter, RefusedError, Visit, phrase, state_of
from conformance.sandbox.documents import MalformedError, first_null, read_json
from conformance.sandbox.endpoint import accept, endpoint
from conformance.sandbox.problems import plain, problem
from conformance.sandbox.schemas import JsonSchema
from conformance.sandbox.settings import AgencySettings
from conformance.sandbox.store import Document, Effect, Store

HERE = Path(__file__).parent
REFERRAL = JsonSchema(HERE / "referral.schema.json")
REPLY = JsonSchema(HERE / "reply.schema.json")
MEDIA_TYPE = "application/json"


def make(settings: AgencySettings, store: Store) -> "Welfare":
    """Make the agency over its store."""
    return Welfare(settings, store)


class Welfare:
    """A child protection bureau's case management system."""

    scope = "cpcmrs.referral.write cpcmrs.reply.write"
    limit = 1024 * 1024
    open_paths: frozenset[str] = frozenset()
    answerable = frozenset({"referral"})

    def __init__(self, settings: AgencySettings, store: Store) -> None:
        """Receive into `store`."""
        self.name = settings.name
        self._store = store

    def router(self) -> APIRouter:
        """Make the routes under `/cpcmrs/v1`."""
        routes = APIRouter(prefix="/cpcmrs/v1")
        routes.add_api_route("/referrals", endpoint(self, self.referral), methods=["POST"])
        routes.add_api_route("/replies", endpoint(self, self.incoming_reply), methods=["POST"])
        routes.add_api_route("/messages/{message_id}", endpoint(self, self.message), methods=["GET"])
        return routes

    def referral(self, visit: Visit) -> Answer:
        """Take a canonical referral: 202 with a receipt, the same on a repeat, 409 for another body."""
        return self._take(visit, "referral", REFERRAL)

    def incoming_reply(self, visit: Visit) -> Answer:
        """Take a canonical reply about a referral that welfare sent."""
        return self._take(visit, "reply", REPLY)

    def message(self, visit: Visit) -> Answer:
        """Give the receipt of a message again, or 404."""
        visit.message_id = visit.params["message_id"].lower()
        effect = self._store.effect(visit.message_id)
        return self.refusal(404) if effect is None else plain(200, json.loads(effect.receipt))

    def refusal(self, status: int) -> Answer:
        """Write a refusal as problem+json."""
        return problem(status, f"HTTP_{status}", phrase(status))

    def read_letter(self, body: bytes, media_type: str) -> Letter:
        """Find the message id of a canonical document to submit."""
        try:
            document = read_json(body)
        except MalformedError:
            document = {}
        known = document.get("message_id") if isinstance(document, dict) else None
        return Letter(str(known or uuid.uuid4()), media_type, body)

    def reply(self, effect: Effect, decision: Decision) -> Letter:
        """Write a canonical reply."""
        document = {
            "type": "reply",
            "message_id": decision.message_id,
            "in_reply_to": effect.message_id,
            "ref": effect.reference,
            "kind": decision.kind,
            "state": state_of(decision),
            "at": decision.at,
        }
        if decision.reason:
            document["reason"] = decision.reason
        return Letter(decision.message_id, MEDIA_TYPE, json.dumps(document).encode(), effect.reference)

    def media_type(self, sample: Path) -> str:
        """Everything is canonical JSON."""
        return MEDIA_TYPE

    def _take(self, visit: Visit, operation: str, schema: JsonSchema) -> Answer:
        document = self._read(visit, schema)
        message_id = str(document["message_id"]).lower()
        visit.message_id = message_id
        if visit.headers.get("idempotency-key", message_id).lower() != message_id:
            raise RefusedError(problem(422, "VALIDATION", "the key differs", [("/message_id", "idempotency-key")]))
        reference = str(document.get("ref") or visit.headers.get("x-correlation-id", ""))
        received = Document(message_id, operation, visit.content_type, visit.body, reference)
        conflict = problem(409, "CONFLICT", "this message id was used for another document")
        effect, _ = accept(self._store, visit, received, _receipt_of(message_id), conflict)
        return plain(202, json.loads(effect.receipt))

    def _read(self, visit: Visit, schema: JsonSchema) -> dict[str, object]:
        if visit.content_type != MEDIA_TYPE:
            raise RefusedError(self.refusal(415))
        try:
            document = read_json(visit.body)
        except MalformedError as error:
            raise RefusedError(problem(400, "MALFORMED", str(error))) from None
        null = first_null(document)
        findings = schema.findings(document) if null is None else [(null, "null")]
        if findings or not isinstance(document, dict):
            raise RefusedError(problem(422, "VALIDATION", "the document is not usable", findings))
        return document


def _receipt_of(message_id: str) -> Callable[[int, str], str]:
    def write(n: int, received_at: str) -> str:
        receipt = {"receipt_id": f"CP-{n:06d}", "message_id": message_id}
        return json.dumps(receipt | {"received_at": received_at, "state": "RECEIVED"})

    return write
