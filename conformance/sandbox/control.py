"""The control surface: how a test or a demo looks into a simulator and steers it. No agency has it."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from conformance.sandbox.agency import STATES, Agency, CannotAnswerError
from conformance.sandbox.faults import Script, UnknownFaultError
from conformance.sandbox.officer import Officer
from conformance.sandbox.store import Effect, Store

DecisionKind = Annotated[str, Field(pattern=f"^({'|'.join(STATES)})$")]


class Faults(BaseModel):
    """`POST /_sandbox/faults`: a new script, or whether the agency is down, or both."""

    model_config = ConfigDict(extra="forbid")
    script: list[str] | None = None
    down: bool | None = None


class OfficerAnswer(BaseModel):
    """`POST /_sandbox/answer`."""

    model_config = ConfigDict(extra="forbid")
    message_id: str
    decision: DecisionKind
    reason: str = ""


class AutoAnswer(BaseModel):
    """`POST /_sandbox/autoanswer`."""

    model_config = ConfigDict(extra="forbid")
    decision: DecisionKind | None
    reason: str = ""


class Submission(BaseModel):
    """`POST /_sandbox/submit`: a sample by name, or a document with its media type.

    `fresh` gives a sample a new message id, so that it can be sent more than once.
    """

    model_config = ConfigDict(extra="forbid")
    sample: str = ""
    fresh: bool = False
    body: str = ""
    content_type: str = ""


def router(agency: Agency, store: Store, script: Script, officer: Officer, issuer: str) -> APIRouter:
    """Make the routes under `/_sandbox`."""
    surface = _Surface(agency, store, script, officer, issuer)
    routes = APIRouter(prefix="/_sandbox")
    routes.add_api_route("/health", surface.health, methods=["GET"])
    routes.add_api_route("/received", surface.received, methods=["GET"])
    routes.add_api_route("/requests", surface.requests, methods=["GET"])
    routes.add_api_route("/answers", surface.answers, methods=["GET"])
    routes.add_api_route("/samples", surface.samples, methods=["GET"])
    routes.add_api_route("/faults", surface.faults, methods=["GET"])
    routes.add_api_route("/faults", surface.plan, methods=["POST"])
    routes.add_api_route("/answer", surface.answer, methods=["POST"])
    routes.add_api_route("/answer/repeat", surface.repeat, methods=["POST"])
    routes.add_api_route("/trap", surface.trap, methods=["GET", "POST", "PUT"])
    routes.add_api_route("/trap/count", surface.trapped, methods=["GET"])
    routes.add_api_route("/issuer/jwks", surface.issuer_keys, methods=["GET"])
    routes.add_api_route("/issuer/requests", surface.issuer_requests, methods=["GET"])
    routes.add_api_route("/autoanswer", surface.autoanswer, methods=["POST"])
    routes.add_api_route("/submit", surface.submit, methods=["POST"])
    routes.add_api_route("/token", surface.token, methods=["GET"], response_class=PlainTextResponse)
    return routes


class _Surface:
    """The handlers, bound to one simulator."""

    def __init__(self, agency: Agency, store: Store, script: Script, officer: Officer, issuer: str) -> None:
        self._agency = agency
        self._store = store
        self._script = script
        self._officer = officer
        self._issuer = issuer
        self._trapped = 0
        self._key_requests = 0

    def trap(self) -> dict[str, str]:
        """Be the address a planned redirection leads to: whoever follows is counted."""
        self._trapped += 1
        return {"status": "counted"}

    def trapped(self) -> dict[str, int]:
        """Show how many followed a redirection."""
        return {"calls": self._trapped}

    def issuer_keys(self) -> Response:
        """Give the public keys of the sandbox's own issuer of access tokens, and count that they were fetched."""
        self._key_requests += 1
        return Response(self._issuer, media_type="application/jwk-set+json")

    def issuer_requests(self) -> dict[str, int]:
        """Show how often the issuer's keys were fetched."""
        return {"requests": self._key_requests}

    def health(self) -> dict[str, str]:
        """Say that the simulator runs, even while the agency plays dead."""
        return {"agency": self._agency.name, "status": "up"}

    def received(self) -> dict[str, object]:
        """Show every effect and how many requests were repeated or refused."""
        outcomes = [request["outcome"] for request in self._store.requests()]
        return {
            "effects": [_shown(effect) for effect in self._store.effects()],
            "duplicates": outcomes.count("duplicate"),
            "rejected": outcomes.count("invalid") + outcomes.count("conflict"),
            "requests": len(outcomes),
        }

    def requests(self) -> dict[str, object]:
        """Show every request without its body."""
        return {"requests": self._store.requests()}

    def answers(self) -> dict[str, object]:
        """Show what the officer answered since the start of this process."""
        return {"answers": self._officer.answers}

    def samples(self) -> dict[str, object]:
        """Show the names of the documents that `submit` knows."""
        return {"samples": self._officer.sample_names()}

    def faults(self) -> dict[str, object]:
        """Show what is still planned."""
        return {"script": self._script.left(), "down": self._script.down}

    def plan(self, wanted: Faults) -> dict[str, object]:
        """Plan faults; what is not named stays as it is."""
        try:
            if wanted.script is not None:
                self._script.plan(wanted.script)
        except UnknownFaultError as error:
            raise HTTPException(422, str(error)) from None
        if wanted.down is not None:
            self._script.down = wanted.down
        return self.faults()

    async def answer(self, wanted: OfficerAnswer) -> dict[str, object]:
        """Let the officer answer one document now."""
        try:
            return await self._officer.answer(wanted.message_id, wanted.decision, wanted.reason)
        except CannotAnswerError as error:
            raise HTTPException(409, str(error)) from None

    async def repeat(self) -> dict[str, object]:
        """Let the officer post its last answer again, as an agency does that lost the gateway's."""
        try:
            return await self._officer.repeat()
        except CannotAnswerError as error:
            raise HTTPException(409, str(error)) from None

    async def autoanswer(self, wanted: AutoAnswer) -> dict[str, object]:
        """Let the officer answer every new document by itself, or stop doing so."""
        self._officer.auto, self._officer.auto_reason = wanted.decision, wanted.reason
        return {"decision": wanted.decision}

    async def submit(self, wanted: Submission) -> dict[str, object]:
        """Submit a sample or a given document to the gateway as this agency."""
        if wanted.sample:
            letter = self._officer.sample(wanted.sample, fresh=wanted.fresh)
            if letter is None:
                raise HTTPException(404, "no such sample")
        else:
            letter = self._agency.read_letter(wanted.body.encode(), wanted.content_type)
        return await self._officer.submit(letter)

    async def token(self, scope: str) -> PlainTextResponse:
        """Give an access token of the gateway for this agency, for somebody who tries things with curl."""
        token = await self._officer.token(scope)
        if not token:
            raise HTTPException(502, "the gateway refused the login")
        return PlainTextResponse(token)


def _shown(effect: Effect) -> dict[str, object]:
    return {
        "n": effect.n,
        "message_id": effect.message_id,
        "operation": effect.operation,
        "content_type": effect.content_type,
        "received_at": effect.received_at,
        "body": effect.body.decode("utf-8", "replace"),
    }
