"""DCI's answer to a search by hand: one record of a birth with its extension (formats/nadra.md 5.1, 7.7).

The forms in which DCI's implementations disagree are a matter of the engine's codec; what is read here is the form its
pages name, as a gateway between two known partners would.
"""

from __future__ import annotations

from typing import Any

from benchmarks.handwritten.refusing import Untranslatable, built, checked, coded, demanded, flag, text, turned
from mappings.crvs_dci.relatives import THIRTEEN_DIGIT_TYPES
from mappings.dates import full_date, instant, partial_date
from mappings.engine.json_reader import read_json
from mappings.identifiers import crms_number, thirteen_digits
from mappings.referral import Record
from mappings.vocabulary import Relation

ID_TYPES = {
    "CNIC": "pk-cnic", "NICOP": "pk-nicop", "POC": "pk-poc", "CRC": "pk-bform", "PASSPORT": "passport",
    "POR": "pk-por", "ACC": "pk-acc", "ARC": "pk-arc", "OLD_NIC": "pk-old-nic", "OTHER": "other",
}  # fmt: skip
SEXES = {"female": "FEMALE", "male": "MALE", "other": "X", "unknown": "UNKNOWN"}
SEX_WRITTEN = turned(SEXES)
FIXED = {
    "version": "1.0.0", "reg_type": "ns:org:RegistryType:Civil",
    "reg_event_type": "spdci-common:RegistryEventType:LiveBirth", "reg_record_type": "spdci-extensions-dci:Person",
}  # fmt: skip
PARENTS = {"FATHER": ("parent1_identifier", Relation.FATHER), "MOTHER": ("parent2_identifier", Relation.MOTHER)}
_RESPONSE = "/message/search_response/0"
_RECORD = f"{_RESPONSE}/data/reg_records/0"
_OWN = f"{_RECORD}/raabta_extension"
_PLAIN = ("kind", "status", "barcode_number")
_PRECISIONS = {"YEAR": 4, "MONTH": 7, "DAY": 10}


def read(data: bytes) -> Record:
    """Return the record that an answer with one entry is."""
    document, _ = read_json(data)
    header, message = _part(document, "header", ""), _part(document, "message", "")
    if header.get("action") != "on-search" or header.get("status", "succ") not in ("succ", "pdng"):
        raise Untranslatable("UNEXPECTED_VALUE", "/header/action")
    if header.get("is_msg_encrypted", False) is not False:
        raise Untranslatable("DCI_ENCRYPTED", "/header/is_msg_encrypted")
    response = _single(message, "search_response", "/message")
    if response.get("status", "succ") != "succ":
        raise Untranslatable("DCI_BREACH", f"{_RESPONSE}/status")
    entries = _part(response, "data", _RESPONSE)
    for key, value in FIXED.items():
        if entries.get(key, value) != value:
            raise Untranslatable("UNEXPECTED_VALUE", f"{_RESPONSE}/data/{key}")
    record = _single(entries, "reg_records", f"{_RESPONSE}/data")
    own = _part(record, "raabta_extension", _RECORD)
    sender: dict[str, Any] = {"kind": "CIVIL_REG"}
    if "sender_id" in header:
        sender["agency"] = text(header["sender_id"], "/header/sender_id")
    transaction = demanded(message.get("transaction_id"), "/message/transaction_id")
    stamp = demanded(header.get("message_ts"), "/header/message_ts")
    numbers = _numbers(record)
    return built(Record, {
        "message_id": text(transaction, "/message/transaction_id", 99),
        "authored_at": checked(instant, stamp, "/header/message_ts", "INVALID_DATE"), "sender": sender,
        "child": _child(record, own, numbers), "persons": _people(record, own),
        "registration": _registration(record, own, numbers),
    })  # fmt: skip


def _part(node: Any, key: str, at: str) -> dict[str, Any]:
    part = demanded(node.get(key) if isinstance(node, dict) else None, f"{at}/{key}")
    if not isinstance(part, dict):
        raise Untranslatable("WRONG_TYPE", f"{at}/{key}")
    return part


def _single(node: dict[str, Any], key: str, at: str) -> dict[str, Any]:
    items = demanded(node.get(key), f"{at}/{key}")
    if not isinstance(items, list) or not items or not isinstance(items[0], dict):
        raise Untranslatable("WRONG_TYPE", f"{at}/{key}")
    if len(items) > 1:
        raise Untranslatable("REPEATED", f"{at}/{key}/1")
    return items[0]


def _listed(node: dict[str, Any], key: str, at: str) -> list[dict[str, Any]]:
    items = node.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Untranslatable("WRONG_TYPE", f"{at}/{key}")
    return items


def _numbers(record: dict[str, Any]) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for index, item in enumerate(_listed(record, "identifier", _RECORD)):
        at = f"{_RECORD}/identifier/{index}"
        kind = text(item.get("identifier_type"), f"{at}/identifier_type")
        if kind in numbers:
            raise Untranslatable("REPEATED", at)
        form = crms_number if kind == "BRN" else thirteen_digits if kind == "UIN" else str
        numbers[kind] = checked(form, item.get("identifier_value"), f"{at}/identifier_value", "INVALID_IDENTIFIER")
    return numbers


def _child(record: dict[str, Any], own: dict[str, Any], numbers: dict[str, str]) -> dict[str, Any]:
    child: dict[str, Any] = _named(own, "names", "name", _OWN)
    if not child:
        given = text(_part(record, "name", _RECORD).get("given_name"), f"{_RECORD}/name/given_name")
        child["name_ur" if any("\u0600" <= letter <= "\u06ff" for letter in given) else "name"] = given
    if "sex" in record:
        child["sex"] = coded(SEXES, record["sex"], f"{_RECORD}/sex")
    if "birth_date" in record:
        child["birth_date"] = checked(full_date, record["birth_date"], f"{_RECORD}/birth_date", "INVALID_DATE")
    elif "birth_date" in own:
        child["birth_date"] = checked(partial_date, own["birth_date"], f"{_OWN}/birth_date", "INVALID_DATE")
    precision = own.get("birth_date_precision")
    if precision == "ESTIMATED":
        child["birth_date_estimated"] = True
    elif precision is not None and _PRECISIONS.get(precision) != len(child.get("birth_date", "")):
        raise Untranslatable("NADRA_906", f"{_OWN}/birth_date_precision")
    if "UIN" in numbers:
        child["identifiers"] = ({"scheme": "pk-bform", "value": numbers["UIN"]},)
    return child


def _people(record: dict[str, Any], own: dict[str, Any]) -> list[dict[str, Any]]:
    people: dict[str, dict[str, Any]] = {}
    for index, parent in enumerate(_listed(own, "parents", _OWN)):
        at = f"{_OWN}/parents/{index}"
        role = parent.get("role")
        if role not in PARENTS or role in people:
            raise Untranslatable("REPEATED" if role in people else "UNKNOWN_CODE", f"{at}/role")
        key, relation = PARENTS[role]
        person = people[role] = {"relation": relation, **_named(parent, "names", "name", at)}
        for leaf in ("status", "nationality"):
            if leaf in parent:
                person[leaf] = text(parent[leaf], f"{at}/{leaf}")
        if (number := _number(record, parent, key, at)) is not None:
            person["identifiers"] = (number,)
    return [people[role] for role in PARENTS if role in people]


def _number(record: dict[str, Any], parent: dict[str, Any], key: str, at: str) -> dict[str, str] | None:
    """Return a parent's number: of thirteen digits it stands in the record, of another kind beside the parent."""
    if "id_type" not in parent:
        return None
    scheme = coded(ID_TYPES, parent["id_type"], f"{at}/id_type")
    if parent["id_type"] in THIRTEEN_DIGIT_TYPES and key in record:
        holder = _part(record, key, _RECORD)
        value = holder.get("identifier_value")
        return {"scheme": scheme, "value": checked(thirteen_digits, value, f"{_RECORD}/{key}", "INVALID_IDENTIFIER")}
    return {"scheme": scheme, "value": text(parent.get("identifier_value"), f"{at}/identifier_value")}


def _registration(record: dict[str, Any], own: dict[str, Any], numbers: dict[str, str]) -> dict[str, Any]:
    registration: dict[str, Any] = {key: text(own[key], f"{_OWN}/{key}") for key in _PLAIN if key in own}
    if "BRN" in numbers:
        registration["crms_number"] = numbers["BRN"]
    if "registration_date" in record:
        path = f"{_RECORD}/registration_date"
        registration["registered_on"] = checked(full_date, record["registration_date"], path, "INVALID_DATE")
    if "twins" in own:
        registration["twins"] = flag(own["twins"], f"{_OWN}/twins")
    if "office" in own:
        registration["office"] = _office(_part(own, "office", _OWN), f"{_OWN}/office")
    if "applicant" in own:
        registration["applicant"] = _applicant(_part(own, "applicant", _OWN), f"{_OWN}/applicant")
    birthplace: dict[str, Any] = {}
    if "birth_place" in record:
        place = _part(record, "birth_place", _RECORD)
        birthplace["name"] = text(place.get("name"), f"{_RECORD}/birth_place/name")
    if "place_type" in own:
        birthplace["kind"] = text(own["place_type"], f"{_OWN}/place_type")
    if birthplace:
        registration["birthplace"] = birthplace
    return registration


def _office(office: dict[str, Any], at: str) -> dict[str, Any]:
    values = {
        **_named(office, "union_council", "union_council", at),
        **_named(office, "tehsil", "tehsil", at),
        **_named(office, "district", "district", at),
    }
    for key in ("uc_number", "area"):
        if key in office:
            values[key] = text(office[key], f"{at}/{key}")
    return values


def _applicant(applicant: dict[str, Any], at: str) -> dict[str, Any]:
    values: dict[str, Any] = _named(applicant, "names", "name", at)
    if "id_type" in applicant:
        values["id_scheme"] = coded(ID_TYPES, applicant["id_type"], f"{at}/id_type")
    if "identifier_value" in applicant:
        values["id_value"] = text(applicant["identifier_value"], f"{at}/identifier_value")
        if applicant.get("id_type") in THIRTEEN_DIGIT_TYPES:
            checked(thirteen_digits, values["id_value"], f"{at}/identifier_value", "INVALID_IDENTIFIER")
    if "relation" in applicant:
        values["relation"] = text(applicant["relation"], f"{at}/relation")
    return values


def _named(node: dict[str, Any], key: str, leaf: str, at: str) -> dict[str, str]:
    """Return the texts of a list in which each language stands once."""
    values: dict[str, str] = {}
    for index, item in enumerate(_listed(node, key, at)):
        ours = coded({"ur": f"{leaf}_ur", "en": leaf}, item.get("lang"), f"{at}/{key}/{index}/lang")
        if ours in values:
            raise Untranslatable("REPEATED", f"{at}/{key}/{index}")
        values[ours] = text(item.get("value"), f"{at}/{key}/{index}/value")
    return values
