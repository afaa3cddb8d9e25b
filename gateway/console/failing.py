"""What did not work, as a page: the fixed sentence of the problem document, in English or Urdu, and the way on."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response

from gateway.console.pages import page
from gateway.console.words import FAILURES


def error_page(request: Request, problem: Mapping[str, object]) -> Response:
    """Return a problem document as a page, framed as whoever is logged in is used to."""
    who = getattr(request.state, "session", None)
    code = str(problem["code"])
    return page(
        request, who, "failed.html", int(str(problem["status"])), code=code, said=str(problem["title"]),
        urdu_said=FAILURES.get(code, FAILURES["HTTP"]), request_id=str(problem["request_id"]),
    )  # fmt: skip
