"""Converters of this format: kebab-case code lists, ids, consent policies and texts FHIR can hold."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from mappings.dates import KARACHI, full_date
from mappings.engine.converters import STANDARD, Coarse, Converter, Unfit
from mappings.health_fhir import systems
from mappings.health_fhir.states import KIND_OF_STATE, REASONS, STATES
from mappings.vocabulary import (
    Action,
    AgencyKind,
    AgeUnit,
    CareArrangement,
    ConcernType,
    ConsentBasis,
    ConsentGiver,
    ContactRule,
    Displacement,
    IdentifierStatus,
    PersonStatus,
    Province,
    Purpose,
    Relation,
    ReplyKind,
    RiskLevel,
    SafetyRule,
    Service,
    TriState,
    Whereabouts,
)
from mappings.vocabulary.clinical import FindingStatus, FindingVerification

SUSPECTED = "-suspected"
"""What follows a concern code as long as nobody has established it."""
NOT_DISCLOSED = "not-disclosed"
"""Stands for a concern that was not granted to the receiver of clinical reason codes; says nothing about it."""
FIRST_TASK = "-T1"
"""What follows a referral's number in that of its first Task."""
ASSESSMENT = "cp-assessment"
"""A child protection assessment: case management, and in it the act of assessing (formats/health.md 11.1)."""
ROLE_CODES: dict[Relation, tuple[str, ...]] = {
    Relation.FATHER: ("FTH", "NFTH", "NFTHF", "ADOPTF"),
    Relation.MOTHER: ("MTH", "NMTH", "NMTHF", "GESTM", "ADOPTM"),
    Relation.PARENT: ("PRN", "NPRN", "ADOPTP"),
    Relation.STEP_FATHER: ("STPFTH",),
    Relation.STEP_MOTHER: ("STPMTH",),
    Relation.STEP_PARENT: ("STPPRN",),
    Relation.GRANDFATHER: ("GRFTH", "MGRFTH", "PGRFTH"),
    Relation.GRANDMOTHER: ("GRMTH", "MGRMTH", "PGRMTH"),
    Relation.SIBLING: ("SIB", "BRO", "SIS", "NSIB", "NBRO", "NSIS", "HSIB", "HBRO", "HSIS"),
    Relation.UNCLE_AUNT: ("UNCLE", "AUNT", "MUNCLE", "PUNCLE", "MAUNT", "PAUNT"),
    Relation.RELATIVE: ("FAMMEMB", "EXT", "COUSN", "MCOUSN", "PCOUSN", "NIENEPH", "NEPHEW", "NIECE"),
    Relation.GUARDIAN: ("GUARD",),
    Relation.SPOUSE: ("SPS", "HUSB", "WIFE"),
    Relation.NEIGHBOUR: ("NBOR",),
}  # fmt: skip
"""v3-RoleCode words for a relation: the first is written beside our own code, every one is read."""

_UNPRINTED_SPACE = re.compile(r"[^\S \r\n\t]")
_ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")
_POLICIES = {f"{systems.POLICIES}/{basis.lower().replace('_', '-')}": basis.value for basis in ConsentBasis}
_KNOWN_POLICIES = {"urn:example:pk:policy:best-interest-disclosure": ConsentBasis.BEST_INTEREST.value}
_ROLES = {code: relation.value for relation, codes in ROLE_CODES.items() for code in codes}


def kebab(word: str) -> str:
    """Return a canonical code as this format prints it: ``BEST_INTEREST`` becomes ``best-interest``."""
    return word.lower().replace("_", "-")


def _listed(words: type[StrEnum], value: Any) -> str:
    code = value.upper().replace("-", "_") if isinstance(value, str) and value == value.lower() else ""
    if code not in words.__members__:
        raise Unfit("UNKNOWN_CODE")
    return code


def _words(words: type[StrEnum]) -> Converter:
    return Converter(f"kebab({words.__name__})", lambda value: _listed(words, value), kebab)


def _print_text(value: Any) -> Any:
    """R4's string knows four kinds of white space; others become a plain space, and the account says so."""
    text = _UNPRINTED_SPACE.sub(" ", value)
    return value if text == value else Coarse(text)


def message_uuid(value: str) -> str:
    """Return a message id as this format demands it: itself, or the UUIDv5 that stands for an id of another form."""
    try:
        return value if str(UUID(value)) == value.lower() else str(uuid5(NAMESPACE_URL, value))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, value))


def _print_uuid(value: str) -> Any:
    uuid = message_uuid(value)
    return value if uuid == value else Coarse(uuid)


def _parse_uuid(value: Any) -> str:
    try:
        UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise Unfit("INVALID_IDENTIFIER") from None
    return str(value)


def _parse_id(value: Any) -> str:
    if not isinstance(value, str) or _ID.match(value) is None:
        raise Unfit("INVALID_IDENTIFIER")
    return value


def _parse_concern(value: Any) -> str:
    return _listed(ConcernType, value.removesuffix(SUSPECTED) if isinstance(value, str) else value)


def _parse_service(value: Any) -> str:
    return Service.CASE_MANAGEMENT.value if value == ASSESSMENT else _listed(Service, value)


def _parse_policy(value: Any) -> str:
    basis = _POLICIES.get(value) or _KNOWN_POLICIES.get(value)
    if basis is None:
        raise Unfit("UNKNOWN_CODE")
    return basis


def _parse_end(value: Any) -> str:
    """Return the day a period ends; of an instant, the day it is in Pakistan."""
    if isinstance(value, str) and len(value) > 10:
        try:
            return datetime.fromisoformat(value).astimezone(KARACHI).date().isoformat()
        except ValueError:
            raise Unfit("INVALID_DATE") from None
    try:
        return full_date(value)
    except (ValueError, TypeError):
        raise Unfit("INVALID_DATE") from None


def _parse_reference(value: Any) -> str:
    if value == systems.TASK:
        return "fhir-task"
    if not isinstance(value, str) or not value.startswith(f"{systems.SID}/"):
        raise Unfit("UNKNOWN_CODE")
    return value.removeprefix(f"{systems.SID}/")


def _print_reference(value: str) -> str:
    if value == "task":
        raise Unfit("UNMAPPED_CODE")
    return systems.TASK if value == "fhir-task" else f"{systems.SID}/{value}"


def _parse_focus(identifier: Any) -> str:
    """Return the referral a Task is about: its own number, or that of the Task it asks to stop without its ``-T1``."""
    value = identifier.get("value") if isinstance(identifier, dict) else None
    if not isinstance(value, str):
        raise Unfit("MISSING_REQUIRED")
    if identifier.get("system") != systems.TASK:
        return value
    if not value.endswith(FIRST_TASK):
        raise Unfit("INVALID_IDENTIFIER")
    return value.removesuffix(FIRST_TASK)


def _table(name: str, pairs: dict[str, str], code: str = "UNKNOWN_CODE") -> Converter:
    """Return a converter that reads by a table and prints by its first entry for each of ours."""
    back: dict[str, str] = {}
    for theirs, ours in pairs.items():
        back.setdefault(ours, theirs)

    def parse(value: Any) -> str:
        if not isinstance(value, str) or value not in pairs:
            raise Unfit(code)
        return pairs[value]

    def write(value: Any) -> str:
        if value not in back:
            raise Unfit("UNMAPPED_CODE")
        return back[value]

    return Converter(name, parse, write)


def _flag(name: str, true: str, false: str) -> Converter:
    words = {true: True, false: False}

    def parse(value: Any) -> bool:
        if value not in words:
            raise Unfit("UNKNOWN_CODE")
        return words[value]

    return Converter(name, parse, lambda flag: true if flag else false)


CONVERTERS = [
    Converter("text", STANDARD["text"].parse, _print_text),
    Converter("message_uuid", _parse_uuid, _print_uuid),
    Converter("answered_id", _parse_id, _print_uuid),
    Converter("concern_code", _parse_concern, kebab),
    Converter("service", _parse_service, kebab),
    Converter("implied_action", lambda value: Action.ASSESS.value if value == ASSESSMENT else None, kebab),
    Converter("focus", _parse_focus, lambda ref: {"value": ref, "system": systems.REFERRAL}),
    Converter("policy", _parse_policy, lambda basis: f"{systems.POLICIES}/{kebab(basis)}"),
    Converter("last_day", _parse_end, lambda day: day),
    Converter("reference_system", _parse_reference, _print_reference),
    _flag("flag", "yes", "no"),
    _flag("accuracy", "estimated", "exact"),
    _table("role_code", _ROLES),
    _table("identifier_system", {system: scheme.value for system, scheme in systems.SCHEMES.items()}),
    _table("state", STATES),
    _table("reason", REASONS),
    _table("kind_of_state", KIND_OF_STATE),
    *(
        _words(words)
        for words in (
            Action, AgencyKind, AgeUnit, CareArrangement, ConsentGiver, ContactRule, Displacement, FindingStatus,
            FindingVerification, IdentifierStatus, PersonStatus, Province, Purpose, Relation, ReplyKind, RiskLevel,
            SafetyRule, TriState, Whereabouts,
        )
    ),
]  # fmt: skip
