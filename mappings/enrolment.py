"""A pupil's place at a school (formats/school.md 4.2).

``exit_date`` is inclusive here; OneRoster's is exclusive and its mapping adds a day. Name, sex and birth of the pupil
are the child's; father and guardian are people of the record.
"""

from __future__ import annotations

from typing import Annotated

from mappings.dates import Day, Instant
from mappings.labels import Label, Node
from mappings.text import Short, Token

Edu = Label.EDUCATION


class Enrolment(Node):
    """One stay of one pupil at one school."""

    student_id: Annotated[Token | None, Edu] = None
    admission_no: Annotated[Short | None, Edu] = None
    bform_status: Annotated[Token | None, Edu] = None
    """VERIFIED, UNVERIFIED, APPLIED or NOT_AVAILABLE."""
    guardian_relation: Annotated[Token | None, Edu] = None
    """FATHER, MOTHER, GUARDIAN or INSTITUTION: which person of the record the school lists as guardian."""
    school_scheme: Annotated[Token | None, Edu] = None
    school_code: Annotated[Token | None, Edu] = None
    school_name: Annotated[Short | None, Edu] = None
    grade: Annotated[Token | None, Edu] = None
    grade_local: Annotated[Short | None, Edu] = None
    section: Annotated[Short | None, Edu] = None
    shift: Annotated[Token | None, Edu] = None
    """MORNING, AFTERNOON or BOTH."""
    medium: Annotated[Token | None, Edu] = None
    """UR, EN, SD, PS, BAL or OTHER."""
    academic_year: Annotated[Token | None, Edu] = None
    """``2025-26``."""
    entry_date: Annotated[Day | None, Edu] = None
    entry_type: Annotated[Token | None, Edu] = None
    """NEW, TRANSFER, RE_ENTRY, PROMOTED or OTHER."""
    exit_date: Annotated[Day | None, Edu] = None
    exit_reason: Annotated[Token | None, Edu] = None
    """COMPLETED DROPOUT TRANSFER WITHDRAWN EXPELLED DIED NO_SHOW INVALID OTHER."""
    status: Annotated[Token | None, Edu] = None
    """PENDING_ADMISSION, CURRENT, LEFT, TRANSFERRED or PENDING_TRANSFER."""
    updated_at: Annotated[Instant | None, Edu] = None
