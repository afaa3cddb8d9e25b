"""The part of FHIRPath in which R4 writes its constraints: grammar, three-valued logic, choices, dates."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.fhir_r4.fhirpath.evaluate import Scope, compiled, holds
from mappings.fhir_r4.fhirpath.syntax import Unsupported, parse

THING: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "valueQuantity": {"value": 5, "code": "kg"},
    "_issued": {"extension": [{"url": "urn:x", "valueCode": "y"}]},
    "code": {"coding": [{"system": "a", "code": "1"}, {"system": "b", "code": "2"}], "text": "Ali's"},
    "component": [{"code": {"text": "x"}, "component": [{"code": {"text": "y"}}]}],
    "flag": False,
    "contains": [{"code": "z"}],
}


def value(text: str) -> list[Any]:
    return compiled(text)(Scope(THING, THING, THING), [THING])


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("status", ["final"]),
        ("Observation.status", ["final"]),
        ("Patient.status", []),
        ("value.value", [5]),
        ("value.exists() and status = 'final'", [True]),
        ("issued.exists()", [True]),
        ("issued.hasValue()", [False]),
        ("status.hasValue()", [True]),
        ("code.coding.code", ["1", "2"]),
        ("code.coding[1].code", ["2"]),
        ("code.coding.where(system = 'b').code", ["2"]),
        ("code.coding.all(code.exists())", [True]),
        ("code.coding.select(system & code)", ["a1", "b2"]),
        ("code.coding.select(system).isDistinct()", [True]),
        ("code.coding.first().code | code.coding.tail().code | '1'", ["1", "2"]),
        ("code.text = 'Ali\\'s'", [True]),
        ("component.code.text", ["x"]),
        ("descendants().code.text", ["x", "y"]),
        ("contains.code", ["z"]),
        ("code.coding.code contains '2'", [True]),
        ("'2' in code.coding.code", [True]),
        ("status in ('draft' | 'final')", [True]),
        ("missing = 1", []),
        ("missing = 1 or true", [True]),
        ("missing = 1 and false", [False]),
        ("missing = 1 implies false", []),
        ("false implies missing", [True]),
        ("true xor false", [True]),
        ("flag.not()", [True]),
        ("missing.not()", []),
        ("value.value > 4.5 and value.value <= 5", [True]),
        ("1 + 2 - 4", [-1]),
        ("'12'.toInteger() = 12", [True]),
        ("'x'.toInteger()", []),
        ("'abc'.matches('^a') and 'abc'.startsWith('ab') and 'abc'.endsWith('c')", [True]),
        ("'abc'.substring(1)", ["bc"]),
        ("'a.b'.replaceMatches('\\\\..*', '')", ["a"]),
        ("'abc'.contains('b')", [True]),
        ("iif(status = 'final', 1, 2)", [1]),
        ("flag is Boolean", [True]),
        ("status is Boolean", [False]),
        ("$this.is(Observation)", [True]),
        ("code.coding.code.intersect('2' | '3')", ["2"]),
        ("code.coding.count()", [2]),
        ("{}.empty()", [True]),
        ("%resource.status & %context.status", ["finalfinal"]),
        ("%ucum.exists()", [True]),
    ],
)
def test_an_expression_means_what_fhirpath_says(text: str, result: list[Any]) -> None:
    assert value(text) == result


@pytest.mark.parametrize(
    ("start", "end", "good"),
    [
        ("2026", "2027", True),
        ("2027", "2026", False),
        ("2026", "2026-05", True),
        ("2026-05-02", "2026-05-01", False),
        ("2026-05-01T00:00:00Z", "2026-05-01T04:59:59+05:00", False),
        ("2026-05-01T00:00:00Z", "2026-05-01T05:00:01+05:00", True),
        ("2026-05-01T00:00:00.5Z", "2026-05-01T00:00:00.123456789Z", False),
    ],
)
def test_dates_are_compared_as_far_as_both_are_precise(start: str, end: str, good: bool) -> None:
    period = {"start": start, "end": end}
    assert holds("start <= end", Scope(period, period, period)) is good


def test_amounts_of_different_units_are_not_compared() -> None:
    thing = {"low": {"value": 2, "unit": "kg"}, "high": {"value": 1, "unit": "g"}}
    assert holds("low <= high", Scope(thing, thing, thing))


def test_true_is_not_one() -> None:
    thing = {"a": True, "b": 1}
    assert not holds("a = b", Scope(thing, thing, thing))


@pytest.mark.parametrize("text", ["", "a.", "a b", "(a", "a ~ b", "f(", "a.f(1,", "%unknown", "a.unknown()", "#"])
def test_what_is_not_understood_says_so(text: str) -> None:
    with pytest.raises(Unsupported):
        compiled(text)


def test_operators_bind_as_the_grammar_says() -> None:
    assert parse("a or b and c") == parse("a or (b and c)")
    assert parse("a and b = c") == parse("a and (b = c)")
    assert parse("a implies b or c") == parse("a implies (b or c)")
    assert parse("a | b = c") == parse("(a | b) = c")
