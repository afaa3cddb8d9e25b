"""The DCI examples of the civil register page (formats/nadra.md 9, D4 and D5), and how to change them. All invented."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.lineage import Translation
from mappings.engine.load import load
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.referral import Record, Referral

RESPONSE = "/message/search_response/0"
RECORD = f"{RESPONSE}/data/reg_records/0"
EXTENSION = f"{RECORD}/raabta_extension"
AT = "2026-01-15T04:30:01Z"
"""An instant, as ``--at`` or intake gives it where the source has none."""

D4: dict[str, Any] = json.loads(
    """{
 "signature": "eyJhbGciOiJSUzI1NiJ9..TEST",
 "header": {
  "version": "1.0.0",
  "message_id": "test-msg-0001",
  "message_ts": "2026-01-15T09:30:00+05:00",
  "action": "search",
  "sender_id": "raabta.test",
  "receiver_id": "crvs.test",
  "total_count": 1,
  "is_msg_encrypted": false
 },
 "message": {
  "transaction_id": "9901003999900000172",
  "search_request": [
   {
    "reference_id": "ref-1",
    "timestamp": "2026-01-15T09:30:00+05:00",
    "search_criteria": {
     "version": "1.0.0",
     "reg_type": "ns:org:RegistryType:Civil",
     "reg_event_type": "spdci-common:RegistryEventType:LiveBirth",
     "query_type": "idtype-value",
     "query": {"type": "BRN", "value": "B999901-16-00017"},
     "pagination": {"page_size": 10, "page_number": 1},
     "authorize": {"ts": "2026-01-15T09:00:00+05:00", "purpose": {
      "code": "CHILD_PROTECTION_REFERRAL", "text": "test", "ref_uri": "https://example.test/purpose"}}
    },
    "locale": "urd"
   }
  ]
 }
}"""
)
D5: dict[str, Any] = json.loads(
    """{
 "signature": "eyJhbGciOiJSUzI1NiJ9..TEST",
 "header": {
  "version": "1.0.0",
  "message_id": "test-msg-0001",
  "message_ts": "2026-01-15T09:30:01+05:00",
  "action": "on-search",
  "status": "succ",
  "total_count": 1,
  "completed_count": 1,
  "sender_id": "crvs.test",
  "receiver_id": "raabta.test"
 },
 "message": {
  "transaction_id": "9901003999900000172",
  "correlation_id": "corr-1",
  "search_response": [
   {
    "reference_id": "ref-1",
    "timestamp": "2026-01-15T09:30:01+05:00",
    "status": "succ",
    "data": {
     "version": "1.0.0",
     "reg_type": "ns:org:RegistryType:Civil",
     "reg_event_type": "spdci-common:RegistryEventType:LiveBirth",
     "reg_record_type": "spdci-extensions-dci:Person",
     "reg_records": [
      {
       "@type": "CRVS_Person",
       "identifier": [
        {"identifier_type": "BRN", "identifier_value": "B999901-16-00017"},
        {"identifier_type": "UIN", "identifier_value": "3999900000134"}
       ],
       "name": {"given_name": "Zarmina Azmaishi", "surname": ""},
       "sex": "female",
       "birth_date": "2016-03-07",
       "birth_place": {"name": "Farzi Test Hospital"},
       "registration_date": "2016-04-11",
       "parent1_identifier": {"identifier_type": "UIN", "identifier_value": "3999900000111"},
       "parent2_identifier": {"identifier_type": "UIN", "identifier_value": "3999900000122"},
       "raabta_extension": {
        "kind": "NORMAL",
        "status": "REGISTERED",
        "birth_date_precision": "DAY",
        "place_type": "HOSPITAL",
        "names": [{"lang": "ur", "value": "زرمینہ آزمائشی"}, {"lang": "en", "value": "Zarmina Azmaishi"}],
        "parents": [
         {"role": "FATHER", "status": "DECLARED", "id_type": "CNIC",
           "names": [{"lang": "ur", "value": "گلریز آزمائشی"}]},
         {"role": "MOTHER", "status": "DECLARED", "id_type": "CNIC",
           "names": [{"lang": "ur", "value": "نازو آزمائشی"}]}
        ]
       }
      }
     ]
    },
    "pagination": {"page_size": 10, "page_number": 1, "total_count": 1},
    "locale": "urd"
   }
  ]
 }
}"""
)


@cache
def dci() -> Mapping:
    """Return the mapping under test."""
    return load("mappings.crvs_dci")


@cache
def crms() -> Mapping:
    """Return the register's other language."""
    return load("mappings.nadra_crms")


Change = Callable[[dict[str, Any]], Any]
REQUEST = "/message/search_request/0"


def changed(document: dict[str, Any], change: Callable[[dict[str, Any]], Any]) -> bytes:
    """Return a document after a change, as bytes."""
    tree = deepcopy(document)
    change(tree)
    return json.dumps(tree, ensure_ascii=False).encode()


def response(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the first search response of an answer."""
    found: dict[str, Any] = tree["message"]["search_response"][0]
    return found


def record(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the first record of an answer."""
    found: dict[str, Any] = response(tree)["data"]["reg_records"][0]
    return found


def without_record(status: str = "succ", reason: str = "", **header: Any) -> bytes:
    """Return D5 as an answer that brings no record."""

    def change(tree: dict[str, Any]) -> None:
        answer = response(tree)
        del answer["data"], answer["pagination"]
        answer["status"] = status
        if reason:
            answer["status_reason_code"] = reason
        tree["header"] |= {"status": status, **header}

    return changed(D5, change)


def read(data: bytes | dict[str, Any]) -> Translation[Value]:
    """Return the one translation of a document."""
    (translation,) = dci().read(data if isinstance(data, bytes) else json.dumps(data).encode())
    return translation


def tree_of(data: bytes | dict[str, Any]) -> dict[str, Any]:
    """Return a document's canonical tree."""
    return canonical(read(data).value)


def warnings(data: bytes) -> list[tuple[str, str]]:
    """Return the code and path of every warning about a document."""
    return [(f.code, f.path) for f in read(data).warnings]


def refused(data: bytes) -> set[tuple[str, str]]:
    """Return the code and path of every finding of a document that is refused."""
    try:
        dci().read(data)
    except Refusal as refusal:
        return {(f.code, f.path) for f in refusal.findings}
    raise AssertionError("the document was read")


def not_written(value: Value) -> set[tuple[str, str, str]]:
    """Return the code, path and leaf of every reason why a value cannot be written."""
    try:
        dci().write(value)
    except Refusal as refusal:
        return {(f.code, f.path, f.ours) for f in refusal.findings}
    raise AssertionError("the value was written")


def written(value: Value) -> dict[str, Any]:
    """Return a value as a DCI message."""
    found: dict[str, Any] = json.loads(dci().write(value).value)
    return found


def dated(value: Value) -> Value:
    """Return a value with the instant a source without one is given."""
    leaf = "at" if value.type == "reply" else "authored_at"
    return value.model_copy(update={leaf: AT})


def entry(**changes: Any) -> Record:
    """Return the record of D5 with top-level sections replaced."""
    return Record.model_validate({**tree_of(D5), **changes})


def lookup(**changes: Any) -> Referral:
    """Return the referral of D4 with top-level sections replaced (None takes one out)."""
    merged = {**tree_of(D4), **changes}
    return Referral.model_validate({key: value for key, value in merged.items() if value is not None})
