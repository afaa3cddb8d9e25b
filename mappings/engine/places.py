"""Places in agencies' documents, said without their positions and without anything that could be a value.

A key is the sender's, and ``{"Farzi Bachi 39999-…": 1}`` is a document too. So a step of a path is repeated only if it
looks like a field's name; any other becomes ``?``.
"""

from __future__ import annotations

import re

MAX_STEPS = 12
"""A deeper path is cut off here."""
UNSPOKEN = "?"
"""Stands for a step that is not repeated."""

_POSITION = re.compile(r"\[\d+\]")
_STEP = re.compile(r"[A-Za-z0-9_@:.-]{1,60}")
_DIGITS = re.compile(r"\d")
_MOST_DIGITS = 6
"""A step with more digits may be a number of somebody."""


def place(path: str) -> str:
    """Return a path of theirs (XPath, JSON Pointer or FHIRPath) without positions, safe to store and to show."""
    separator = "/" if path.startswith("/") or "." not in path else "."
    steps = [step for step in _POSITION.sub("", path).split(separator) if step and not step.isdigit()]
    said = separator.join(_said(step) for step in steps[:MAX_STEPS])
    return f"/{said}" if separator == "/" and said else said


def _said(step: str) -> str:
    return step if _STEP.fullmatch(step) and len(_DIGITS.findall(step)) <= _MOST_DIGITS else UNSPOKEN


def without_positions(path: str) -> str:
    """Return one of our own paths with ``[]`` for every position: ``persons[].name``."""
    return _POSITION.sub("[]", path)
