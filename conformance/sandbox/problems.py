"""Problem details (RFC 9457), the error language of agencies that speak plain JSON."""

import json

from conformance.sandbox.agency import Answer

Finding = tuple[str, str]
"""JSON Pointer and the schema keyword that failed there."""


def problem(status: int, code: str, title: str, findings: list[Finding] | None = None) -> Answer:
    """Write `application/problem+json`; findings hold places and keywords, never values."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "code": code}
    if findings:
        body["errors"] = [{"pointer": pointer, "code": keyword.upper()} for pointer, keyword in findings]
    return Answer(status, json.dumps(body).encode(), "application/problem+json")


def plain(status: int, body: object) -> Answer:
    """Write a JSON answer."""
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), "application/json")
