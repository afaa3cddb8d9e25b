"""What must go together in school documents: a code and its scheme, an academic year, a state and its reason."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mappings.school_sis.codec import ANSWERS, CONDITIONS

_CODES = {
    "pk-punjab-emis": r"3[0-9]{7}",
    "pk-sindh-semis": r"4[0-9]{8}",
    "pk-kp-emis": r"[0-9]{4,10}",
    "pk-balochistan-bemis": r"[0-9]{4,10}",
}
_GRADES = st.sampled_from(["PG", "NUR", "KAT", "PREP", "01", "09", "12", "NFE-A", "ALP-P", "MAD-HIFZ"])


def _school(draw: Any, holder: dict[str, Any]) -> None:
    if "school_scheme" in holder or "school_code" in holder:
        holder["school_scheme"] = draw(st.sampled_from(sorted(_CODES)))
        holder["school_code"] = draw(st.from_regex(_CODES[holder["school_scheme"]], fullmatch=True))


def _answer(draw: Any, tree: dict[str, Any]) -> None:
    kind, state, *finer = draw(st.sampled_from(sorted(ANSWERS)))
    tree |= {"kind": kind, "state": state}
    outcome = tree.get("outcome", {})
    outcome.pop("business_status", None)
    if finer:
        outcome["business_status"] = finer[0]
    if "conditions" in outcome:
        outcome["conditions"] = draw(st.lists(st.sampled_from(sorted(CONDITIONS)), min_size=1, max_size=2))
        if state not in ("ACCEPTED", "IN_SERVICE", "COMPLETED"):
            del outcome["conditions"]
    tree["outcome"] = outcome
    if not outcome:
        del tree["outcome"]
    if state == "REJECTED":
        tree.setdefault("reason", "NO_CAPACITY")
    elif state not in ("NOT_COMPLETED", "REVOKED", "EXPIRED"):
        tree.pop("reason", None)


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a drawn value one that a school can hold, as far as several leaves must agree."""
    requested = tree.get("requested", {})
    for holder in (tree.get("enrolment", {}), requested.get("target", {}), tree.get("outcome", {})):
        _school(draw, holder)
    if "grade" in requested.get("target", {}):
        requested["target"]["grade"] = draw(_GRADES)
    if "academic_year" in tree.get("enrolment", {}):
        year = draw(st.integers(1950, 2098))
        tree["enrolment"]["academic_year"] = f"{year}-{(year + 1) % 100:02d}"
    if "student_id" in tree.get("enrolment", {}):
        tree["enrolment"]["student_id"] = draw(st.from_regex(r"[0-9A-Za-z./@_-]{1,64}", fullmatch=True))
    if "exit_date" in tree.get("enrolment", {}):
        tree["enrolment"].setdefault("exit_reason", "OTHER")
    if "RELEASE_ONLY_TO_LISTED" in requested.get("safety", ()) and not requested.get("release_to"):
        requested["release_to"] = [{"role": "WARDEN", "name": "Warden Azmaishi"}]
    for reference in tree.get("references", ()):
        shape = r"sha-256=[0-9a-f]{64}" if reference["scheme"] == "digest" else r"[0-9A-Za-z./@_-]{1,64}"
        reference["value"] = draw(st.from_regex(shape, fullmatch=True))
    if document == "receipt":
        tree |= {"kind": "RECEIVE", "state": "DELIVERED"}
    if document == "decision":
        _answer(draw, tree)
