"""``/fhir/r4``: the same intake, views and replies behind FHIR's own manners (formats/health.md 9.3)."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from auth.endpoint import metadata as issuer_metadata
from gateway import facade, intake, languages, replies, views
from gateway.api.body import read_body
from gateway.api.caller import OPEN, Caller, ScopedRouter, who
from gateway.api.fhir_preferences import Return, dry_run, preferred
from gateway.api.referrals import file_document, problems
from gateway.api.state import Desk, desk
from gateway.clock import instant
from gateway.errors import (
    KeyReused,
    NotAllowed,
    NotFound,
    NotUnderstood,
    UnknownLanguage,
)
from gateway.ledger.events import Event, EventType
from gateway.problems import FHIR
from gateway.store import referrals
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.json_reader import Limits, read_json
from mappings.engine.mapping import Mapping

router = ScopedRouter(tags=["fhir"])
Me = Annotated[Caller, Depends(who)]
BASE = "/fhir/r4"
IDLE = {"Cache-Control": "no-store"}
_SUBMIT = "system/ServiceRequest.c system/Task.c"


@router.scoped("GET", f"{BASE}/metadata", OPEN, operation_id="fhirMetadata")
def metadata(request: Request) -> Response:
    """Say what this FHIR server can do (a CapabilityStatement)."""
    at = desk(request)
    told = facade.capabilities(base(at), instant(at.room.clock.now()), version("raabta"))
    return JSONResponse(told, headers={"Cache-Control": "max-age=43200"}, media_type=FHIR)


@router.scoped("GET", f"{BASE}/.well-known/smart-configuration", OPEN, operation_id="smartConfiguration")
def smart(request: Request) -> Response:
    """Say how a backend service logs in (SMART App Launch 2), in JSON whatever was asked for."""
    told = issuer_metadata(desk(request).identity)
    kept = ("issuer", "jwks_uri", "token_endpoint", "scopes_supported", "grant_types_supported")
    chosen = {name: each for name, each in told.items() if name in kept or name.startswith("token_endpoint_auth")}
    chosen |= {
        "introspection_endpoint": told["introspection_endpoint"],
        "revocation_endpoint": told["revocation_endpoint"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
        "code_challenge_methods_supported": ["S256"],
    }
    return JSONResponse(chosen, headers={"Cache-Control": "max-age=3600"})


@router.scoped(
    "POST", BASE, _SUBMIT, operation_id="fhirTransaction", responses=problems(400, 401, 403, 409, 413, 415, 422, 503)
)
async def transaction(request: Request, me: Me) -> Response:
    """Accept a referral (a transaction), or an answer to one (a message)."""
    return await _taken(request, me)


@router.scoped(
    "POST", f"{BASE}/$process-message", "system/MessageHeader.c", operation_id="fhirProcessMessage",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
async def process_message(request: Request, me: Me) -> Response:
    """Take an answer that comes as a message, and say so."""
    return await _taken(request, me)


async def _taken(request: Request, me: Caller) -> Response:
    at = desk(request)
    mapping = spoken(request)
    body = await read_body(request, min(mapping.limits.octets, at.settings.limits.body))
    bundle = _read(body, mapping.limits)
    kinds = [str(entry.get("resource", {}).get("resourceType")) for entry in _entries(bundle)]
    if not all(me.claims.allows(f"system/{kind}.c") for kind in set(kinds)):
        raise NotAllowed
    message = bundle.get("type") == "message"
    if dry_run(request):
        return await _tried(at, me, body, mapping, _focus(bundle) if message else None)
    if message:
        return await _answered(request, me, body, mapping, _focus(bundle))
    (accepted, *_) = await file_document(at, me, body, mapping, None)
    now, wanted = instant(at.room.clock.now()), preferred(request, Return.MINIMAL)
    outcome = facade.information(accepted.warnings, "The referral was accepted.") if wanted is Return.OUTCOME else None
    served: dict[str, Any] = {}
    if wanted is Return.REPRESENTATION:
        served = {kind: (await shown(at, me, kind, accepted.ref))[0] for kind in facade.SERVED if kind in kinds}
    told = facade.transaction_response(
        kinds, accepted.ref, now, again=accepted.again, outcome=outcome, served=served
    )  # fmt: skip
    headers = {**IDLE, "Location": f"{base(at)}/Task/{accepted.ref}"}
    return JSONResponse(told, headers=headers, media_type=FHIR)


async def _tried(at: Desk, me: Caller, body: bytes, mapping: Mapping, answers: str | None) -> Response:
    """Say what would become of a document, and store nothing of it; that it was asked is an entry."""
    fields = {"source": mapping.format, "target": "raabta"}
    event = Event(EventType.TRANSLATION_REQUESTED, me.agency.id, None, None, fields)
    await asyncio.wrap_future(at.room.store.committer.submit(lambda _: at.room.journal.append(event)))
    if answers is None:
        findings = await run_in_threadpool(_would_accept, at, intake.Submission(me.agency, body, mapping, None))
        text = "The referral would be accepted."
    else:
        await run_in_threadpool(views.real_id, at.room, me.agency, answers)
        (reading, *_) = languages.read(mapping, body)
        findings, text = languages.warnings(reading), "The answer could be read."
    return JSONResponse(facade.information(findings, text), headers=IDLE, media_type=FHIR)


def _would_accept(at: Desk, submission: intake.Submission) -> tuple[Finding, ...]:
    """Return the warnings of what would be accepted; raises what would refuse it."""
    cases = intake.prepare(at.room, submission).cases
    keys = {case.key: case.fingerprint for case in cases}
    with at.room.store.readers.connection() as connection:
        known = dict(referrals.fingerprints(connection, submission.agency.id, list(keys)))
    if any(known[key] != keys[key] for key in known):
        raise KeyReused
    return cases[0].told.warnings


async def _answered(request: Request, me: Caller, body: bytes, mapping: Mapping, name: str) -> Response:
    at = desk(request)
    taken = await replies.receive(at.room, me.agency, name, body, mapping, me.request)
    at.wake()
    text = "The answer was taken."
    return await changed(request, me, name, Return.OUTCOME, facade.information(taken.warnings, text))


async def changed(
    request: Request, me: Caller, name: str, usual: Return, outcome: dict[str, Any], status: int = 200
) -> Response:
    """Return the answer to a change of a referral, as the caller prefers it."""
    at, wanted = desk(request), preferred(request, usual)
    if wanted is Return.OUTCOME:
        return JSONResponse(outcome, status, IDLE, media_type=FHIR)
    found, view = await shown(at, me, "Task", name)
    if wanted is Return.REPRESENTATION:
        return resource(found, view, status)
    return Response(status_code=204 if status == 200 else status, headers={**IDLE, "ETag": f'W/"{view.version}"'})


def spoken(request: Request) -> Mapping:
    """Return the FHIR mapping; any media type but FHIR's JSON, or another version of FHIR, is refused."""
    sent = request.headers.get("content-type", "").lower()
    mapping = languages.format_named("health_fhir")
    media_type, _, parameters = sent.partition(";")
    wrong = "fhirversion" in parameters and "fhirversion=4.0" not in parameters.replace(" ", "")
    if mapping is None or media_type.strip() != FHIR or wrong:
        raise UnknownLanguage
    return mapping


def _read(body: bytes, limits: Limits) -> dict[str, Any]:
    """Read the envelope with the one strict reader; what is inside is judged by the mapping."""
    try:
        value, _ = read_json(body, limits)
    except Refusal as refusal:
        raise NotUnderstood(findings=refusal.findings) from None
    if not isinstance(value, dict):
        raise NotUnderstood(findings=[Finding("MALFORMED", "")])
    return value


def _entries(bundle: dict[str, Any]) -> list[dict[str, Any]]:
    listed = bundle.get("entry")
    if not isinstance(listed, list) or not all(
        isinstance(each, dict) and isinstance(each.get("resource", {}), dict) for each in listed
    ):
        raise NotUnderstood(findings=[Finding("MALFORMED", "/entry")])
    return listed


def _focus(bundle: dict[str, Any]) -> str:
    """Return the name by which an answer's Task calls the referral."""
    for entry in _entries(bundle):
        focus = entry.get("resource", {}).get("focus")
        if entry.get("resource", {}).get("resourceType") == "Task" and isinstance(focus, dict):
            identifier = focus.get("identifier")
            return str(identifier.get("value", "")) if isinstance(identifier, dict) else ""
    return ""


async def shown(
    at: Desk, me: Caller, kind: str, name: str, query: str | None = None
) -> tuple[dict[str, Any], views.View]:
    """Return one resource as the caller may see it; the reading is an entry, and the search it was found by.

    Raises:
        NotFound: there is none, or the caller is no party to it.
    """
    view = await run_in_threadpool(views.look, at.room, me.agency, name, FHIR)
    real = await run_in_threadpool(views.real_id, at.room, me.agency, name)
    await views.note_reading(at.room, me.agency, real, kind.lower(), "health_fhir", request=me.request, query=query)
    found = facade.resource(
        _read(view.document, Limits()), kind, view.id, view.version, view.state, instant(at.room.clock.now())
    )
    if found is None:
        raise NotFound
    return found, view


def resource(found: dict[str, Any], view: views.View, status: int = 200) -> Response:
    """Return one resource as an answer, with its entity tag."""
    headers = {**IDLE, "ETag": f'W/"{view.version}"', "Vary": "Accept"}
    return JSONResponse(found, status, headers, media_type=FHIR)


@router.scoped(
    "GET", f"{BASE}/ServiceRequest/{{id}}", "system/ServiceRequest.r", operation_id="fhirReadServiceRequest",
    responses=problems(401, 403, 404, 410),
)  # fmt: skip
async def read_request(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Read the request of a referral, as the caller may see it."""
    return resource(*await shown(desk(request), me, "ServiceRequest", id))


@router.scoped(
    "GET", f"{BASE}/Patient/{{id}}", "system/Patient.r", operation_id="fhirReadPatient",
    responses=problems(401, 403, 404, 410),
)  # fmt: skip
async def read_patient(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Read the child of a referral, as the caller may see it."""
    return resource(*await shown(desk(request), me, "Patient", id))


def base(at: Desk) -> str:
    """Return the base URL of the FHIR server."""
    return f"{at.settings.gateway.base_url}{BASE}"
