"""The hospital server's routes: transactions, messages, and the search that resolves a lost answer."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter

from conformance.sandbox.agency import Answer, Decision, Letter, RefusedError, Visit
from conformance.sandbox.documents import MalformedError, read_json
from conformance.sandbox.endpoint import accept, endpoint
from conformance.sandbox.health import answers, bundles
from conformance.sandbox.health.answers import fhir, outcome
from conformance.sandbox.health.bundles import BadBundleError, Json, Problem
from conformance.sandbox.settings import AgencySettings
from conformance.sandbox.store import Document, Effect, Store

MEDIA_TYPE = "application/fhir+json"
ISSUES = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    413: "too-long",
    415: "not-supported",
    429: "throttled",
    500: "exception",
    503: "transient",
}
"""HTTP statuses and the issue types of health.md 9.5."""


def make(settings: AgencySettings, store: Store) -> "Health":
    """Make the agency over its store."""
    return Health(settings, store)


class Health:
    """A hospital's FHIR R4 server."""

    scope = "system/ServiceRequest.c system/Task.crs system/MessageHeader.c"
    limit = 1024 * 1024
    open_paths = frozenset({"/fhir/metadata"})
    answerable = frozenset({"transaction"})

    def __init__(self, settings: AgencySettings, store: Store) -> None:
        """Receive into `store`."""
        self.name = settings.name
        self._store = store

    def router(self) -> APIRouter:
        """Make the routes of a FHIR base."""
        routes = APIRouter()
        routes.add_api_route("/fhir", endpoint(self, self.transaction), methods=["POST"])
        routes.add_api_route("/fhir/$process-message", endpoint(self, self.message), methods=["POST"])
        routes.add_api_route("/fhir/Task", endpoint(self, self.search), methods=["GET"])
        routes.add_api_route("/fhir/metadata", endpoint(self, self.metadata), methods=["GET"])
        return routes

    def transaction(self, visit: Visit) -> Answer:
        """Take a new referral; a repeat is 409 `duplicate`, another body under its id 409 `conflict`."""
        bundle = self._read(visit, "transaction")
        request = bundles.resources(bundle, "ServiceRequest")[0]
        reference = bundles.placer(request, f"{bundles.base_url(bundle)}/sid/referral")

        def receipt(_n: int, _at: str) -> str:
            return json.dumps(answers.transaction_response(bundle))

        effect, fresh = self._accept(visit, bundle, "transaction", reference, receipt)
        if not fresh:
            return outcome(409, Problem("duplicate", "Bundle.identifier"))
        return fhir(200, json.loads(effect.receipt))

    def message(self, visit: Visit) -> Answer:
        """Take a status call-back; a repeat gets the same answer again."""
        bundle = self._read(visit, "message")

        def receipt(n: int, at: str) -> str:
            return json.dumps(answers.message_response(bundle, n, at))

        effect, _ = self._accept(visit, bundle, "process-message", "", receipt)
        return fhir(200, json.loads(effect.receipt))

    def search(self, visit: Visit) -> Answer:
        """Find Tasks by `identifier=SYSTEM|VALUE`, so that a caller learns whether a lost call counted."""
        system, bar, value = visit.query.get("identifier", "").partition("|")
        if not bar or set(visit.query) - {"identifier"}:
            return outcome(400, Problem("value", "Task.identifier"))
        found: list[tuple[str, Json]] = []
        for effect in self._store.effects():
            if effect.operation == "transaction":
                found += _tasks(json.loads(effect.body.decode("utf-8-sig")), system, value)
        return fhir(200, answers.task_searchset(found))

    def metadata(self, _visit: Visit) -> Answer:
        """Give the CapabilityStatement, to anybody (FHIR R4, http: capabilities)."""
        return fhir(200, answers.capability())

    def refusal(self, status: int) -> Answer:
        """Write a refusal as an OperationOutcome."""
        return outcome(status, Problem(ISSUES.get(status, "processing"), ""))

    def read_letter(self, body: bytes, media_type: str) -> Letter:
        """Find Bundle.identifier of a Bundle to submit."""
        try:
            bundle = read_json(body)
        except MalformedError:
            bundle = {}
        known = bundles.message_id(bundle) if isinstance(bundle, dict) else ""
        return Letter(known or str(uuid.uuid4()), media_type, body)

    def reply(self, effect: Effect, decision: Decision) -> Letter:
        """Write a message Bundle with the answered Task."""
        bundle = answers.status_message(effect, decision, effect.reference)
        body = json.dumps(bundle, ensure_ascii=False).encode()
        return Letter(decision.message_id, MEDIA_TYPE, body, effect.reference)

    def media_type(self, sample: Path) -> str:
        """Everything is FHIR JSON."""
        return MEDIA_TYPE

    def _read(self, visit: Visit, kind: str) -> Json:
        version = visit.headers.get("content-type", "").partition("fhirVersion=")[2].strip()
        if visit.content_type != MEDIA_TYPE or version not in {"", "4.0"}:
            raise RefusedError(self.refusal(415))
        try:
            bundle = bundles.read(visit.body, kind)
        except BadBundleError as bad:
            raise RefusedError(outcome(bad.status, *bad.problems)) from None
        visit.message_id = bundles.message_id(bundle)
        if visit.headers.get("idempotency-key", visit.message_id).lower() != visit.message_id:
            raise RefusedError(outcome(400, Problem("value", "Bundle.identifier")))
        return bundle

    def _accept(
        self, visit: Visit, bundle: Json, operation: str, reference: str, receipt: Callable[[int, str], str]
    ) -> tuple[Effect, bool]:
        reference = reference or visit.headers.get("x-correlation-id", "")
        document = Document(visit.message_id, operation, visit.content_type, visit.body, reference)
        conflict = outcome(409, Problem("conflict", "Bundle.identifier"))
        return accept(self._store, visit, document, receipt, conflict)


def _tasks(bundle: Json, system: str, value: str) -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for entry in bundles.entries(bundle):
        task = entry.get("resource")
        if isinstance(task, dict) and task.get("resourceType") == "Task":
            named = [(one.get("system"), one.get("value")) for one in bundles.identifiers(task)]
            if (system, value) in named:
                found.append((str(entry.get("fullUrl", "")).removeprefix("urn:uuid:"), task))
    return found
