"""DCI's answer to a search by hand: writing one record of a birth."""

from __future__ import annotations

from typing import Any

from benchmarks.handwritten.crvs_dci import FIXED, ID_TYPES, PARENTS, SEX_WRITTEN
from benchmarks.handwritten.refusing import Untranslatable, coded, demanded, turned
from mappings.crvs_dci.converters import PRECISIONS
from mappings.crvs_dci.envelope import GATEWAY, derived
from mappings.crvs_dci.relatives import THIRTEEN_DIGIT_TYPES
from mappings.dates import in_karachi
from mappings.engine.json_reader import write_json
from mappings.identifiers import Scheme
from mappings.people import Child, Person
from mappings.referral import Record
from mappings.registration import Applicant, Office, Registration

_TYPE_OF_SCHEME = turned(ID_TYPES)


def write(record: Record) -> bytes:
    """Return a record as an answer that brings it."""
    transaction = demanded(record.message_id, "message_id")
    if len(transaction) > 99:
        raise Untranslatable("CANNOT_HOLD", "message_id")
    stamp = in_karachi(demanded(record.authored_at, "authored_at"))
    response = {
        "reference_id": derived(transaction, "reference"), "timestamp": stamp, "status": "succ",
        "data": {**FIXED, "reg_records": [_record(record)]}, "locale": "urd",
    }  # fmt: skip
    header = {
        "version": "1.0.0", "message_id": derived(transaction, "on-search"), "message_ts": stamp,
        "action": "on-search", "status": "succ", "total_count": 1, "completed_count": 1, "sender_id": GATEWAY,
        "is_msg_encrypted": False,
    }  # fmt: skip
    correlation = derived(transaction, "correlation")
    message = {"transaction_id": transaction, "correlation_id": correlation, "search_response": [response]}
    return write_json({"header": header, "message": message})


def _record(record: Record) -> dict[str, Any]:
    registration: Registration = demanded(record.registration, "registration")
    child = record.child
    node: dict[str, Any] = {"@type": "CRVS_Person"}
    if numbers := _numbers(child, registration):
        node["identifier"] = numbers
    shown = child.name or child.name_ur
    if shown is not None:
        node["name"] = {"given_name": shown, "surname": ""}
    if child.sex is not None:
        node["sex"] = coded(SEX_WRITTEN, child.sex, "child.sex")
    whole = child.birth_date is not None and len(child.birth_date) == 10 and not child.birth_date_estimated
    if whole:
        node["birth_date"] = child.birth_date
    if registration.birthplace is not None and registration.birthplace.name is not None:
        node["birth_place"] = {"name": registration.birthplace.name}
    if registration.registered_on is not None:
        node["registration_date"] = registration.registered_on
    parents = [_parent(node, role, person) for role, person in _parents(record.persons)]
    node["raabta_extension"] = own = _extension(child, registration, whole=whole)
    if parents:
        own["parents"] = parents
    return node


def _numbers(child: Child, registration: Registration) -> list[dict[str, str]]:
    numbers = []
    if registration.crms_number is not None:
        numbers.append({"identifier_type": "BRN", "identifier_value": registration.crms_number})
    number = next((i.value for i in child.identifiers if i.scheme is Scheme.BFORM), None)
    if number is not None:
        numbers.append({"identifier_type": "UIN", "identifier_value": number})
    return numbers


def _extension(child: Child, registration: Registration, *, whole: bool) -> dict[str, Any]:
    own: dict[str, Any] = {}
    if registration.kind is not None:
        own["kind"] = registration.kind.value
    if registration.status is not None:
        own["status"] = registration.status.value
    if child.birth_date is not None:
        if not whole:
            own["birth_date"] = child.birth_date
        own["birth_date_precision"] = "ESTIMATED" if child.birth_date_estimated else PRECISIONS[len(child.birth_date)]
    if registration.birthplace is not None and registration.birthplace.kind is not None:
        own["place_type"] = registration.birthplace.kind.value
    _named(own, "names", child.name_ur, child.name)
    if registration.barcode_number is not None:
        own["barcode_number"] = registration.barcode_number
    if registration.office is not None:
        own["office"] = _office(registration.office)
    if registration.applicant is not None:
        own["applicant"] = _applicant(registration.applicant)
    if registration.twins is not None:
        own["twins"] = registration.twins
    return own


def _office(office: Office) -> dict[str, Any]:
    node: dict[str, Any] = {}
    _named(node, "union_council", office.union_council_ur, office.union_council)
    if office.uc_number is not None:
        node["uc_number"] = office.uc_number
    _named(node, "tehsil", office.tehsil_ur, office.tehsil)
    _named(node, "district", office.district_ur, office.district)
    if office.area is not None:
        node["area"] = office.area.value
    return node


def _applicant(applicant: Applicant) -> dict[str, Any]:
    node: dict[str, Any] = {}
    _named(node, "names", applicant.name_ur, applicant.name)
    if applicant.id_scheme is not None:
        node["id_type"] = coded(_TYPE_OF_SCHEME, applicant.id_scheme, "registration.applicant.id_scheme")
    if applicant.id_value is not None:
        node["identifier_value"] = applicant.id_value
    if applicant.relation is not None:
        node["relation"] = applicant.relation
    return node


def _parents(persons: tuple[Person, ...]) -> list[tuple[str, Person]]:
    found = ((role, next((p for p in persons if p.relation is ours), None)) for role, (_, ours) in PARENTS.items())
    return [(role, person) for role, person in found if person is not None]


def _parent(record: dict[str, Any], role: str, person: Person) -> dict[str, Any]:
    """Return a parent; a number of thirteen digits goes to the record itself."""
    node: dict[str, Any] = {"role": role}
    if person.status is not None:
        node["status"] = person.status.value
    number = next((i for i in person.identifiers if i.scheme in _TYPE_OF_SCHEME), None)
    if number is not None:
        node["id_type"] = kind = _TYPE_OF_SCHEME[number.scheme]
        if kind in THIRTEEN_DIGIT_TYPES:
            record[PARENTS[role][0]] = {"identifier_type": "UIN", "identifier_value": number.value}
        else:
            node["identifier_value"] = number.value
    _named(node, "names", person.name_ur, person.name)
    if person.nationality is not None:
        node["nationality"] = person.nationality
    return node


def _named(node: dict[str, Any], key: str, urdu: str | None, latin: str | None) -> None:
    texts = [{"lang": lang, "value": value} for lang, value in (("ur", urdu), ("en", latin)) if value is not None]
    if texts:
        node[key] = texts
