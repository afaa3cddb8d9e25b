"""Hostile and broken DCI messages: typed refusals only, no value repeated (formats/nadra.md 8, cases 20 and 23)."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from typing import Any

import pytest

from mappings.engine.findings import Severity
from tests.mappings.crvs_documents import D4, D5, RECORD, changed, dci, record, refused, tree_of

JUNK: list[Any] = [
    None, 0, -1, True, "", "canary", [], {}, [[]], [{}], [None], {"a": 1}, {"$at": "x"}, "۳", 1e300, "2016-13-40",
    "\u0000", "9" * 50,
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *places(value[key])]]


def mutated(rng: random.Random) -> bytes:
    tree = deepcopy(rng.choice([D4, D5]))
    for _ in range(rng.choice([1, 1, 2, 3])):
        container, key = rng.choice(places(tree) or [({"": ""}, "")])
        kind = rng.randrange(4)
        if kind == 0:
            del container[key]
        elif kind == 1:
            container[key] = deepcopy(rng.choice(JUNK))
        elif kind == 2:
            container[key] = [deepcopy(container[key]), container[key]][rng.randrange(2) :]
        else:
            container[key] = str(container[key])[::-1]
    return json.dumps(tree).encode()


def test_mutated_documents_are_read_or_refused_and_nothing_else() -> None:
    rng = random.Random(2026)  # noqa: S311 - a seed, no secret
    refusals = 0
    for _ in range(3_000):
        findings = dci().validate(mutated(rng))
        refusals += any(finding.severity is Severity.ERROR for finding in findings)
        assert all("canary" not in str(finding.as_json()) for finding in findings)
    assert 300 < refusals < 2_900


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "MALFORMED"),
        (b"[]", "UNKNOWN_DOCUMENT"),
        (b"{}", "UNKNOWN_DOCUMENT"),
        (b'{"message":[{"search_response":[]}]}', "WRONG_TYPE"),
        (b'{"message":"eyJ"}', "WRONG_TYPE"),
        (b'{"header":7,"message":{}}', "WRONG_TYPE"),
        (b'{"message":{"search_request":["x"]}}', "WRONG_TYPE"),
        (b'{"message":{"search_request":[]}}', "UNKNOWN_DOCUMENT"),
        (b'{"message":{"txnstatus_response":{}}}', "UNKNOWN_DOCUMENT"),
    ],
)
def test_what_is_no_message_is_refused(body: bytes, code: str) -> None:
    assert {found for found, _ in refused(body)} == {code}


def test_case_20_a_key_that_stands_twice_is_refused() -> None:
    text = json.dumps(D5).replace('"sex": "female"', '"sex": "female", "sex": "male"')
    assert {code for code, _ in refused(text.encode())} == {"DUPLICATE_KEY"}


@pytest.mark.parametrize("name", ["<b>Misali</b>", "'; DROP TABLE births; --", '{"a":1}', "\u202bنازو\u202c"])
def test_case_23_markup_in_a_name_is_text_both_ways(name: str) -> None:
    def rename(tree: dict[str, Any]) -> None:
        record(tree)["name"]["given_name"] = name
        record(tree)["raabta_extension"]["names"][1]["value"] = name

    data = changed(D5, rename)
    assert tree_of(data)["child"]["name"] == name
    (reading,) = dci().read(data)
    assert tree_of(dci().write(reading.value).value)["child"]["name"] == name


def test_case_23_a_name_of_5000_letters_is_refused_at_its_place() -> None:
    def rename(tree: dict[str, Any]) -> None:
        del record(tree)["raabta_extension"]
        record(tree)["name"]["given_name"] = "x" * 5_000

    assert refused(changed(D5, rename)) == {("INVALID_VALUE", f"{RECORD}/name")}


def test_a_control_character_is_refused() -> None:
    def spoil(tree: dict[str, Any]) -> None:
        record(tree)["birth_place"]["name"] = "Farzi\u0000Hospital"

    assert refused(changed(D5, spoil)) == {("BAD_TEXT", f"{RECORD}/birth_place/name")}
