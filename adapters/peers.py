"""Reading what an agency says: strictly, and never letting its text into our codes."""

import re

import orjson

from adapters.transport import Answer

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.:#-]{0,119}")
JSON_TYPES = frozenset({"application/json"})
_BOM = b"\xef\xbb\xbf"


def json_object(answer: Answer, media_types: frozenset[str]) -> dict[str, object] | None:
    """Return the answer's JSON object; None for anything else or another media type. A BOM is tolerated."""
    if answer.flaw is not None or answer.media_type not in media_types:
        return None
    return json_body(answer)


def json_body(answer: Answer) -> dict[str, object] | None:
    """Return the JSON object that the body is, whatever its media type says; None when it is none."""
    try:
        value = orjson.loads(answer.body.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def member(document: object, *steps: str) -> object:
    """Return what stands at the end of `steps` through nested objects, else None."""
    for step in steps:
        document = document.get(step) if isinstance(document, dict) else None
    return document


def items(value: object) -> list[dict[str, object]]:
    """Return the objects of a list; empty for anything that is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def reference(value: object) -> str | None:
    """Return an agency's reference if it may stand in a log and a ledger: short, plain, no spaces."""
    return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else None


def code(value: object, pattern: re.Pattern[str]) -> str | None:
    """Return an agency's code if it has the form its format page gives, else None."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else None


def same_id(value: object, message_id: str) -> bool:
    """Tell whether a receipt names our message; UUIDs are compared without regard to case."""
    return isinstance(value, str) and value.strip().lower() == message_id
