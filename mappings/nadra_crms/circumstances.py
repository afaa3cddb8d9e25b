"""What can be said of a value only when one knows the day, or that the house serves real children.

Reading a document asks no clock and knows no deployment; who does, asks here. Sources: formats/nadra.md 4 and 8
(case 25), finding 909 of 7.4. Findings name our own leaf; theirs is gone with the document.
"""

from __future__ import annotations

from collections.abc import Iterator

from mappings.dates import in_karachi
from mappings.engine.findings import Finding, Severity
from mappings.identifiers import THIRTEEN_DIGITS, is_synthetic
from mappings.nadra_crms.requests import span
from mappings.referral import Record, Referral

ADULT_AT = 18
"""Years; a child's certificate ends here (formats/nadra.md 3)."""


def judge_at(value: Record | Referral, at: str) -> Iterator[Finding]:
    """Yield what a date of birth means at an instant: 906 if it lies ahead, a warning if it is certainly an adult's.

    Args:
        value: what a document said.
        at: the canonical instant; the day is that of Pakistan.
    """
    born = value.child.birth_date
    if born is None:
        return
    today = in_karachi(at)[:10]
    first, last = span(born)
    if first > today:
        yield Finding("NADRA_906", "", Severity.ERROR, "child.birth_date")
    elif _birthday(last, ADULT_AT) <= today:
        yield Finding("ADULT", "", Severity.WARNING, "child.birth_date")


def _birthday(day: str, age: int) -> str:
    """Return the day of the birthday; one of 29 February comes a day late in other years, by comparison as text."""
    return f"{int(day[:4]) + age:04d}{day[4:]}"


def synthetic_numbers(value: Record | Referral) -> Iterator[Finding]:
    """Yield finding 909 for every number of the range that only samples use; for a house that serves real children."""
    for index, number in enumerate(value.child.identifiers):
        if number.scheme in THIRTEEN_DIGITS and is_synthetic(number.value):
            yield Finding("NADRA_909", "", Severity.ERROR, f"child.identifiers[{index}].value")
    for place, person in enumerate(value.persons):
        for index, identifier in enumerate(person.identifiers):
            if identifier.scheme in THIRTEEN_DIGITS and is_synthetic(identifier.value):
                yield Finding("NADRA_909", "", Severity.ERROR, f"persons[{place}].identifiers[{index}].value")
    applicant = value.registration.applicant if value.registration else None
    if applicant and applicant.id_scheme in THIRTEEN_DIGITS and is_synthetic(applicant.id_value or " " * 5):
        yield Finding("NADRA_909", "", Severity.ERROR, "registration.applicant.id_value")
