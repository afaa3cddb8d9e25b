"""Carries a request to an agency's handler and its answer back, on a worker thread."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from conformance.sandbox.agency import Agency, Answer, RefusedError, Visit
from conformance.sandbox.store import ConflictError, Document, Effect, Store

Handler = Callable[[Visit], Answer]
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class TooLargeError(Exception):
    """The body is longer than the agency takes."""


def endpoint(agency: Agency, handle: Handler) -> Endpoint:
    """Wrap a handler as a route; a `RefusedError` is answered with the answer it holds."""

    async def serve(request: Request) -> Response:
        visit: Visit = request.scope["state"]["visit"]
        visit.headers = request.headers
        visit.params = {name: str(value) for name, value in request.path_params.items()}
        visit.query = request.query_params
        try:
            visit.body = await read_body(request, agency.limit)
            answer = await run_in_threadpool(handle, visit)
        except TooLargeError:
            visit.outcome, answer = "invalid", agency.refusal(413)
        except RefusedError as refused:
            visit.outcome, answer = refused.outcome, refused.answer
        return respond(answer)

    return serve


def respond(answer: Answer) -> Response:
    """Turn an answer into a response; nothing with content may be cached."""
    headers = {"Cache-Control": "no-store", **answer.headers}
    return Response(answer.body, answer.status, headers=headers | {"Content-Type": answer.media_type})


async def read_body(request: Request, limit: int) -> bytes:
    """Read a body of at most `limit` bytes; raises `TooLargeError` without reading on."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLargeError
    return bytes(body)


def accept(
    store: Store, visit: Visit, document: Document, receipt: Callable[[int, str], str], conflict: Answer
) -> tuple[Effect, bool]:
    """Store a document once and note the outcome on the visit.

    Returns the effect and whether it is new; raises `RefusedError` with `conflict` for a known id with
    another body.
    """
    visit.message_id = document.message_id
    try:
        effect, fresh = store.accept(document, receipt)
    except ConflictError:
        raise RefusedError(conflict, "conflict") from None
    visit.outcome = "accepted" if fresh else "duplicate"
    visit.effect = effect if fresh else None
    return effect, fresh
