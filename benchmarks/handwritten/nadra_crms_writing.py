"""The civil register's XML by hand: writing a registration and a notification, elements in the schema's order."""

from __future__ import annotations

from benchmarks.handwritten.elements import quoted, shown
from benchmarks.handwritten.nadra_crms import (
    AREA_OF_PROVINCE,
    AREAS,
    PARENTS,
    TYPE_OF_SCHEME,
)
from benchmarks.handwritten.refusing import Untranslatable, coded, demanded
from mappings.identifiers import Scheme
from mappings.nadra_crms.civil_dates import PRECISIONS, print_date
from mappings.nadra_crms.converters import transaction_id
from mappings.nadra_crms.legal_basis import join
from mappings.people import Child, Person, PersonIdentifier
from mappings.referral import Record, Referral
from mappings.registration import Applicant, Birthplace, Office, Registration
from mappings.vocabulary import Relation

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<CIVIL_REGISTRATION version="1.0">'
_SUCCESS = "<RESPONSE_STATUS><CODE>100</CODE><MESSAGE>successful</MESSAGE></RESPONSE_STATUS>"


def write_registration(record: Record) -> bytes:
    """Return a record as the register's answer."""
    registration: Registration = demanded(record.registration, "registration")
    message = demanded(record.message_id, "message_id")
    status = demanded(registration.status, "registration.status")
    kind = demanded(registration.kind, "registration.kind")
    parts = [
        _HEAD, "<RESPONSE_DATA>", _SUCCESS, f"<TRANSACTION_ID>{transaction_id(message)}</TRANSACTION_ID>",
        f'<BIRTH_REGISTRATION status="{status.value}" kind="{kind.value}">',
    ]  # fmt: skip
    _numbers(parts, registration)
    _office(parts, demanded(registration.office, "registration.office"))
    _applicant(parts, demanded(registration.applicant, "registration.applicant"))
    _child(parts, record.child, registration)
    for name, relation in PARENTS:
        person = demanded(_of_relation(record.persons, relation), "persons")
        demanded(person.status, "persons.status")
        _parent(parts, name, person)
    registered = demanded(registration.registered_on, "registration.registered_on")
    parts.append(f"<REGISTRATION_DATE>{registered}</REGISTRATION_DATE>")
    if registration.issued_on is not None:
        parts.append(f"<ISSUANCE_DATE>{registration.issued_on}</ISSUANCE_DATE>")
    parts.append("</BIRTH_REGISTRATION></RESPONSE_DATA></CIVIL_REGISTRATION>")
    return "".join(parts).encode()


def write_notification(referral: Referral) -> bytes:
    """Return a referral as the notification of a birth."""
    message = demanded(referral.message_id, "message_id")
    place = demanded(referral.child.location, "child.location")
    area = coded(AREA_OF_PROVINCE, demanded(place.province, "child.location.province"), "child.location.province")
    parts = [
        _HEAD, f"<REQUEST_DATA><TRANSACTION_ID>{transaction_id(message)}</TRANSACTION_ID>",
        f"<AREA_NAME>{area}</AREA_NAME><PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE>",
        f"<LEGAL_BASIS>{shown(_basis(referral))}</LEGAL_BASIS>",
    ]  # fmt: skip
    if referral.ref is not None:
        parts.append(_bounded("REFERRAL_REF", referral.ref, 120, "ref"))
    registration = referral.registration or Registration()
    kind = f' kind="{registration.kind.value}"' if registration.kind is not None else ""
    parts.append(f'<BIRTH_REGISTRATION status="NOTIFIED"{kind}>')
    _numbers(parts, registration)
    _child(parts, referral.child, registration)
    for name, relation in PARENTS:
        person = _of_relation(referral.persons, relation)
        if person is None:
            parts.append(f'<{name} status="WITHHELD"/>')
        else:
            _parent(parts, name, person)
    parts.append("</BIRTH_REGISTRATION></REQUEST_DATA></CIVIL_REGISTRATION>")
    return "".join(parts).encode()


def _basis(referral: Referral) -> str:
    consent = demanded(referral.consent, "consent.basis")
    values = (("@basis", consent.basis), ("@statute", consent.statute_id), ("@order", consent.order_ref))
    found = join({key: value for key, value in values if value is not None})
    if not found:
        raise Untranslatable("CANNOT_HOLD", "consent.basis")
    return found


def _numbers(parts: list[str], registration: Registration) -> None:
    if registration.crms_number is not None:
        parts.append(f"<CRMS_NUMBER>{registration.crms_number}</CRMS_NUMBER>")
    if registration.barcode_number is not None:
        parts.append(f"<BARCODE_NUMBER>{registration.barcode_number}</BARCODE_NUMBER>")


def _office(parts: list[str], office: Office) -> None:
    area = demanded(office.area, "registration.office.area")
    parts.append("<OFFICE>")
    _bilingual(parts, "UNION_COUNCIL", office.union_council_ur, office.union_council, 500)
    if office.uc_number is not None:
        parts.append(_bounded("UC_NUMBER", office.uc_number, 120, "registration.office.uc_number"))
    _bilingual(parts, "TEHSIL", office.tehsil_ur, office.tehsil, 500)
    _bilingual(parts, "DISTRICT", office.district_ur, office.district, 500)
    parts.append(f"<AREA_NAME>{coded(AREAS, area, 'registration.office.area')}</AREA_NAME></OFFICE>")


def _applicant(parts: list[str], applicant: Applicant) -> None:
    parts.append("<APPLICANT>")
    _bilingual(parts, "NAME", applicant.name_ur, applicant.name, 120)
    if applicant.id_scheme is not None and applicant.id_value is not None:
        _number(parts, applicant.id_scheme, applicant.id_value, "registration.applicant.id_value")
    relation = demanded(applicant.relation, "registration.applicant.relation")
    parts.append(_bounded("RELATION", relation, 120, "registration.applicant.relation"))
    parts.append("</APPLICANT>")


def _child(parts: list[str], child: Child, registration: Registration) -> None:
    sex = demanded(child.sex, "child.sex")
    born = demanded(child.birth_date, "child.birth_date")
    parts.append("<CHILD>")
    number = next((i.value for i in child.identifiers if i.scheme is Scheme.BFORM), None)
    if number is not None:
        parts.append(f"<CHILD_NUMBER>{number}</CHILD_NUMBER>")
    _bilingual(parts, "NAME", child.name_ur, child.name, 120)
    precision = "ESTIMATED" if child.birth_date_estimated else PRECISIONS[len(born)]
    parts.append(f"<GENDER>{sex.value}</GENDER>")
    parts.append(f'<DATE_OF_BIRTH precision="{precision}">{print_date(born)}</DATE_OF_BIRTH>')
    _birthplace(parts, registration.birthplace)
    if registration.twins is not None:
        parts.append(f"<TWINS>{'YES' if registration.twins else 'NO'}</TWINS>")
    parts.append("</CHILD>")


def _birthplace(parts: list[str], place: Birthplace | None) -> None:
    if place is None:
        return
    kind = demanded(place.kind, "registration.birthplace.kind")
    if place.name is not None and len(place.name) > 120:
        raise Untranslatable("CANNOT_HOLD", "registration.birthplace.name")
    name = f' name="{quoted(place.name.strip())}"' if place.name is not None else ""
    parts.append(f"<PLACE_OF_BIRTH{name}>{kind.value}</PLACE_OF_BIRTH>")


def _parent(parts: list[str], name: str, person: Person) -> None:
    status = person.status.value if person.status is not None else "DECLARED"
    before = len(parts)
    parts.append(f'<{name} status="{status}">')
    _bilingual(parts, "NAME", person.name_ur, person.name, 120)
    number = _civil_number(person)
    if number is not None:
        _number(parts, number.scheme, number.value, "persons.identifiers.value")
    if person.nationality is not None:
        parts.append(_bounded("NATIONALITY", person.nationality, 3, "persons.nationality"))
    if len(parts) == before + 1:
        parts[-1] = f'<{name} status="{status}"/>'
    else:
        parts.append(f"</{name}>")


def _civil_number(person: Person) -> PersonIdentifier | None:
    return next((number for number in person.identifiers if number.scheme in TYPE_OF_SCHEME), None)


def _number(parts: list[str], scheme: str, value: str, ours: str) -> None:
    kind = coded(TYPE_OF_SCHEME, scheme, ours)
    parts.append(f'<ID type="{kind}">{shown(_fitting(value, 40, ours))}</ID>')


def _bilingual(parts: list[str], name: str, urdu: str | None, latin: str | None, longest: int) -> None:
    if urdu is not None:
        parts.append(f'<{name} xml:lang="ur">{shown(_fitting(urdu, longest, name))}</{name}>')
    if latin is not None:
        parts.append(f'<{name} xml:lang="en">{shown(_fitting(latin, longest, name))}</{name}>')


def _bounded(name: str, value: str, longest: int, ours: str) -> str:
    return f"<{name}>{shown(_fitting(value, longest, ours))}</{name}>"


def _fitting(value: str, longest: int, ours: str) -> str:
    """Return a text without white space at its ends, which XML does not keep, if the format can hold it."""
    plain = value.strip()
    if not plain or len(plain) > longest:
        raise Untranslatable("CANNOT_HOLD", ours)
    return plain


def _of_relation(persons: tuple[Person, ...], relation: Relation) -> Person | None:
    return next((person for person in persons if person.relation is relation), None)
