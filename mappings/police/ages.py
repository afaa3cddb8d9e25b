"""Ages as police write them: ``9 سال``, ``تقریباً 16/17 سال``, ``ساڑھے نو سال``, ``8 months`` (police.md A7.15, D6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mappings.engine.converters import Coarse, Unfit, print_decimal
from mappings.text import match_key

_WORDS = {
    word: number
    for number, words in enumerate(
        (
            "ایک", "دو", "تین", "چار", "پانچ", "چھ چھے", "سات", "آٹھ", "نو", "دس", "گیارہ", "بارہ", "تیرہ", "چودہ",
            "پندرہ", "سولہ", "سترہ", "اٹھارہ",
        ),
        1,
    )
    for word in words.split()
}  # fmt: skip
"""Urdu numerals up to the end of childhood."""
_WHOLE = {"ڈیڑھ": 1.5, "ڈھائی": 2.5, "اڑھائی": 2.5}
_PART = {"ساڑھے": 0.5, "سوا": 0.25, "پونے": -0.25}
"""Words before a number: nine and a half is ``ساڑھے نو``."""
_YEARS = r"سال|برس|years?|yrs?\.?|y"
_MONTHS = r"ماہ|مہینے|مہینہ|months?|m"
_DAYS = r"دن|یوم|ہفتے|ہفتہ|days?|weeks?"
_NUMERAL = "|".join(sorted(_WORDS, key=len, reverse=True))
_NUMBER = rf"(?:(?:{'|'.join(_PART)})\s+)?(?:\d{{1,3}}(?:\.\d{{1,9}})?|{_NUMERAL})"
_COUNT = rf"(?:{_NUMBER}|{'|'.join(_WHOLE)})"
_ABOUT_WORDS = r"تقریباً|تقریبا|قریبا?ً?|اندازاً|اندازا|لگ بھگ|about|approx\.?|approximately"
_AGE = re.compile(
    rf"(?:(?:عمر|age|aged)\s+)?(?P<about>{_ABOUT_WORDS})?\s*"
    rf"(?P<low>{_COUNT})(?:\s*(?:[/\-\u2013]|تا|سے|to)\s*(?P<high>{_COUNT}))?\s*"
    rf"(?:(?P<years>{_YEARS})|(?P<months>{_MONTHS})|(?P<days>{_DAYS}))?"
    rf"(?:\s*(?:،|,|و|اور|and)?\s*(?P<more>{_COUNT})\s*(?:{_MONTHS}))?(?:\s+old)?"
)
_ABOUT = "تقریباً"
_LONGEST = 200
"""No statement of an age is longer (characters)."""


@dataclass(frozen=True, slots=True)
class Stated:
    """An age as a text states it."""

    low: float
    high: float
    unit: str
    """``Y``, ``M``, or ``D`` for anything shorter, which no unit of ours holds."""
    about: bool


@lru_cache(maxsize=1_024)
def stated(text: str) -> Stated | None:
    """Return what a text states, or none where it states no number."""
    match = _AGE.fullmatch(match_key(text)) if len(text) <= _LONGEST else None
    if match is None:
        return None
    low = _number(match["low"])
    high = _number(match["high"]) if match["high"] else low
    unit = "M" if match["months"] else "D" if match["days"] else "Y"
    if match["more"]:
        if unit != "Y" or match["high"] or (more := _number(match["more"])) >= 12:
            return None
        low = high = round(low + more / 12, 4)
    if not 0 <= low <= high <= 150:
        return None
    return Stated(low, high, unit, bool(match["about"] or match["high"]))


def _number(words: str) -> float:
    if words in _WHOLE:
        return _WHOLE[words]
    before, _, last = words.rpartition(" ")
    return (_WORDS.get(last) or float(last)) + _PART.get(before.strip(), 0.0)


def read_age(value: Any) -> dict[str, Any]:
    """Return the leaves of an age; its words are kept only where they say more than the leaves.

    Raises:
        Unfit: it is neither a number nor a text.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 <= value <= 150:
            raise Unfit
        return {"value": float(value), "unit": "Y"}
    if not isinstance(value, str):
        raise Unfit("WRONG_TYPE")
    age = _measured(value)
    return age if _normal(age) == value else {**age, "text": value}


def _measured(text: str) -> dict[str, Any]:
    age = stated(text)
    if age is None or age.unit == "D":
        return {}
    measured: dict[str, Any] = {"value": (age.low + age.high) / 2, "unit": age.unit}
    return {**measured, "estimated": True} if age.about else measured


def lowest_years(value: Any) -> float | None:
    """Return the lowest age in years a field allows, or none if it says no number."""
    if isinstance(value, int | float):
        return float(value)
    age = stated(str(value))
    return None if age is None else {"Y": age.low, "M": age.low / 12, "D": 0.0}[age.unit]


def _normal(age: dict[str, Any]) -> Any:
    """Return how an age is written when no words were kept."""
    if "value" not in age or "unit" not in age:
        return None
    number = print_decimal(age["value"])
    words = f"{number} {'سال' if age['unit'] == 'Y' else 'ماہ'}"
    if age.get("estimated"):
        return f"{_ABOUT} {words}"
    return words if age["unit"] == "M" else (int(age["value"]) if age["value"] == int(age["value"]) else age["value"])


def print_age(age: dict[str, Any]) -> Any:
    """Return an age as PSRMS holds it: its own words if they were kept, else the number (design decision 5)."""
    text = age.get("text")
    written = text if text is not None else _normal(age)
    if written is None:
        return None
    return written if read_age(written) == age else Coarse(written)
