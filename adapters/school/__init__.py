"""The school system's door: re-enrolment requests in JSON (formats/school.md 4.1, 4.4, 4.6)."""

from adapters.school.adapter import Options, SchoolAdapter

__all__ = ["Options", "SchoolAdapter"]
