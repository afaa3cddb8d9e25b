"""Ages as police write them: ``9 سال``, ``تقریباً 16/17 سال``, ``8 months`` (formats/police.md A7.15, D6)."""

from __future__ import annotations

import re
from typing import Any

from mappings.engine.converters import Coarse, Unfit, print_decimal
from mappings.text import fold_digits

_AGE = re.compile(
    r"(?P<about>تقریباً|تقریبا|قریب|اندازاً|about|approx\.?)?\s*"
    r"(?P<low>\d{1,3}(?:\.\d)?)(?:\s*[/-]\s*(?P<high>\d{1,3}))?\s*"
    r"(?P<unit>سال|برس|ماہ|مہینے|years?|yrs?|months?|y|m)?",
    re.IGNORECASE,
)
_MONTHS = ("ماہ", "مہینے", "month", "months", "m")
_ABOUT = "تقریباً"


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
    match = _AGE.fullmatch(fold_digits(text).strip())
    if match is None:
        return {}
    low = float(match["low"])
    high = float(match["high"] or low)
    unit = "M" if (match["unit"] or "").lower() in _MONTHS else "Y"
    if high < low or high > 150:
        return {}
    age: dict[str, Any] = {"value": (low + high) / 2, "unit": unit}
    return {**age, "estimated": True} if match["about"] or match["high"] else age


def lowest_years(value: Any) -> float | None:
    """Return the lowest age in years a field allows, or none if it says no number."""
    if isinstance(value, int | float):
        return float(value)
    match = _AGE.fullmatch(fold_digits(str(value)).strip())
    if match is None:
        return None
    low = float(match["low"])
    return low / 12 if (match["unit"] or "").lower() in _MONTHS else low


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
