"""What rules cannot say about school documents: who the guardian is, what a day of birth means, what must go together.

The guardian may be the father or somebody else, and the format spreads either over the same fields. On reading, the
fields of one person are gathered under a mark; after writing they are laid out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.codec import JsonCodec, Parsed
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.schema import Check
from mappings.engine.trees import Node
from mappings.enrolment import school_code_fits
from mappings.school_sis.converters import FINER_STATES

CONDITIONS = frozenset({"MISSING_B_FORM", "SLC_PENDING"})
ANSWERS = {
    ("RECEIVE", "DELIVERED"): "RECEIVED",
    ("ACKNOWLEDGE", "ACKNOWLEDGED"): "UNDER_REVIEW",
    ("ACKNOWLEDGE", "ACKNOWLEDGED", "waitlisted"): "WAITLISTED",
    ("ACCEPT", "ACCEPTED"): "ACCEPTED",
    ("REJECT", "REJECTED"): "REJECTED",
    ("REJECT", "REJECTED", "redirected"): "REDIRECTED",
    ("PROGRESS", "IN_SERVICE", "enrolled"): "ENROLLED",
    ("COMPLETE", "COMPLETED", "attending"): "ATTENDING",
    ("FAIL", "NOT_COMPLETED", "no-show"): "NO_SHOW",
    ("WITHDRAW", "REVOKED"): "WITHDRAWN_BY_SENDER",
    ("INFORM", "EXPIRED"): "EXPIRED",
}
"""Our kind, state and finer state together, and the one state of a school that says the same."""
_SAYING_NO = frozenset({"REJECTED", "REDIRECTED", "NO_SHOW", "WITHDRAWN_BY_SENDER", "EXPIRED"})
_SAYING_YES = frozenset({"ACCEPTED", "ENROLLED", "ATTENDING"})

_FATHER, _GUARDIAN, _BOTH, _NUMBER = "$father", "$guardian", "$father_guardian", "$number"
_OF_GUARDIAN = ("guardian_name", "guardian_relation", "guardian_cnic")
_STUDENT = (
    "student_id", "known_student_id", "b_form_no", "b_form_status", "admission_no", "name", "name_ur", "father_name",
    "guardian_name", "guardian_relation", "guardian_cnic", "sex", "date_of_birth", "dob_estimated",
)  # fmt: skip
"""The order in which a pupil's fields are written; what else there is follows."""


def _student(tree: Node, document: str) -> tuple[Node, str]:
    """Return the object that holds the pupil, and its place in the document."""
    if document == "enrolment":
        return tree, ""
    student: Node = tree.get("student", {})
    return student, "/student"


def _gather(student: Node, at: str) -> None:
    """Put the fields of the father, the guardian and the B-Form under marks, so that each is one thing."""
    if "b_form_no" in student:
        number = {key: student.pop(key) for key in ("b_form_no", "b_form_status") if key in student}
        student[_NUMBER] = {"$at": at, **number}
    guardian = {key: student.pop(key) for key in _OF_GUARDIAN if key in student}
    father = {"father_name": student.pop("father_name")} if "father_name" in student else {}
    if guardian.get("guardian_relation") == "FATHER":
        name = guardian.pop("guardian_name", None)
        if name is not None:
            father.setdefault("father_name", name)
        student[_BOTH] = {"$at": at, **father, **guardian}
        return
    if father:
        student[_FATHER] = {"$at": at, **father}
    if guardian:
        student[_GUARDIAN] = {"$at": at, **guardian}


def _lay_out(student: Node, at: str) -> None:
    """Put what was gathered back beside the pupil's fields, and all in the format's order."""
    for mark in (_NUMBER, _BOTH, _FATHER, _GUARDIAN):
        node = student.pop(mark, {})
        student.update(node)
        node["$at"] = at
    fields = {key: student[key] for key in _STUDENT if key in student}
    fields.update(student)
    student.clear()
    student.update(fields)


def _read_birth(student: Node) -> None:
    """Take an estimated first of a month for what it is: a year. A flag without a date says nothing."""
    day = student.get("date_of_birth")
    if day is None and "dob_estimated" in student:
        student["$dob_estimated"] = student.pop("dob_estimated")
    elif student.get("dob_estimated") is True and isinstance(day, str) and day.endswith("-01"):
        student["date_of_birth"] = day[:4]


def _write_birth(student: Node, ours: Node, document: str) -> None:
    """Say whether the day is real: never of a year or a month, whatever is said of their certainty."""
    known = ours.get("child", {}).get("birth_date")
    if known is None:
        if document == "enrolment":
            student["dob_estimated"] = True
        return
    student["dob_estimated"] = len(known) < 10 or student.get("dob_estimated", False)


def _schools(tree: Node) -> Iterator[tuple[str, Node]]:
    for at in ("", "/last_known_enrolment", "/target"):
        holder = tree.get(at[1:], {}) if at else tree
        school = holder.get("school") if isinstance(holder, dict) else None
        if isinstance(school, dict) and "scheme" in school and "code" in school:
            yield f"{at}/school/code", school


def _codes(tree: Node) -> Iterator[Finding]:
    """Yield a finding for every school code that its authority cannot have given out."""
    for path, school in _schools(tree):
        scheme, code = school["scheme"], school["code"]
        if isinstance(scheme, str) and isinstance(code, str) and not school_code_fits(scheme, code):
            yield Finding("SCHOOL_CODE", path)


def _request_gaps(tree: Node) -> Iterator[Finding]:
    if "RELEASE_ONLY_TO_LISTED" in tree.get("safety", ()) and not tree.get("release_to"):
        yield Finding("MISSING_REQUIRED", "/release_to", ours="requested.release_to")
    for name in ("supports", "safety", "documents_available"):
        items = tree.get(name, [])
        if len(set(items)) < len(items):
            yield Finding("CANNOT_HOLD", f"/{name}")


def _decision_gaps(tree: Node, ours: Node) -> Iterator[Finding]:
    finer = ours.get("outcome", {}).get("business_status")
    said = (ours.get("kind"), ours.get("state"), *([finer] if finer in FINER_STATES.values() else []))
    state = tree.get("state")
    if ANSWERS.get(said) != state:
        yield Finding("UNMAPPED_CODE", "/state", ours="state")
    if state == "REJECTED" and "reject_code" not in tree:
        yield Finding("MISSING_REQUIRED", "/reject_code", ours="reason")
    if "reject_code" in tree and state not in _SAYING_NO:
        yield Finding("CANNOT_HOLD", "/reject_code", ours="reason")
    if "conditions" in tree and state not in _SAYING_YES:
        yield Finding("CANNOT_HOLD", "/conditions", ours="outcome.conditions")


def _said_wrongly(raw: Any, document: str) -> Iterator[Finding]:
    """Yield what a schema cannot say in the words that help a school mend it."""
    if not isinstance(raw, dict):
        return
    if document == "decision" and str(raw.get("reject_code")) in CONDITIONS:
        yield Finding("CONDITION_AS_REFUSAL", "/reject_code")
    found, at = _student(raw, document)
    student: Any = found
    if not isinstance(student, dict):
        return
    names = {name for key in ("father_name", "guardian_name") if isinstance(name := student.get(key), str)}
    if student.get("guardian_relation") == "FATHER" and len(names) > 1:
        yield Finding("GUARDIAN_CONFLICT", f"{at}/guardian_name")


class SchoolCodec(JsonCodec):
    """JSON of a provincial school information system."""

    regards = frozenset({"child", "kind", "state", "outcome"})

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return the schema's findings, and those about values that are wrong together."""
        found = super().check(parsed, document, schema)
        raw = parsed.raw if isinstance(parsed.raw, dict) else {}
        better = [*_said_wrongly(raw, document), *_codes(raw)]
        places = {finding.path for finding in better}
        return [f for f in found if f.path not in places] + better

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return the one tree, the pupil's people gathered and the birth date as far as it is known."""
        tree = dict(parsed.tree)
        if document in ("enrolment", "reenrolment_request"):
            if document != "enrolment":
                tree["student"] = dict(tree["student"])
            student, at = _student(tree, document)
            _gather(student, at)
            _read_birth(student)
        return [tree]

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the tree with the pupil's fields in order.

        Raises:
            Refusal: values do not go together: a code and its scheme, a state and its reason.
        """
        findings = list(_codes(tree))
        if document in ("enrolment", "reenrolment_request"):
            student, at = _student(tree, document)
            _write_birth(student, ours, document)
            _lay_out(student, at)
        if document == "reenrolment_request":
            findings += _request_gaps(tree)
        if document == "decision":
            findings += _decision_gaps(tree, ours)
        if findings:
            raise Refusal(findings)
        return tree


CODEC = SchoolCodec()
