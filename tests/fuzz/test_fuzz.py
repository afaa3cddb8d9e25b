"""Mutated documents of every format: a typed refusal or a reading, never anything else, and no value echoed.

``RAABTA_FUZZ`` sets the number of documents for each format (200; in CI 5,000). Every document is made from its format
and number alone: ``document("police_fir", 17)`` is the one that failed, whoever asks.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from functools import cache
from random import Random
from typing import TypeVar

import pytest

from mappings.engine import laws
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.mapping import Mapping
from mappings.library import library
from tests.fuzz import canary, seeds
from tests.fuzz.byte_mutations import mutate_bytes, mutate_zip
from tests.fuzz.guard import Hung, watched
from tests.fuzz.json_mutations import mutate_json
from tests.fuzz.xml_mutations import mutate_xml

T = TypeVar("T")
IN_CI = bool(os.environ.get("CI"))
COUNT = int(os.environ.get("RAABTA_FUZZ", "5000" if IN_CI else "200"))
_SHOWN = 20
_APART = 4
"""Every how many documents both ways of reading are gone (law 7): most mutations are refused before either begins."""


@cache
def _seeds(format_id: str) -> list[bytes]:
    return seeds.documents(library()[format_id])


def document(format_id: str, number: int) -> bytes:
    """Return one mutated document of a format."""
    random = Random(f"{format_id}/{number}")  # noqa: S311 - not for keys: the same document for everybody
    data = random.choice(_seeds(format_id))
    if data.startswith(b"PK"):
        return mutate_zip(random, data)
    if random.random() < 0.25:
        return mutate_bytes(random, data)
    mutated = mutate_xml(random, data) if data.lstrip()[:1] == b"<" else mutate_json(random, data)
    return mutate_bytes(random, mutated) if random.random() < 0.05 else mutated


def judge(mapping: Mapping, data: bytes) -> tuple[str, bool]:
    """Return what is wrong with how a document is read and written again (empty: nothing), and whether it was read."""
    if "read" not in mapping.directions:
        findings, wrong = attempt("judging", lambda: mapping.validate(data))
        if not wrong and findings and canary.echoed(repr([finding.as_json() for finding in findings])):
            wrong = "a value stands in a finding"
        return wrong, not findings
    readings, wrong = attempt("reading", lambda: mapping.read(data))
    if wrong or readings is None:
        return wrong, False
    if any(canary.echoed(canary.of_reading(reading)) for reading in readings):
        return "a value stands in the account", True
    for reading in readings[:3]:
        _, wrong = attempt("writing", lambda value=reading.value: mapping.write(value))
        apart, _ = attempt("writing twice", lambda value=reading.value: laws.written_alike(mapping, value))
        if wrong or apart:
            return wrong or apart[0], True
    return "", True


def read_apart(mapping: Mapping, data: bytes) -> str:
    """Return where the short and the long way read an unjudged document differently (empty: nowhere)."""
    try:
        parsed, kind = mapping.parse(data)
        trees = mapping.codec.split(parsed, kind.name)
    except Exception:  # noqa: BLE001 - codecs take apart what was judged; this is not
        return ""
    return next((wrong for tree in trees[:3] for wrong in laws.tree_read_alike(mapping, tree, kind)), "")


def attempt(doing: str, call: Callable[[], T]) -> tuple[T | None, str]:
    """Return what a call returns, or nothing if it refuses; and what is wrong with how it ended."""
    try:
        with watched():
            return call(), ""
    except Refusal as refusal:
        return None, f"a value stands in the refusal ({doing})" if canary.echoed(canary.of_refusal(refusal)) else ""
    except Hung:
        return None, f"{doing} hangs"
    except Exception as error:  # noqa: BLE001 - anything else at all is what is looked for
        return None, _told(doing, error)


def _told(doing: str, error: Exception) -> str:
    """Return where an error nobody foresaw was raised; its own text may hold a value."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""
    return f"{doing} raised {type(error).__name__} in {place}"


@pytest.mark.timeout(0)  # the guard watches every single document
@pytest.mark.parametrize("format_id", sorted(library()))
def test_a_mutated_document_is_read_or_refused_and_never_quoted(format_id: str) -> None:
    mapping = library()[format_id]
    wrong: dict[str, int] = {}
    refused = 0
    for number in range(COUNT):
        data = document(format_id, number)
        what, read = judge(mapping, data)
        if number % _APART == 0 and "read" in mapping.directions:
            what = what or read_apart(mapping, data)
        refused += not read
        if what:
            wrong.setdefault(what, number)
        if len(wrong) >= _SHOWN:
            break
    assert wrong == {}
    assert refused, "mutations that harm nothing look for nothing"


def test_the_same_number_makes_the_same_document() -> None:
    assert document("school_sis", 5) == document("school_sis", 5)
    assert document("school_sis", 5) != document("school_sis", 6)


def test_the_judge_sees_what_it_looks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = library()["school_sis"]

    def quoting(self: Mapping, data: bytes) -> object:
        raise Refusal.of("MALFORMED", f"/{canary.WORD}")

    def failing(self: Mapping, data: bytes) -> object:
        raise KeyError(canary.WORD)

    monkeypatch.setattr(type(mapping), "read", quoting)
    assert judge(mapping, b"{}") == ("a value stands in the refusal (reading)", False)
    monkeypatch.setattr(type(mapping), "read", failing)
    assert judge(mapping, b"{}")[0].startswith("reading raised KeyError in test_fuzz.py")


def test_a_format_that_only_judges_is_judged_by_its_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = library()["fhir_r4"]
    assert judge(mapping, b'{"resourceType": "Patient", "gender": "' + canary.WORD.encode() + b'"}') == ("", False)

    monkeypatch.setattr(type(mapping), "validate", lambda self, data: [Finding("MALFORMED", f"/{canary.WORD}")])
    assert judge(mapping, b"{}") == ("a value stands in a finding", False)


def test_the_guard_ends_what_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.guard.LONGEST", 0.05)
    _, wrong = attempt("counting", lambda: sum(1 for _ in itertools.count()))
    assert wrong == "counting hangs"
