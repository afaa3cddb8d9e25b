"""Values planted in documents, which nothing a reader says may repeat."""

from __future__ import annotations

import json
import traceback
from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.lineage import Translation

WORD = "Qanari-Geheim-Farzi"
NUMBER = 73918264507731
PLANTED = (WORD, WORD.lower(), WORD.upper(), str(NUMBER))


def echoed(text: str) -> bool:
    """Tell whether a planted value stands in a text."""
    return any(planted in text for planted in PLANTED)


def of_refusal(refusal: Refusal) -> str:
    """Return everything a refusal can say of itself, in a log or to a sender."""
    findings = json.dumps([finding.as_json() for finding in refusal.findings], ensure_ascii=False)
    return "\n".join([findings, str(refusal), repr(refusal), *_printed(refusal)])


def _printed(error: BaseException | None) -> list[str]:
    """Return what a traceback prints of an error and of those it shows as its causes, without the lines of our code."""
    if error is None:
        return []
    shown = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return [*traceback.format_exception_only(error), *_printed(shown)]


def of_reading(reading: Translation[Any]) -> str:
    """Return everything that is said of a reading beside the value itself."""
    return json.dumps(reading.report(), ensure_ascii=False) + repr(reading.warnings)
