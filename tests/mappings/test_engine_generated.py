"""The source made from rules: it reads what looks as it should, gives up on the rest, and can be looked at."""

from __future__ import annotations

import json
import traceback
from dataclasses import replace
from typing import Any

import pytest

from mappings.engine import laws
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping
from mappings.engine.reading import Reader
from mappings.engine.writing import Writer
from mappings.referral import Record
from tests.mappings.conftest import MakeFolder
from tests.mappings.test_engine_rules import codes_of, read

RULES = """
{ id = "P1", ours = "child.name", theirs = "pupil/name[use=official]/text", need = true },
{ id = "P2", ours = "child.aliases[]", theirs = "pupil/name[][use=nickname]/text" },
{ id = "P3", ours = "child.identifiers[scheme=pk-bform].value", theirs = "pupil/b_form|number", as = "digits13" },
{ each = "persons[relation=FATHER]", theirs = "pupil/father", rules = [
  { id = "F1", ours = "name", theirs = "name" },
  { each = "identifiers[]", theirs = "ids[]", rules = [
    { id = "F2", ours = "scheme", theirs = "system" },
    { id = "F3", ours = "value", theirs = "value" } ] } ] },"""
PUPIL: dict[str, Any] = {
    "name": [{"use": "nickname", "text": "Zoo"}, {"use": "official", "text": "Zoya Farzi"}],
    "number": "39999-0000000-1",
    "father": {"name": "Farzi Khan", "ids": [{"system": "pk-cnic", "value": "39999-0000001-1"}]},
    "shoe_size": 31,
}


@pytest.fixture
def mapping(folder: MakeFolder) -> Mapping:
    return folder(RULES)()


def shortly(mapping: Mapping, document: object) -> Translation[Any] | None:
    parsed, paper = mapping.parse(json.dumps(document).encode())
    return mapping.reader.shortly(parsed.tree, paper, ())


def changed(**pupil: Any) -> dict[str, Any]:
    return {"pupil": {key: value for key, value in {**PUPIL, **pupil}.items() if value is not None}}


def test_a_document_as_it_should_be_is_read_shortly_with_its_account(mapping: Mapping) -> None:
    reading = shortly(mapping, changed())

    assert reading is not None
    assert reading.value.model_dump(exclude_unset=True, mode="json") == {
        "child": {
            "name": "Zoya Farzi",
            "aliases": ["Zoo"],
            "identifiers": [{"scheme": "pk-bform", "value": "3999900000001"}],
        },
        "persons": [
            {
                "relation": "FATHER",
                "name": "Farzi Khan",
                "identifiers": [{"scheme": "pk-cnic", "value": "3999900000011"}],
            }
        ],
    }
    assert reading.leftover == ("/pupil/shoe_size",)
    assert {line.rule for line in reading.lines} == {"P1", "P2", "P3", "F1", "F2", "F3", "each"}


@pytest.mark.parametrize(
    ("pupil", "codes"),
    [
        (
            {"name": [{"use": "official", "text": "Z"}, {"use": "official", "text": "Y"}]},
            {"REPEATED", "MISSING_REQUIRED"},
        ),
        ({"name": None}, {"MISSING_REQUIRED"}),
        ({"name": [{"use": "official", "text": 5}]}, {"WRONG_TYPE"}),
        ({"name": [{"use": "official", "text": "\u0007"}]}, {"BAD_TEXT"}),
        ({"b_form": "39999-0000000-1"}, {"REPEATED"}),
        ({"number": "39999"}, {"INVALID_IDENTIFIER"}),
        ({"father": [PUPIL["father"], PUPIL["father"]]}, {"REPEATED"}),
        ({"father": {"name": "x" * 201}}, {"INVALID_VALUE"}),
    ],
)
def test_what_is_wrong_is_said_by_the_long_way(mapping: Mapping, pupil: dict[str, Any], codes: set[str]) -> None:
    assert shortly(mapping, changed(**pupil)) is None
    assert {code for code, _ in codes_of(read, mapping, changed(**pupil))} == codes


@pytest.mark.parametrize(
    "pupil",
    [
        {"father": [PUPIL["father"]]},
        {"father": {"name": None, "ids": [{"system": None}]}},
        {"father": {}},
        {"name": {"use": "official", "text": "Zoya Farzi"}},
        {"name": [{"use": ["official"], "text": "Zoya Farzi"}]},
        {"number": ["39999-0000000-1"]},
        {"father": {"ids": {"system": "pk-cnic", "value": "39999-0000001-1"}}},
    ],
)
def test_odd_but_sound_documents_are_read_alike(mapping: Mapping, pupil: dict[str, Any]) -> None:
    data = json.dumps(changed(**pupil)).encode()

    assert mapping.read(data)
    assert laws.read_alike(mapping, data) == []


def test_the_law_sees_when_the_two_ways_part(mapping: Mapping, monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(changed()).encode()
    at_length = Reader.at_length

    def other(self: Reader, *arguments: Any) -> Translation[Any]:
        return replace(at_length(self, *arguments), value=Record(), leftover=(), warnings=())

    monkeypatch.setattr(Reader, "at_length", other)
    assert laws.read_alike(mapping, data) == [
        "another value when read shortly",
        "other leftovers when read shortly",
    ]


PUPIL_OF_OURS: dict[str, Any] = {
    "child": {
        "name": "Zoya Farzi",
        "aliases": ["Zoo", "Zo"],
        "identifiers": [
            {"scheme": "hospital-mrn", "value": "MR-1"},
            {"scheme": "pk-bform", "value": "3999900000001"},
        ],
    },
    "persons": [
        {"relation": "MOTHER", "name": "Farzi Bibi"},
        {"relation": "FATHER", "name": "Farzi Khan", "identifiers": [{"scheme": "pk-cnic", "value": "3999900000011"}]},
        {"relation": "FATHER", "name": "Farzi Azmaishi"},
    ],
}


def test_a_value_is_written_shortly_with_its_account(mapping: Mapping) -> None:
    value = Record.model_validate(PUPIL_OF_OURS)
    written = mapping.writer.shortly(value, mapping.documents[0])

    assert written is not None
    assert json.loads(written.value) == {
        "pupil": {
            "name": [
                {"use": "official", "text": "Zoya Farzi"},
                {"use": "nickname", "text": "Zoo"},
                {"use": "nickname", "text": "Zo"},
            ],
            "b_form": "3999900000001",
            "father": {"name": "Farzi Khan", "ids": [{"system": "pk-cnic", "value": "3999900000011"}]},
        }
    }
    assert [drop.path for drop in written.dropped] == [
        "child.identifiers[0].scheme", "child.identifiers[0].value", "persons[0].relation", "persons[0].name",
        "persons[2].relation", "persons[2].name",
    ]  # fmt: skip
    assert written.carried == 9
    assert laws.written_alike(mapping, value) == []


def test_what_cannot_be_written_is_said_by_the_long_way(mapping: Mapping) -> None:
    value = Record.model_validate({"child": {"aliases": ["Zoo"]}})

    assert mapping.writer.shortly(value, mapping.documents[0]) is None
    assert codes_of(mapping.write, value) == [("MISSING_REQUIRED", "/pupil/name/text")]


def test_a_leaf_that_nobody_allowed_to_be_left_out_is_not_left_out(folder: MakeFolder) -> None:
    mapping = folder(
        """{ id = "P1", ours = "child.name", theirs = "name", unless = "child.sex" },
        { id = "P2", ours = "child.sex", theirs = "sex" }""",
        rest='[drops]\n"child.[!n]*" = "Not here."\n"[!c]*" = "Not here."\n"child.name_ur" = "No."\n'
        '"child.nationality" = "No."\n"clinical.*" = "No."\n"concern.*" = "No."\n"consent.*" = "No."',
    )()

    assert json.loads(mapping.draft(Record.model_validate({"child": {"name": "Zoya"}})).value) == {"name": "Zoya"}
    value = Record.model_validate({"child": {"name": "Zoya", "sex": "FEMALE"}})
    assert mapping.writer.shortly(value, mapping.documents[0]) is None
    assert codes_of(mapping.draft, value) == [("UNACCOUNTED", "")]


def test_the_law_sees_when_the_two_ways_of_writing_part(mapping: Mapping, monkeypatch: pytest.MonkeyPatch) -> None:
    at_length = Writer.at_length

    def other(self: Writer, *arguments: Any, **named: Any) -> Translation[bytes]:
        return replace(at_length(self, *arguments, **named), value=b"{}", dropped=(), written=())

    monkeypatch.setattr(Writer, "at_length", other)
    assert laws.written_alike(mapping, Record.model_validate(PUPIL_OF_OURS)) == [
        "another document when written shortly",
        "other drops when written shortly",
        "other values when written shortly",
    ]


def test_a_rule_without_generated_code_is_read_at_length(folder: MakeFolder) -> None:
    mapping = folder(
        """{ each = "persons[relation=FATHER].identifiers[]", theirs = "ids[]", rules = [
        { id = "F2", ours = "scheme", theirs = "system" }, { id = "F3", ours = "value", theirs = "value" } ] }"""
    )()

    document = {"ids": [{"system": "pk-cnic", "value": "39999-0000001-1"}]}
    assert mapping.documents[0].generated.reading.source == ""
    assert read(mapping, document)["persons"][0]["relation"] == "FATHER"


def test_a_traceback_shows_the_generated_line(mapping: Mapping, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shortly(mapping, changed()) is not None
    run = mapping.documents[0].generated.reading.run
    with pytest.raises(AttributeError) as raised:
        run(None, {}, [].append, None)

    assert ".get('pupil')" in "".join(traceback.format_exception(raised.value))
