"""Converters of answers: what a result code and its sentence say (formats/nadra.md 7.4, 7.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit, text_of
from mappings.nadra_crms.outcomes import MESSAGES, OUTCOMES, Outcome
from mappings.nadra_crms.texts import bounded
from mappings.text import fold_digits
from mappings.vocabulary import Reason


def _outcome(value: Any) -> Outcome | None:
    """Return what a code says; of an unknown one nothing, for ``result_code`` refuses it."""
    return OUTCOMES.get(fold_digits(text_of(value)).strip())


def _parse_code(value: Any) -> str:
    if _outcome(value) is None:
        raise Unfit("UNKNOWN_CODE")
    return fold_digits(value).strip()


def _print_code(value: Any) -> str:
    if value not in OUTCOMES:
        raise Unfit("UNMAPPED_CODE")
    return str(value)


def _never(value: Any) -> Any:
    raise Unfit("CANNOT_HOLD")


def _said(name: str, part: Callable[[Outcome], str | None]) -> Converter:
    """Return the reading converter of one thing a result code says."""

    def parse(value: Any) -> str | None:
        outcome = _outcome(value)
        said = part(outcome) if outcome else None
        return None if said is None else str(said)

    return Converter(name, parse, _never)


def _parse_message(value: Any) -> str | None:
    """Return what an answer says beyond its code: the register's standard sentences say nothing more."""
    text = bounded("message", 120).parse(value)
    return None if text in MESSAGES else str(text)


def _print_message(value: Any) -> Any:
    text = bounded("message", 120).print(value)
    return Coarse(text) if text in MESSAGES else text


def _results(match: Any) -> set[str]:
    """Return what a MATCH says, of all its fields together."""
    return {item.get("#", "") for items in match.values() if isinstance(items, list) for item in items}


def _match_outcome(match: Any) -> str:
    """Return the whole of a verification: as good as its worst field."""
    results = _results(match)
    order = (("NO", "mismatch"), ("CLOSE", "close"), ("NOT_HELD", "not-held"))
    return next((name for result, name in order if result in results), "match")


def _match_reason(match: Any) -> str | None:
    return Reason.IDENTITY_MISMATCH if "NO" in _results(match) else None


ANSWERS: list[Converter] = [
    Converter("result_code", _parse_code, _print_code),
    _said("answer_kind", lambda outcome: outcome.kind),
    _said("answer_state", lambda outcome: outcome.state),
    _said("answer_reason", lambda outcome: outcome.reason),
    _said("answer_outcome", lambda outcome: outcome.name),
    Converter("decision_status", lambda value: str(value).lower(), _never),
    Converter("match_outcome", _match_outcome, _never),
    Converter("match_reason", _match_reason, _never),
    Converter("message", _parse_message, _print_message),
]
