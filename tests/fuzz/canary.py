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
    return "\n".join([findings, str(refusal), repr(refusal), *traceback.format_exception(refusal)])


def of_reading(reading: Translation[Any]) -> str:
    """Return everything that is said of a reading beside the value itself."""
    return json.dumps(reading.report(), ensure_ascii=False) + repr(reading.warnings)
