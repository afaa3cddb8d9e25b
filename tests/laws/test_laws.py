"""The laws every mapping keeps, for random values of every document of every folder (design: architecture.md 4)."""

from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis.strategies import SearchStrategy

from gateway.policy import Entitlement
from mappings.engine import laws
from mappings.engine.document import Document
from mappings.engine.domain import Domain
from mappings.engine.errors import Refusal
from mappings.engine.json_reader import read_json
from mappings.engine.mapping import Mapping, Value
from mappings.labels import Node, leaves
from mappings.library import library
from mappings.referral import Record, Referral
from mappings.reply import Reply
from tests.laws import leaf_values
from tests.laws.drawing import drawing, share
from tests.laws.secrecy import entitlements, secret
from tests.laws.strategies import referrals

Law: TypeAlias = Callable[[Mapping, Value], list[str]]

MODELS = {"record": Record, "referral": Referral, "reply": Reply}
FOLDERS = [mapping for mapping in library().values() if mapping.documents]
WRITTEN = [
    pytest.param(mapping, document, id=f"{mapping.format}-{document.name}")
    for mapping in FOLDERS
    for document in mapping.documents
    if document.writes
]
BOTH_WAYS = [case for case in WRITTEN if case.values[1].reads]


def samples(mapping: Mapping, *, fullest: bool) -> list[tuple[str, bytes]]:
    """Return the golden documents of a folder, or its fullest canonical values."""
    folder = resources.files(f"mappings.{mapping.format}").joinpath("samples")
    if not folder.is_dir():
        return []
    files = sorted((f for f in folder.iterdir() if f.is_file()), key=lambda f: f.name)
    return [(f.name, f.read_bytes()) for f in files if f.name.startswith("fullest.") is fullest]


GOLDEN = [
    pytest.param(mapping, data, id=f"{mapping.format}-{name}")
    for mapping in FOLDERS
    for name, data in samples(mapping, fullest=False)
]
FULLEST = [
    pytest.param(mapping, name.split(".")[1], data, id=f"{mapping.format}-{name}")
    for mapping in FOLDERS
    for name, data in samples(mapping, fullest=True)
]


@pytest.mark.timeout(0)  # a thousand values of a folder with one document
@pytest.mark.parametrize(("mapping", "document"), WRITTEN)
def test_laws_1_and_3_to_6_hold_for_random_values(mapping: Mapping, document: Document) -> None:
    drawn: list[Value] = []
    written, withheld = 0, 0

    @drawing(share(mapping))
    @given(referrals(mapping, document), entitlements(mapping.kind))
    def hold(value: Value, entitlement: Entitlement) -> None:
        nonlocal written, withheld
        drawn.append(value)
        found, kept = secret(mapping, value, entitlement)
        withheld += kept
        try:
            made = mapping.document_for(value)
            found += laws.examined(mapping, made, value)
            written += made is document
        except Refusal:
            pass  # no violation; if more than half of the values were refused, nothing would be shown
        assert found == []

    hold()
    assert len(drawn) >= share(mapping)
    assert written * 2 >= len(drawn), f"only {written} of {len(drawn)} values were written"
    assert withheld or document.model is Reply, "no value was ever withheld: law 5 shows nothing"


@pytest.mark.parametrize(("mapping", "data"), GOLDEN)
def test_law_2_a_golden_sample_is_written_again_byte_for_byte(mapping: Mapping, data: bytes) -> None:
    assert laws.stable(mapping, data) == []


@pytest.mark.parametrize(("mapping", "data"), GOLDEN)
def test_law_7_a_golden_sample_is_read_the_short_way(mapping: Mapping, data: bytes) -> None:
    parsed, document = mapping.parse(data)
    for tree in mapping.codec.split(parsed, document.name):
        assert mapping.reader.shortly(tree, document, ()) is not None
        assert laws.tree_read_alike(mapping, tree, document) == []


@pytest.mark.parametrize(("mapping", "name", "data"), FULLEST)
def test_law_7_the_fullest_value_of_a_document_is_written_the_short_way(
    mapping: Mapping, name: str, data: bytes
) -> None:
    tree, _ = read_json(data)
    value = MODELS[tree["type"]].model_validate(tree)
    assert mapping.writer.shortly(value, mapping.document_for(value)) is not None
    assert laws.written_alike(mapping, value) == []


@pytest.mark.parametrize(("mapping", "document"), WRITTEN)
def test_law_6_a_converter_reads_back_what_it_printed(mapping: Mapping, document: Document) -> None:
    known = leaves(document.model)
    for rule, path in Domain(document).rules:
        if path not in known or not rule.two_way or rule.always is not None or rule.theirs[-1].name == ".":
            continue
        converter = document.converters[id(rule)]
        # A number's shape depends on its scheme, which may stand in an enclosing rule: one of the shapes must hold.
        shapes = drawn_of(document.model, path)
        assert any(all(laws.reads_back(converter, value) for value in shape) for shape in shapes), rule.id


@cache
def drawn_of(model: type[Node], path: str) -> list[list[object]]:
    """Return random values of one leaf, those of each shape it may have; drawn once for all formats."""
    return [drawn_from(strategy) for strategy in leaf_values.of_leaf(leaves(model)[path])]


def drawn_from(strategy: SearchStrategy[object]) -> list[object]:
    """Return a few random values."""
    found: list[object] = []

    @drawing(25)
    @given(strategy)
    def take(value: object) -> None:
        found.append(value)

    take()
    return found


@pytest.mark.parametrize(("mapping", "name", "data"), FULLEST)
def test_the_fullest_value_of_a_document_is_written_and_valid(mapping: Mapping, name: str, data: bytes) -> None:
    tree, _ = read_json(data)
    value = MODELS[tree["type"]].model_validate(tree)
    assert mapping.write(value).document == name
    assert laws.valid(mapping, value) == []
    assert laws.round_trip(mapping, value) == []


def test_every_document_that_is_written_has_its_fullest_value() -> None:
    there = {(case.values[0].format, case.values[1]) for case in FULLEST}
    wanted = {(case.values[0].format, case.values[1].name) for case in WRITTEN}
    assert wanted - there == set()
