"""The civil register's XML by hand: a registration as the register's answer, and the notification of a birth."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from benchmarks.handwritten.elements import (
    LANGUAGE,
    Element,
    Parts,
    demanded_text,
    needed,
    only,
    parts_of,
    text_of,
)
from benchmarks.handwritten.refusing import Untranslatable, built, checked, coded, demanded, text, turned
from mappings.engine.json_reader import Limits
from mappings.engine.xml_reader import parse_xml
from mappings.identifiers import crms_number, thirteen_digits
from mappings.nadra_crms.civil_dates import read_birth, read_date
from mappings.nadra_crms.converters import THIRTEEN_DIGIT_TYPES
from mappings.nadra_crms.legal_basis import split
from mappings.referral import Record, Referral
from mappings.vocabulary import Relation, Service

_LIMITS = Limits(octets=262_144, depth=32)
_ROOT = "CIVIL_REGISTRATION"
_ANSWER = f"/{_ROOT}/RESPONSE_DATA[1]"
_REQUEST = f"/{_ROOT}/REQUEST_DATA[1]"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<CIVIL_REGISTRATION version="1.0">'
_SEXES = {"FEMALE": "FEMALE", "MALE": "MALE", "X": "X", "UNKNOWN": "UNKNOWN"}
_AREA_NAMES = (
    "KPK", "FATA", "PUNJAB", "SINDH", "ISLAMABAD", "GILGIT_BALTISTAN", "BALUCHISTAN", "AZAD_KASHMIR",
)  # fmt: skip
AREAS = {spelled: name for name in _AREA_NAMES for spelled in (name, name.lower())}
_PROVINCES = {
    "kpk": "KP", "fata": "KP", "punjab": "PB", "sindh": "SD", "islamabad": "ICT", "gilgit_baltistan": "GB",
    "baluchistan": "BN", "azad_kashmir": "AJK",
}  # fmt: skip
AREA_OF_PROVINCE = turned({area: code for area, code in _PROVINCES.items() if area != "fata"})
_ID_TYPES = {
    "CNIC": "pk-cnic", "NICOP": "pk-nicop", "POC": "pk-poc", "CRC": "pk-bform", "PASSPORT": "passport",
    "POR": "pk-por", "ACC": "pk-acc", "ARC": "pk-arc", "OLD_NIC": "pk-old-nic", "OTHER": "other",
}  # fmt: skip
TYPE_OF_SCHEME = turned(_ID_TYPES)
_FLAGS = {"YES": True, "NO": False}
_TRANSACTION = re.compile(r"[0-9]{19}")
_BARCODE = re.compile(r"[0-9]{1,10}")
_COUNTRY = re.compile(r"[A-Z]{3}")
_LANGUAGES = ("ur", "en")
PARENTS = (("FATHER", Relation.FATHER), ("MOTHER", Relation.MOTHER))


def read_registration(data: bytes) -> Record:
    """Return the one registration an answer of the register holds."""
    response = parts_of(needed(_document(data), "RESPONSE_DATA", f"/{_ROOT}"))
    status = parts_of(needed(response, "RESPONSE_STATUS", _ANSWER))
    if text_of(needed(status, "CODE", f"{_ANSWER}/RESPONSE_STATUS[1]")) != "100":
        raise Untranslatable("UNEXPECTED_VALUE", f"{_ANSWER}/RESPONSE_STATUS[1]/CODE[1]")
    entry = needed(response, "BIRTH_REGISTRATION", _ANSWER)
    at = f"{_ANSWER}/BIRTH_REGISTRATION[1]"
    birth = parts_of(entry)
    registration = _registration(entry, birth, at)
    registration["status"] = demanded(entry.get("status"), f"{at}/@status")
    registration["office"] = _office(needed(birth, "OFFICE", at), f"{at}/OFFICE[1]")
    registration["applicant"] = _applicant(needed(birth, "APPLICANT", at), f"{at}/APPLICANT[1]")
    registration["registered_on"] = _day(needed(birth, "REGISTRATION_DATE", at), f"{at}/REGISTRATION_DATE[1]")
    if (issued := only(birth, "ISSUANCE_DATE", at)) is not None:
        registration["issued_on"] = _day(issued, f"{at}/ISSUANCE_DATE[1]")
    return built(Record, {
        "message_id": _transaction(response, _ANSWER), "sender": {"kind": "CIVIL_REG"},
        "child": _child(birth, at), "persons": _people(birth, at), "registration": registration,
    })  # fmt: skip


def read_notification(data: bytes) -> Referral:
    """Return the referral that a notification of a birth is."""
    request = parts_of(needed(_document(data), "REQUEST_DATA", f"/{_ROOT}"))
    if text_of(needed(request, "PURPOSE_CODE", _REQUEST)) != "CHILD_PROTECTION_REFERRAL":
        raise Untranslatable("UNEXPECTED_VALUE", f"{_REQUEST}/PURPOSE_CODE[1]")
    entry = needed(request, "BIRTH_REGISTRATION", _REQUEST)
    at = f"{_REQUEST}/BIRTH_REGISTRATION[1]"
    if entry.get("status") != "NOTIFIED":
        raise Untranslatable("UNEXPECTED_VALUE", f"{at}/@status")
    birth = parts_of(entry)
    area = (text_of(needed(request, "AREA_NAME", _REQUEST)) or "").lower()
    child = _child(birth, at)
    child["location"] = {"province": coded(_PROVINCES, area, f"{_REQUEST}/AREA_NAME[1]")}
    values: dict[str, Any] = {
        "message_id": _transaction(request, _REQUEST),
        "requested": {"service": Service.CIVIL_REGISTRATION, "action": "REGISTER"},
        "child": child, "persons": _people(birth, at), "registration": _registration(entry, birth, at),
    }  # fmt: skip
    if (ref := text_of(only(request, "REFERRAL_REF", _REQUEST))) is not None:
        values["ref"] = text(ref, f"{_REQUEST}/REFERRAL_REF[1]", 120)
    basis = split(text_of(needed(request, "LEGAL_BASIS", _REQUEST)) or "")
    names = {"@basis": "basis", "@statute": "statute_id", "@order": "order_ref"}
    values["consent"] = {names[key]: value for key, value in basis.items()}
    return built(Referral, values)


def _document(data: bytes) -> Parts:
    root, _ = parse_xml(data, _LIMITS)
    if root.tag != _ROOT:
        raise Untranslatable("UNKNOWN_DOCUMENT", "/")
    if root.get("version", "1.0") != "1.0":
        raise Untranslatable("UNEXPECTED_VALUE", f"/{_ROOT}/@version")
    return parts_of(root)


def _transaction(parts: Parts, at: str) -> str:
    number = text_of(needed(parts, "TRANSACTION_ID", at)) or ""
    if _TRANSACTION.fullmatch(number) is None:
        raise Untranslatable("NADRA_115", f"{at}/TRANSACTION_ID[1]")
    return number


def _registration(entry: Element, birth: Parts, at: str) -> dict[str, Any]:
    """Return what an answer and a notification say alike."""
    values: dict[str, Any] = {"kind": entry.get("kind")}
    if (crms := only(birth, "CRMS_NUMBER", at)) is not None:
        values["crms_number"] = checked(crms_number, text_of(crms), f"{at}/CRMS_NUMBER[1]", "INVALID_IDENTIFIER")
    if (barcode := text_of(only(birth, "BARCODE_NUMBER", at))) is not None:
        if _BARCODE.fullmatch(barcode) is None:
            raise Untranslatable("INVALID_VALUE", f"{at}/BARCODE_NUMBER[1]")
        values["barcode_number"] = barcode
    child = parts_of(needed(birth, "CHILD", at))
    if (place := only(child, "PLACE_OF_BIRTH", f"{at}/CHILD[1]")) is not None:
        values["birthplace"] = {"kind": demanded_text(place, f"{at}/CHILD[1]/PLACE_OF_BIRTH[1]")}
        if name := place.get("name"):
            values["birthplace"]["name"] = text(name, f"{at}/CHILD[1]/PLACE_OF_BIRTH[1]/@name", 120)
    if (twins := only(child, "TWINS", f"{at}/CHILD[1]")) is not None:
        said = text_of(twins)
        if said not in _FLAGS:
            raise Untranslatable("UNKNOWN_CODE", f"{at}/CHILD[1]/TWINS[1]")
        values["twins"] = _FLAGS[said]
    return values


def _office(element: Element, at: str) -> dict[str, Any]:
    parts = parts_of(element)
    values: dict[str, Any] = {
        "area": coded(AREAS, text_of(needed(parts, "AREA_NAME", at)), f"{at}/AREA_NAME[1]"),
        **_bilingual(parts, "UNION_COUNCIL", "union_council", at, 500),
        **_bilingual(parts, "TEHSIL", "tehsil", at, 500),
        **_bilingual(parts, "DISTRICT", "district", at, 500),
    }
    if (number := text_of(only(parts, "UC_NUMBER", at))) is not None:
        values["uc_number"] = text(number, f"{at}/UC_NUMBER[1]", 120)
    return values


def _applicant(element: Element, at: str) -> dict[str, Any]:
    parts = parts_of(element)
    relation = needed(parts, "RELATION", at)
    values = {**_bilingual(parts, "NAME", "name", at, 120), "relation": text_of(relation)}
    if (number := only(parts, "ID", at)) is not None:
        values["id_scheme"], values["id_value"] = _number(number, f"{at}/ID[1]")
    return values


def _child(birth: Parts, at: str) -> dict[str, Any]:
    at = f"{at}/CHILD[1]"
    parts = parts_of(needed(birth, "CHILD", at[:-9]))
    born = needed(parts, "DATE_OF_BIRTH", at)
    precision = born.get("precision", "")
    if precision not in ("", "DAY", "MONTH", "YEAR", "ESTIMATED"):
        raise Untranslatable("UNKNOWN_CODE", f"{at}/DATE_OF_BIRTH[1]/@precision")
    date = checked(lambda said: read_birth(said, precision), text_of(born), f"{at}/DATE_OF_BIRTH[1]", "NADRA_906")
    values: dict[str, Any] = {
        **_bilingual(parts, "NAME", "name", at, 120), "birth_date": date,
        "sex": coded(_SEXES, text_of(needed(parts, "GENDER", at)), f"{at}/GENDER[1]"),
    }  # fmt: skip
    if precision == "ESTIMATED":
        values["birth_date_estimated"] = True
    if (number := only(parts, "CHILD_NUMBER", at)) is not None:
        digits = checked(thirteen_digits, text_of(number), f"{at}/CHILD_NUMBER[1]", "NADRA_107")
        values["identifiers"] = ({"scheme": "pk-bform", "value": digits},)
    return values


def _people(birth: Parts, at: str) -> list[dict[str, Any]]:
    return [
        _parent(element, relation, f"{at}/{name}[1]")
        for name, relation in PARENTS
        if (element := only(birth, name, at)) is not None
    ]


def _parent(element: Element, relation: Relation, at: str) -> dict[str, Any]:
    parts = parts_of(element)
    status = demanded(element.get("status"), f"{at}/@status")
    values: dict[str, Any] = {"relation": relation, "status": status, **_bilingual(parts, "NAME", "name", at, 120)}
    if (number := only(parts, "ID", at)) is not None:
        scheme, value = _number(number, f"{at}/ID[1]")
        values["identifiers"] = ({"scheme": scheme, "value": value},)
    if (country := text_of(only(parts, "NATIONALITY", at))) is not None:
        if _COUNTRY.fullmatch(country) is None:
            raise Untranslatable("INVALID_VALUE", f"{at}/NATIONALITY[1]")
        values["nationality"] = country
    return values


def _number(element: Element, at: str) -> tuple[str, str]:
    kind, said = element.get("type"), text_of(element)
    scheme = coded(_ID_TYPES, kind, f"{at}/@type")
    form: Callable[[str], str] = thirteen_digits if kind in THIRTEEN_DIGIT_TYPES else str
    return scheme, checked(form, said, at, "NADRA_107")


def _bilingual(parts: Parts, name: str, key: str, at: str, longest: int) -> dict[str, Any]:
    """Return the texts of an element that is repeated by language; Arabic letters without a language are Urdu."""
    values: dict[str, Any] = {}
    for index, element in enumerate(parts.get(name, ())):
        said = demanded_text(element, f"{at}/{name}[{index + 1}]")
        language = element.get(LANGUAGE) or ("ur" if any("\u0600" <= c <= "\u06ff" for c in said) else "en")
        if language not in _LANGUAGES:
            raise Untranslatable("UNKNOWN_CODE", f"{at}/{name}[{index + 1}]/@xml:lang")
        leaf = f"{key}_ur" if language == "ur" else key
        if leaf in values:
            raise Untranslatable("REPEATED", f"{at}/{name}[{index + 1}]")
        values[leaf] = text(said, f"{at}/{name}[{index + 1}]", longest)
    return values


def _day(element: Element, path: str) -> str:
    day = checked(read_date, text_of(element), path, "INVALID_DATE")
    if len(day) != 10:
        raise Untranslatable("INVALID_DATE", path)
    return day
