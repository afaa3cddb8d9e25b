"""A pupil's place at a school (formats/school.md 4.2).

``exit_date`` and ``year_end`` are inclusive here; OneRoster's are exclusive and its mapping adds a day. Name, sex and
birth of the pupil are the child's; father and guardian are people of the record.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import StringConstraints

from mappings.dates import Day, Instant
from mappings.labels import Label, Node
from mappings.text import Short
from mappings.vocabulary.school import BFormStatus, EnrolmentStatus, EntryType, ExitReason, Medium, Shift

Edu = Label.EDUCATION

StudentId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z./@_-]{1,255}$")]
"""What a school system calls a pupil, in the alphabet OneRoster allows; opaque, no person's key."""
RosterId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z./@_-]{1,255}$")]
"""What a rostering system calls a stay, a class or a school: opaque, no meaning is read from it."""
SchoolScheme = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,2}$")]
"""Which authority numbered the school: ``pk-punjab-emis``, ``pk-sindh-semis``, ``pk-kp-emis``."""
SchoolCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,20}$")]
"""The school's number as text: leading zeroes count, and no meaning is read from its digits."""
Grade = Annotated[
    str, StringConstraints(pattern=r"^(PG|NUR|KAT|PREP|0[1-9]|1[0-2]|NFE-[A-E]|ALP-[PM]|MAD-[A-Z0-9_-]{1,30})$")
]
"""A class (formats/school.md 3.5): ``KAT``, ``04``, ``ALP-P``, ``MAD-HIFZ``."""
AcademicYear = Annotated[str, StringConstraints(pattern=r"^(19|20)[0-9]{2}-[0-9]{2}$")]
"""``2025-26``."""

_CODES = {"pk-punjab-emis": re.compile(r"3\d{7}", re.ASCII), "pk-sindh-semis": re.compile(r"4\d{8}", re.ASCII)}
_OTHER_CODES = re.compile(r"\d{4,10}", re.ASCII)


def school_code_fits(scheme: str, code: str) -> bool:
    """Tell whether a school code has the form its authority gives out (formats/school.md 3.2).

    Punjab EMIS: eight digits, the first 3. Sindh SEMIS: nine digits, the first 4; eight are a truncated code and are
    never padded. Others: four to ten digits.
    """
    return _CODES.get(scheme, _OTHER_CODES).fullmatch(code) is not None


class Enrolment(Node):
    """One stay of one pupil at one school."""

    student_id: Annotated[StudentId | None, Edu] = None
    enrolment_id: Annotated[RosterId | None, Edu] = None
    """What the roster calls this stay; a pupil who comes back gets a new one."""
    admission_no: Annotated[Short | None, Edu] = None
    """Per school; two schools give out the same one."""
    bform_status: Annotated[BFormStatus | None, Edu] = None
    """What the school says of a B-Form whose number it does not give; a number has a status of its own."""
    school_id: Annotated[RosterId | None, Edu] = None
    """What the roster calls the school; the number its authority gave it is ``school_code``."""
    school_scheme: Annotated[SchoolScheme | None, Edu] = None
    school_code: Annotated[SchoolCode | None, Edu] = None
    school_name: Annotated[Short | None, Edu] = None
    grade: Annotated[Grade | None, Edu] = None
    grade_local: Annotated[Short | None, Edu] = None
    """What the school itself calls the class."""
    class_id: Annotated[RosterId | None, Edu] = None
    """What the roster calls the class."""
    section: Annotated[Short | None, Edu] = None
    shift: Annotated[Shift | None, Edu] = None
    medium: Annotated[Medium | None, Edu] = None
    academic_year: Annotated[AcademicYear | None, Edu] = None
    year_start: Annotated[Day | None, Edu] = None
    """First day of the academic year; there is no calendar for the whole country (formats/school.md 0.10)."""
    year_end: Annotated[Day | None, Edu] = None
    """Last day of the academic year, inclusive."""
    entry_date: Annotated[Day | None, Edu] = None
    entry_type: Annotated[EntryType | None, Edu] = None
    exit_date: Annotated[Day | None, Edu] = None
    """The last day at the school, inclusive."""
    exit_reason: Annotated[ExitReason | None, Edu] = None
    status: Annotated[EnrolmentStatus | None, Edu] = None
    updated_at: Annotated[Instant | None, Edu] = None
