"""The school information system's routes: re-enrolment requests, pupil lookup, schools."""

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter

from conformance.sandbox.agency import (
    Answer,
    CannotAnswerError,
    Decision,
    Letter,
    RefusedError,
    Visit,
    phrase,
)
from conformance.sandbox.documents import MalformedError, first_null, read_json
from conformance.sandbox.endpoint import accept, endpoint
from conformance.sandbox.problems import Finding, plain, problem
from conformance.sandbox.schemas import JsonSchema
from conformance.sandbox.seeded import Child, population
from conformance.sandbox.settings import AgencySettings
from conformance.sandbox.store import Document, Effect, Store

HERE = Path(__file__).parent
REQUEST = JsonSchema(HERE / "request.schema.json")
LOOKUP = JsonSchema(HERE / "lookup.schema.json")
WITHDRAWAL = JsonSchema(HERE / "withdrawal.schema.json")
MEDIA_TYPE = "application/vnd.raabta.sis+json"
TAKEN = frozenset({"application/json", MEDIA_TYPE})
STATES = {
    "ACKNOWLEDGE": "UNDER_REVIEW",
    "ACCEPT": "ACCEPTED",
    "REJECT": "REJECTED",
    "PROGRESS": "ENROLLED",
    "COMPLETE": "ATTENDING",
    "FAIL": "NO_SHOW",
    "WITHDRAW": "WITHDRAWN_BY_SENDER",
}
"""Officer's decisions and the states of school.md 4.4; a school has no way to ask back."""
REJECT_CODES = frozenset(
    {"NO_CAPACITY", "WRONG_GENDER_SCHOOL", "GRADE_NOT_OFFERED", "OVER_AGE_USE_ALP", "SCHOOL_CLOSED",
     "DUPLICATE_ACTIVE_ENROLMENT", "IDENTITY_CONFLICT", "OUT_OF_AREA", "OTHER"}
)  # fmt: skip
CODES = {401: "SCOPE", 403: "SCOPE", 404: "NOT_FOUND", 413: "TOO_LARGE", 415: "MEDIA_TYPE", 429: "THROTTLED"}


def make(settings: AgencySettings, store: Store) -> "School":
    """Make the agency over its store."""
    return School(settings, store)


class School:
    """A provincial school information system."""

    scope = "sis.reenrolment.write sis.reenrolment.read sis.student.lookup sis.school.read"
    limit = 1024 * 1024
    open_paths: frozenset[str] = frozenset()
    answerable = frozenset({"reenrolment-request"})

    def __init__(self, settings: AgencySettings, store: Store) -> None:
        """Receive into `store`; pupils and schools come from `roster.json` and from the seed."""
        self.name = settings.name
        self._store = store
        roster = json.loads((HERE / "roster.json").read_text(encoding="utf-8"))
        known = population(settings.seed)
        self._students: list[dict[str, str]] = roster["students"] + [_pupil(child) for child in known.children]
        schools = roster["schools"] + [asdict(one) for one in known.schools]
        self._schools = {(one["scheme"], one["code"]): one for one in schools}

    def router(self) -> APIRouter:
        """Make the routes of school.md 4.1 that a gateway uses."""
        routes = APIRouter(prefix="/sis/v1")
        routes.add_api_route("/reenrolment-requests", endpoint(self, self.request), methods=["POST"])
        routes.add_api_route("/reenrolment-requests/{request_id}", endpoint(self, self.state), methods=["GET"])
        routes.add_api_route(
            "/reenrolment-requests/{request_id}/withdrawal", endpoint(self, self.withdrawal), methods=["POST"]
        )
        routes.add_api_route("/students/lookup", endpoint(self, self.lookup), methods=["POST"])
        routes.add_api_route("/schools/{scheme}/{code}", endpoint(self, self.school), methods=["GET"])
        return routes

    def request(self, visit: Visit) -> Answer:
        """Take a request: 202 with a receipt, the same receipt on a repeat, 409 for another body."""
        document = self._read(visit, REQUEST)
        request_id = str(document["request_id"]).lower()
        visit.message_id = request_id
        if visit.headers.get("idempotency-key", "").lower() != request_id:
            raise RefusedError(_invalid([("/request_id", "idempotency-key")]))
        received = Document(
            request_id, "reenrolment-request", visit.content_type, visit.body, str(document["referral_ref"])
        )
        conflict = problem(409, "IDEMPOTENCY_CONFLICT", "this request id was used for another request")
        effect, _ = accept(self._store, visit, received, _receipt_of(received), conflict)
        return plain(202, json.loads(effect.receipt))

    def state(self, visit: Visit) -> Answer:
        """Tell how far a request is, in the states of school.md 4.4."""
        visit.message_id = visit.params["request_id"].lower()
        effect = self._store.effect(visit.message_id)
        if effect is None:
            return self.refusal(404)
        state = STATES.get(effect.state, "RECEIVED")
        return plain(200, {"request_id": effect.message_id, "state": state, "received_at": effect.received_at})

    def withdrawal(self, visit: Visit) -> Answer:
        """Give up a request its sender has withdrawn, and say so: with the state it has from now on."""
        document = self._read(visit, WITHDRAWAL)
        request_id = visit.params["request_id"].lower()
        visit.message_id = visit.headers.get("idempotency-key", "").lower()
        known = self._store.effect(request_id)
        if known is None or known.operation != "reenrolment-request":
            return self.refusal(404)
        if str(document["request_id"]).lower() != request_id or not visit.message_id:
            raise RefusedError(_invalid([("/request_id", "path")]))
        received = Document(visit.message_id, "withdrawal", visit.content_type, visit.body, known.reference)
        conflict = problem(409, "IDEMPOTENCY_CONFLICT", "this key was used for another withdrawal")
        effect, _ = accept(self._store, visit, received, lambda _, at: _decided(request_id, at), conflict)
        self._store.set_state(request_id, "WITHDRAW")
        return plain(200, json.loads(effect.receipt))

    def lookup(self, visit: Visit) -> Answer:
        """Find pupils by exact keys: none, one or many; never a list of names."""
        keys = self._read(visit, LOOKUP)
        wanted = {name: _folded(name, value) for name, value in keys.items()}
        hits = [one for one in self._students if all(_folded(key, one[key]) == wanted[key] for key in wanted)]
        match = ("none", "one", "many")[min(len(hits), 2)]
        candidates = [{"student_id": one["student_id"], "score": 1.0} for one in hits]
        return plain(200, {"match": match, "candidates": candidates})

    def school(self, visit: Visit) -> Answer:
        """Show a school: 404 for an unknown one, 410 with the successor for a closed one."""
        found = self._schools.get((visit.params["scheme"], visit.params["code"]))
        if found is None:
            return problem(404, "UNKNOWN_SCHOOL", "no such school")
        if found.get("closed"):
            gone = json.loads(problem(410, "SCHOOL_CLOSED", "the school is closed").body)
            return Answer(
                410, json.dumps(gone | {"successor": found["successor"]}).encode(), "application/problem+json"
            )
        return plain(200, found)

    def refusal(self, status: int) -> Answer:
        """Write a refusal as problem+json (school.md 4.6)."""
        return problem(status, CODES.get(status, "UNAVAILABLE" if status >= 500 else "MALFORMED"), phrase(status))

    def read_letter(self, body: bytes, media_type: str) -> Letter:
        """Find the request id; an enrolment record has none and gets a fresh id."""
        try:
            document = read_json(body)
        except MalformedError:
            document = {}
        known = document.get("request_id") if isinstance(document, dict) else None
        return Letter(str(known or uuid.uuid4()), media_type, body)

    def reply(self, effect: Effect, decision: Decision) -> Letter:
        """Write the decision of school.md 4.4."""
        if decision.kind not in STATES:
            raise CannotAnswerError("a school cannot give this answer")
        document: dict[str, object] = {
            "request_id": effect.message_id,
            "state": STATES[decision.kind],
            "decided_at": decision.at,
        }
        if decision.kind == "REJECT":
            document["reject_code"] = decision.reason if decision.reason in REJECT_CODES else "OTHER"
        elif decision.kind in {"ACCEPT", "PROGRESS", "COMPLETE"}:
            document |= self._place(effect)
        body = json.dumps(document, ensure_ascii=False).encode()
        return Letter(decision.message_id, MEDIA_TYPE, body, effect.reference)

    def media_type(self, sample: Path) -> str:
        """Everything a school sends is SIS JSON."""
        return MEDIA_TYPE

    def _place(self, effect: Effect) -> dict[str, object]:
        request = json.loads(effect.body.decode("utf-8-sig"))
        known = request["student"].get("known_student_id")
        schools = [one for one in self._schools.values() if not one.get("closed")]
        district = request["target"].get("admin2_pcode")
        near = next((one for one in schools if one["admin2_pcode"] == district), schools[0])
        school = request["target"].get("school", near)
        place = {
            "student_id": known or f"SIS-{school['code']}-{effect.n:04d}",
            "school": {"scheme": school["scheme"], "code": school["code"]},
        }
        return place if request["student"].get("b_form_no") else place | {"conditions": ["MISSING_B_FORM"]}

    def _read(self, visit: Visit, schema: JsonSchema) -> dict[str, object]:
        if visit.content_type not in TAKEN:
            raise RefusedError(self.refusal(415))
        try:
            document = read_json(visit.body)
        except MalformedError as error:
            raise RefusedError(problem(400, "MALFORMED", str(error))) from None
        null = first_null(document)
        findings = schema.findings(document) if null is None else [(null, "null")]
        if findings or not isinstance(document, dict):
            raise RefusedError(_invalid(findings))
        return document


def _pupil(child: Child) -> dict[str, str]:
    return {
        "student_id": child.student, "b_form_no": child.bform, "name": child.name,
        "date_of_birth": child.born.isoformat(), "guardian_cnic": child.father_cnic,
    }  # fmt: skip


def _invalid(findings: list[Finding]) -> Answer:
    return problem(422, "VALIDATION", "the document does not satisfy the schema", findings)


def _decided(request_id: str, at: str) -> str:
    return json.dumps({"request_id": request_id, "state": STATES["WITHDRAW"], "decided_at": at})


def _folded(name: str, value: object) -> str:
    text = str(value)
    return text.replace("-", "") if name in {"b_form_no", "guardian_cnic"} else text


def _receipt_of(document: Document) -> Callable[[int, str], str]:
    def write(n: int, received_at: str) -> str:
        digest = hashlib.sha256(document.body).hexdigest()
        return json.dumps({
            "request_id": document.message_id,
            "receipt_id": f"rcp-{n:06d}",
            "received_at": received_at,
            "state": "RECEIVED",
            "digest": f"sha-256={digest}",
        })  # fmt: skip

    return write
