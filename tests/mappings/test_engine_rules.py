"""The rule engine, by small folders: paths, predicates, lists, codes, drops, conditions, mistakes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.engine.errors import MappingMistake, Refusal
from mappings.engine.lineage import How
from mappings.engine.mapping import Mapping, canonical
from mappings.engine.paths import generic, parse
from mappings.referral import Record
from tests.mappings.conftest import MakeFolder


def read(mapping: Mapping, document: object) -> dict[str, Any]:
    (reading,) = mapping.read(json.dumps(document).encode())
    return canonical(reading.value)


def write(mapping: Mapping, **tree: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(mapping.write(Record.model_validate(tree)).value)
    return document


def codes_of(call: Any, *arguments: Any, **named: Any) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as refused:
        call(*arguments, **named)
    return [(f.code, f.path) for f in refused.value.findings]


@pytest.mark.parametrize(
    ("text", "separator", "expected"),
    [
        ("child.name", ".", "child.name"),
        ("persons[relation=FATHER].identifiers[scheme=pk-cnic].value", ".", "persons[].identifiers[].value"),
        ("child.aliases[]", ".", "child.aliases[]"),
        ("A|B/C[@xml:lang=ur]/@x", "/", "A.C[].@x"),
        ("child[!identifiers[scheme=pk-bform]]", ".", "child[]"),
    ],
)
def test_a_path_has_the_generic_form_of_the_leaf_list(text: str, separator: str, expected: str) -> None:
    assert generic(parse(text, separator)) == expected


@pytest.mark.parametrize(
    "text", ["", ".", "child.", "child..name", "child[", "child[a=]", "child]", "child/name", "[a=b]"]
)
def test_what_is_no_path_of_ours_does_not_parse(text: str) -> None:
    with pytest.raises(ValueError, match=r"character|bracket|nothing"):
        parse(text, ".")


def test_a_value_travels_both_ways_under_its_own_name(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "child.name", theirs = "pupil/name" }')()
    assert read(mapping, {"pupil": {"name": "Zoya Farzi"}})["child"] == {"name": "Zoya Farzi"}
    assert write(mapping, child={"name": "Zoya Farzi"}) == {"pupil": {"name": "Zoya Farzi"}}


def test_either_name_is_read_and_the_first_is_written(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "child.name", theirs = "name|full_name" }')()
    assert read(mapping, {"full_name": "Zoya"})["child"]["name"] == "Zoya"
    assert write(mapping, child={"name": "Zoya"}) == {"name": "Zoya"}


def test_a_single_value_that_stands_twice_is_refused(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "child.name", theirs = "names" }')()
    assert codes_of(read, mapping, {"names": ["Zoya", "Sajan"]}) == [("REPEATED", "/names/1")]


def test_a_list_of_plain_values_keeps_its_order(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "child.aliases[]", theirs = "also[]" }')()
    assert read(mapping, {"also": ["Zed", "Zoi"]})["child"]["aliases"] == ["Zed", "Zoi"]
    assert write(mapping, child={"aliases": ["Zed", "Zoi"]}) == {"also": ["Zed", "Zoi"]}


def test_a_predicate_selects_on_reading_and_is_made_true_on_writing(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "persons[relation=FATHER].name", theirs = "people[part=father]/name" }')()
    people = [{"part": "mother", "name": "Sakina"}, {"part": "father", "name": "Aslam"}]
    (reading,) = mapping.read(json.dumps({"people": people}).encode())
    assert canonical(reading.value)["persons"] == [{"relation": "FATHER", "name": "Aslam"}]
    assert set(reading.leftover) == {"/people/0/part", "/people/0/name"}
    assert write(mapping, persons=[{"relation": "FATHER", "name": "Aslam"}]) == {
        "people": [{"part": "father", "name": "Aslam"}]
    }


def test_membership_of_a_list_is_a_predicate_too(folder: MakeFolder) -> None:
    mapping = folder(
        '{ each = "persons[roles[]=WITNESS]", theirs = "witnesses[]", rules = [\n'
        '  { id = "P1", ours = "name", theirs = "n" } ] }'
    )()
    assert read(mapping, {"witnesses": [{"n": "Sakina"}]})["persons"] == [{"roles": ["WITNESS"], "name": "Sakina"}]
    people = [{"roles": ["GUARDIAN", "WITNESS"], "name": "Sakina"}, {"roles": ["GUARDIAN"], "name": "Aslam"}]
    assert write(mapping, persons=people) == {"witnesses": [{"n": "Sakina"}]}


def test_an_item_one_each_has_taken_is_not_offered_to_the_next(folder: MakeFolder) -> None:
    mapping = folder(
        '{ each = "persons[relation=FATHER]", theirs = "father", rules = [\n'
        '  { id = "P1", ours = "name", theirs = "n" } ] },\n'
        '{ each = "persons[]", theirs = "others[]", rules = [ { id = "P2", ours = "name", theirs = "n" } ] }'
    )()
    people = [{"relation": "FATHER", "name": "Aslam"}, {"relation": "FATHER", "name": "Akram"}, {"name": "Sakina"}]
    assert write(mapping, persons=people) == {"father": {"n": "Aslam"}, "others": [{"n": "Akram"}, {"n": "Sakina"}]}


def test_an_item_of_which_nothing_can_be_said_is_not_written(folder: MakeFolder) -> None:
    mapping = folder(
        '{ each = "persons[]", theirs = "people[]", rules = [ { id = "P1", ours = "name", theirs = "n" } ] }'
    )()
    written = mapping.write(Record.model_validate({"persons": [{"phone": "0399 1234567"}], "child": {"name": "Z"}}))
    assert json.loads(written.value) == {}
    assert {drop.path for drop in written.dropped} == {"persons[0].phone", "child.name"}


CODES = """
[codes.sex]
FEMALE = ["F", "female"]
MALE = ["M"]
[coarse.sex]
X = "M"
"""


def test_the_first_code_is_written_and_every_code_is_read(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "child.sex", theirs = "sex", as = "code(sex)" }', head=CODES)()
    assert [read(mapping, {"sex": code})["child"]["sex"] for code in ("F", "female", "M")] == [
        "FEMALE",
        "FEMALE",
        "MALE",
    ]
    assert write(mapping, child={"sex": "FEMALE"}) == {"sex": "F"}


@pytest.mark.parametrize("code", ["f", "", "X", "FEMALE"])
def test_an_unknown_code_is_refused_at_its_place(folder: MakeFolder, code: str) -> None:
    mapping = folder('{ id = "P1", ours = "child.sex", theirs = "sex", as = "code(sex)" }', head=CODES)()
    assert codes_of(read, mapping, {"sex": code}) == [("UNKNOWN_CODE", "/sex")]


def test_a_value_without_a_code_is_refused_and_a_coarse_one_is_reported(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "child.sex", theirs = "sex", as = "code(sex)" }', head=CODES)()
    assert codes_of(write, mapping, child={"sex": "UNKNOWN"}) == [("UNMAPPED_CODE", "/sex")]
    (line,) = mapping.write(Record.model_validate({"child": {"sex": "X"}})).lines
    assert line.how is How.COARSENED


def test_a_constant_is_written_and_demanded(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", theirs = "version", always = "1", need = true }')()
    assert write(mapping, child={"name": "Z"}) == {"version": "1"}
    assert codes_of(read, mapping, {"version": "2"}) == [("UNEXPECTED_VALUE", "/version")]
    assert codes_of(read, mapping, {"other": "2"}) == [("MISSING_REQUIRED", "/version")]


def test_a_needed_value_is_refused_by_both_names_or_marked_as_partial(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "child.name", theirs = "pupil/name", need = true }')()
    with pytest.raises(Refusal) as refused:
        mapping.write(Record())
    (finding,) = refused.value.findings
    assert (finding.code, finding.path, finding.ours) == ("MISSING_REQUIRED", "/pupil/name", "child.name")
    assert mapping.write(Record(), allow_partial=True).complete is False


def test_a_rule_with_unless_is_skipped_when_the_path_leads_somewhere(folder: MakeFolder) -> None:
    rule = '{ id = "P1", ours = "child.name", theirs = "name", unless = ["child.name_ur", "persons[relation=FATHER]"] }'
    mapping = folder(rule)()
    assert write(mapping, child={"name": "Z"}) == {"name": "Z"}
    assert write(mapping, child={"name": "Z", "name_ur": "ز"}) == {}
    assert write(mapping, child={"name": "Z"}, persons=[{"relation": "FATHER"}]) == {}
    assert read(mapping, {"name": "Z"})["child"]["name"] == "Z"


def test_what_no_rule_reads_is_left_over_by_its_pointer(folder: MakeFolder) -> None:
    mapping = folder('{ id = "P1", ours = "child.name", theirs = "name" }')()
    (reading,) = mapping.read(b'{"name":"Z","x/y":{"z~":[1,{"a":2}]}}')
    assert reading.leftover == ("/x~1y/z~0/0", "/x~1y/z~0/1/a")


def test_every_value_is_a_line_or_a_drop_with_its_reason(folder: MakeFolder) -> None:
    mapping = folder(
        '{ id = "P1", ours = "child.name", theirs = "name" }',
        rest='[drops]\n"child.sex" = "No sex here."\n"*" = "Other."\n',
    )()
    written = mapping.write(Record.model_validate({"child": {"name": "Z", "sex": "X", "name_ur": "ز"}}))
    assert [(line.rule, line.ours, line.theirs) for line in written.lines] == [("P1", "child.name", "/name")]
    assert {(d.path, d.reason) for d in written.dropped} == {("child.sex", "No sex here."), ("child.name_ur", "Other.")}


def test_an_xml_folder_reads_attributes_texts_and_languages(folder: MakeFolder) -> None:
    mapping = folder(
        '{ id = "P1", ours = "child.name", theirs = "NAME[@xml:lang=en]" },\n'
        '{ id = "P2", ours = "child.name_ur", theirs = "NAME[@xml:lang=ur]" },\n'
        '{ id = "P3", ours = "child.unknown", theirs = "@unknown" }',
        syntax="xml",
    )()
    document = '<paper unknown="false"><NAME xml:lang="en">Zoya &lt;F&gt;</NAME><NAME xml:lang="ur">زویا</NAME></paper>'
    (reading,) = mapping.read(document.encode())
    assert canonical(reading.value)["child"] == {"name": "Zoya <F>", "name_ur": "زویا", "unknown": False}
    again = mapping.write(reading.value).value
    assert "&lt;F&gt;" in again.decode()
    assert mapping.read(again)[0].value == reading.value


SEX = '{ id = "P1", ours = "child.sex", theirs = "s", as = "code(sex)" }'
MISTAKES = [
    ('{ id = "P1", ours = "child.names", theirs = "name" }', "", "did you mean"),
    ('{ id = "P1", ours = "child.name", theirs = "name", as = "magic" }', "", "converter 'magic' is unknown"),
    ('{ id = "P1", ours = "child.name", theirs = "a" },\n{ id = "P1", ours = "child.sex", theirs = "b" }', "", "twice"),
    ('{ id = "P1", ours = "child.name", theirs = "name", iff = "x" }', "", "unknown key 'iff'"),
    ('{ id = "P1", ours = "child.name" }', "", "relates"),
    ('{ id = "P1", ours = "child.name", theirs = "name", only = "read" }', "", "needs 'why'"),
    ('{ id = "P1", ours = "child.name", theirs = "name", only = "both", why = "x" }', "", "'read' or 'write'"),
    ('{ id = "P1", ours = "child[", theirs = "name" }', "", "bracket"),
    (SEX, '[codes.sex]\nMALE = ["M"]\nFEMALE = ["M"]\n', "means"),
    (SEX, '[codes.sex]\nMALE = ["M"]\n[coarse.sex]\nX = "Q"\n', "needs"),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "head", "says"), MISTAKES)
def test_a_mistake_names_file_and_line_and_what_is_wrong(folder: MakeFolder, rules: str, head: str, says: str) -> None:
    with pytest.raises(MappingMistake, match=says) as mistake:
        folder(rules, head=head)()
    assert mistake.value.file.endswith("mapping.toml" if head else "paper.toml")
    assert mistake.value.line > 0


def test_a_leaf_that_is_neither_mapped_nor_dropped_stops_the_load(folder: MakeFolder) -> None:
    with pytest.raises(MappingMistake, match="neither mapped nor dropped"):
        folder('{ id = "P1", ours = "child.name", theirs = "name" }', rest='[drops]\n"child.*" = "x"\n')()


def test_a_file_that_is_no_toml_is_a_mistake(folder: MakeFolder) -> None:
    with pytest.raises(MappingMistake):
        folder('{ id = "P1" ours = }')()


def test_the_digest_changes_with_the_rules(folder: MakeFolder) -> None:
    first = folder('{ id = "P1", ours = "child.name", theirs = "name" }')()
    second = folder('{ id = "P1", ours = "child.name", theirs = "nome" }')()
    assert first.digest != second.digest
    assert len(first.digest) == 64
