"""What must go together in a roster: a pupil and a school, a code and its scheme, an academic year."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.laws.joint_school_sis import _GRADES, _school

_IDS = st.from_regex(r"[0-9A-Za-z./@_-]{1,64}", fullmatch=True)


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a drawn value one that a roster can hold, as far as several leaves must agree."""
    child = tree.setdefault("child", {})
    if not {"name", "name_ur"} & set(child):
        child |= draw(st.sampled_from([{"name": "Zoya Farzi"}, {"name": "Zoya"}, {"name_ur": "زویا فرضی"}]))
    stay = tree.setdefault("enrolment", {})
    stay.setdefault("student_id", draw(_IDS))
    stay.setdefault("entry_date", "2025-04-03")
    stay.setdefault("updated_at", "2025-04-03T04:10:00Z")
    if {"school_scheme", "school_code"} & set(stay) or "school_id" not in stay:
        stay.setdefault("school_code", "")
        _school(draw, stay)
    if {"school_scheme", "school_code"} & set(stay):
        stay.setdefault("school_name", "GGPS Misali Chak")
    if "grade" in stay:
        stay["grade"] = draw(_GRADES)
    if {"academic_year", "section"} & set(stay):
        year = draw(st.integers(1950, 2098))
        stay["academic_year"] = f"{year}-{(year + 1) % 100:02d}"
