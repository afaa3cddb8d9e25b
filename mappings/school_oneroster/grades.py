"""Classes of Pakistan and the CEDS grades of OneRoster (formats/school.md 3.5).

Katchi and Prep are both ``KG``, the packages of non-formal schools are ``UG``, madrassa courses ``Other``: there the
metadata's ``pk.gradeCode`` says which, or a label that is the name of one class. Without either the answer is
AMBIGUOUS_GRADE; a class is never guessed.
"""

from __future__ import annotations

import re
from typing import Any

from mappings.engine.converters import Converter, Unfit
from mappings.engine.trees import Node
from mappings.text import match_key

_CLASSES = {f"{number:02d}": f"{number:02d}" for number in range(1, 13)}
_ALIKE = {"PG": "PR", "NUR": "PK", **_CLASSES}
"""Ours and theirs, one to one."""
_BACK = {theirs: ours for ours, theirs in _ALIKE.items()}
_SHARED = {"KG": r"KAT|PREP", "UG": r"NFE-[A-E]|ALP-[PM]", "Other": r"MAD-[A-Z0-9_-]{1,30}"}
"""Theirs, and those of ours that it may mean."""
_GRADE = re.compile("|".join([*_ALIKE, *_SHARED.values()]))
_LABELS = {"katchi": "KAT", "kachi": "KAT", "kat": "KAT", "کچی": "KAT", "prep": "PREP", "kg": "PREP", "ece": "PREP"}
"""Labels that are the name of one class; compared by :func:`mappings.text.match_key`."""


def ceds(grade: str) -> str:
    """Return the CEDS code of a class.

    Raises:
        Unfit: UNMAPPED_CODE, there is no such class.
    """
    if grade in _ALIKE:
        return _ALIKE[grade]
    for theirs, ours in _SHARED.items():
        if re.fullmatch(ours, grade):
            return theirs
    raise Unfit("UNMAPPED_CODE")


def _parse(node: Node) -> Any:
    told = next((v for key, v in node.get("metadata", {}).items() if key.endswith("pk.gradeCode")), None)
    grades = node.get("grades", [])
    if told is not None:
        return _told(told, grades)
    if not grades:
        return None
    if len(grades) > 1:
        raise Unfit("AMBIGUOUS_GRADE")
    return _meant(grades[0], node.get("$label"))


def _told(code: Any, grades: list[Any]) -> str:
    """Return the class the metadata names, unless the grades contradict it."""
    if not isinstance(code, str) or not _GRADE.fullmatch(code):
        raise Unfit("UNKNOWN_CODE")
    if grades and ceds(code) not in grades:
        raise Unfit("GRADE_CONFLICT")
    return code


def _meant(grade: Any, label: Any) -> str:
    if grade in _BACK:
        return _BACK[grade]
    if grade not in _SHARED:
        raise Unfit("UNKNOWN_CODE")
    named = label.strip() if isinstance(label, str) else ""
    meant = _LABELS.get(match_key(named), named)
    if not re.fullmatch(_SHARED[grade], meant):
        raise Unfit("AMBIGUOUS_GRADE")
    return meant


def _print(grade: str) -> Node:
    theirs = ceds(grade)
    return {"grades": [theirs]} if grade in _ALIKE else {"grades": [theirs], "metadata": {"pk.gradeCode": grade}}


CONVERTERS = [Converter("grade", _parse, _print)]
"""A class as a grade and, where that could mean several, its own code."""
