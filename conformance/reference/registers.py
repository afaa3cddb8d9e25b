"""The second language of a civil register, DCI CRVS, as far as the vectors go: searches are written, answers both ways.

The facts that DCI has no place for stand in an extension (decisions.md section 4).
"""

from __future__ import annotations

from conformance.reference import codes
from conformance.reference.trees import RefusedError, Tree

_RECORD = "message/search_response/0/data/reg_records/0"
SEX = {"MALE": "male", "FEMALE": "female"}
_PARENTS = ("FATHER", "MOTHER")
_KIND = {"reg_type": "ns:org:RegistryType:Civil", "reg_event_type": "spdci-common:RegistryEventType:LiveBirth"}
_AT = "2026-01-15T09:30:01+05:00"


def read_answer(tree: Tree, flaws: frozenset[str]) -> Tree:
    """Read an answer of a register."""
    record = tree["message"]["search_response"][0]["data"]["reg_records"][0]
    more = record["raabta_extension"]
    numbers = [record[f"parent{n}_identifier"]["identifier_value"] for n in (1, 2)]
    if "swaps-guardians-on-reading" in flaws:
        numbers.reverse()
    persons = [
        {"relation": one["role"], "status": one["status"], "name": _spelt(one["names"], "en"),
         "identifiers": [{"scheme": "pk-cnic", "value": number}]}
        for one, number in zip(more["parents"], numbers, strict=True)
    ]  # fmt: skip
    child = {
        "name": _spelt(more["names"], "en"), "name_ur": _spelt(more["names"], "ur"),
        "sex": codes.read(SEX, record["sex"], f"/{_RECORD}/sex", flaws), "birth_date": record["birth_date"],
    }  # fmt: skip
    return {"type": "record", "child": child, "persons": persons, "registration": {"status": more["status"]}}


def _spelt(names: list[Tree], lang: str) -> str | None:
    return next((one["value"] for one in names if one["lang"] == lang), None)


def written(document: Tree, flaws: frozenset[str]) -> Tree:
    """Write a record as an answer, a look-up as a search; raises `RefusedError` for what DCI has no message for."""
    if document["type"] == "record":
        return _message(document, "on-search", "search_response", _answer(document, flaws))
    if document.get("requested", {}).get("action") != "LOOK_UP":
        raise RefusedError(422, "CANNOT_WRITE")
    return _message(document, "search", "search_request", _search(document, flaws))


def _message(document: Tree, action: str, name: str, part: Tree) -> Tree:
    header = {
        "version": "1.0.0", "message_id": f"conf-{action}", "message_ts": _AT, "action": action, "total_count": 1,
        "sender_id": "gateway.example.pk", "is_msg_encrypted": False,
    }  # fmt: skip
    if action == "on-search":
        header["status"] = "succ"
    part = {"reference_id": "conf-reference", "timestamp": _AT, **part, "locale": "urd"}
    return {"header": header, "message": {"transaction_id": document["message_id"], name: [part]}}


def _search(document: Tree, flaws: frozenset[str]) -> Tree:
    numbers = {one["scheme"]: one["value"] for one in document["child"].get("identifiers", [])}
    kind = "UIN" if "asks-by-the-wider-number" in flaws or "pk-crms" not in numbers else "BRN"
    number = numbers.get("pk-crms" if kind == "BRN" else "pk-bform")
    if number is None:
        raise RefusedError(422, "CANNOT_WRITE")
    query = {"type": kind, "value": number}
    text = document["consent"]["basis"]
    if "tells-registers-more" in flaws:
        text = f"{text} {document['child']['name']}"
    purpose = {"code": "CHILD_PROTECTION_REFERRAL", "text": text}
    asked = {"version": "1.0.0", **_KIND, "query_type": "idtype-value", "query": query}
    return {"search_criteria": {**asked, "authorize": {"purpose": purpose}}}


def _answer(document: Tree, flaws: frozenset[str]) -> Tree:
    child, found = document["child"], document["registration"]
    persons = {one["relation"]: one for one in document["persons"]}
    if "parents-as-they-come" in flaws:
        persons = dict(zip(_PARENTS, document["persons"], strict=True))
    uins = [{"identifier_type": "UIN", "identifier_value": one["value"]} for one in child.get("identifiers", [])]
    record = {
        "@type": "CRVS_Person",
        "identifier": [{"identifier_type": "BRN", "identifier_value": found["crms_number"]}, *uins],
        "name": {"given_name": child["name"], "surname": ""}, "sex": codes.written(SEX, child["sex"], flaws),
        "birth_date": child["birth_date"], "registration_date": found["registered_on"],
    }  # fmt: skip
    for n, relation in enumerate(_PARENTS, 1):
        number = persons[relation]["identifiers"][0]["value"]
        record[f"parent{n}_identifier"] = {"identifier_type": "UIN", "identifier_value": number}
    record["raabta_extension"] = {
        "status": found["status"],
        "names": [{"lang": "ur", "value": child.get("name_ur")}, {"lang": "en", "value": child["name"]}],
        "parents": [
            {"role": one, "status": persons[one]["status"], "names": [{"lang": "en", "value": persons[one]["name"]}]}
            for one in _PARENTS
        ],
    }
    data = {"version": "1.0.0", **_KIND, "reg_record_type": "spdci-extensions-dci:Person", "reg_records": [record]}
    return {"status": "succ", "data": data}
