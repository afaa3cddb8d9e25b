"""What the checks of several areas ask of an answer."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from conformance.findings import expect

PROBLEM = "application/problem+json"
FHIR = "application/fhir+json"
REFUSALS = frozenset({400, 413, 415, 422})
"""Statuses that say: this document cannot be taken."""
INSIDES = re.compile(
    r"Traceback \(most recent|File \"[^\"]+\", line \d|\bSELECT\b.+\bFROM\b|sqlite3\.|psycopg|/site-packages/"
    r"|java\.lang\.|NullPointerException|\bat [\w.$]+\([\w]+\.java:\d+\)|Microsoft OLE DB|ORA-\d{5}"
)
"""Stack traces, SQL and paths of the machine: what an answer must never show."""


def status(answer: httpx.Response, *wanted: int, of: str) -> None:
    """Demand one of several statuses."""
    said = " or ".join(map(str, wanted))
    expect(answer.status_code in wanted, f"{of}: expected {said}, got {answer.status_code}{told(answer)}")


def refused(answer: httpx.Response, of: str, place: str = "") -> None:
    """Demand that a document is refused as such, with a finding whose place holds a word."""
    status(answer, *sorted(REFUSALS), of=of)
    if place:
        found = places(answer)
        near = any(place.lower() in each.lower() for each in found)
        expect(near, f"{of}: refused without naming {place} (it names {', '.join(found) or 'no place'})")


def places(answer: httpx.Response) -> list[str]:
    """List the places a refusal names, from a problem document or an OperationOutcome."""
    body = as_json(answer)
    issues = body.get("issue", [])
    if isinstance(issues, list) and issues:
        return [str(place) for one in issues for place in [*one.get("expression", []), *one.get("location", [])]]
    return [str(one.get("pointer", "")) for one in body.get("errors", []) if isinstance(one, dict)]


def as_json(answer: httpx.Response) -> dict[str, Any]:
    """Read an answer as a JSON object, an empty one where it is none."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def media_type(answer: httpx.Response) -> str:
    """Give the media type of an answer without its parameters."""
    return str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()


def told(answer: httpx.Response) -> str:
    """Quote the code of a refusal, for a finding."""
    body = as_json(answer)
    code = body.get("code") or body.get("error") or ""
    return f" ({code})" if isinstance(code, str) and code else ""


def clean(answer: httpx.Response, of: str) -> None:
    """Demand that an answer shows nothing of the inside of the target."""
    shown = INSIDES.search(answer.text)
    expect(shown is None, f"{of}: the answer shows the inside of the system ({shown and shown[0][:40]!r})")
