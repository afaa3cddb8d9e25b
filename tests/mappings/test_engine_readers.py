"""Hostile documents (design: reliability.md 2.8): the two readers refuse with a fixed code and never repeat a value."""

from __future__ import annotations

import gzip

import pytest

from mappings.engine.errors import Refusal
from mappings.engine.json_reader import Limits, read_json
from mappings.engine.xml_reader import element_tree, parse_xml, write_xml
from mappings.school_sis.codec import CODEC


def refusal(call: object, data: bytes, *arguments: object) -> tuple[str, str]:
    assert callable(call)
    with pytest.raises(Refusal) as refused:
        call(data, *arguments)
    finding = refused.value.findings[0]
    assert finding.message
    assert finding.message_ur
    return finding.code, finding.path


JSON_HOSTILE = {
    "nan": (b'{"a":NaN}', "BAD_NUMBER"),
    "infinity": (b'{"a":-Infinity}', "BAD_NUMBER"),
    "1e400": (b'{"a":1e400}', "BAD_NUMBER"),
    "minus 1e400": (b'{"a":-1e400}', "BAD_NUMBER"),
    "2**64": (b'{"a":18446744073709551616}', "BAD_NUMBER"),
    "integer of 10,000 digits": (b'{"a":' + b"9" * 10_000 + b"}", "BAD_NUMBER"),
    "lone surrogate": (rb'{"a":"\ud800"}', "BAD_TEXT"),
    "lone surrogate in a key": (rb'{"\udc00":1}', "BAD_TEXT"),
    "surrogates the wrong way round": (rb'{"a":"\udc00\ud800"}', "BAD_TEXT"),
    "duplicate key": (b'{"urgency":"LOW","urgency":"HIGH"}', "DUPLICATE_KEY"),
    "duplicate key by escape": (rb'{"a":1,"\u0061":2}', "DUPLICATE_KEY"),
    "deep arrays": (b"[" * 100_000 + b"]" * 100_000, "TOO_DEEP"),
    "deep objects": (b'{"a":' * 65 + b"1" + b"}" * 65, "TOO_DEEP"),
    "501 items": (b'{"a":[' + b",".join([b"1"] * 501) + b"]}", "TOO_MANY"),
    "50,001 objects": (b"[" + b",".join([b"[" + b",".join([b"{}"] * 400) + b"]"] * 126) + b"]", "TOO_MANY"),
    "50,001 values": (b"[" + b",".join([b"[" + b",".join([b"1"] * 400) + b"]"] * 125) + b"]", "TOO_MANY"),
    "501 keys": (b"{" + b",".join(b'"k%d":1' % n for n in range(501)) + b"}", "TOO_MANY"),
    "utf-16": ('{"a":"زویا"}'.encode("utf-16"), "NOT_UTF8"),
    "utf-16 without mark": ('{"a":1}'.encode("utf-16-le"), "MALFORMED"),
    "latin-1": ('{"a":"é"}'.encode("latin-1"), "NOT_UTF8"),
    "overlong nul": (b'{"a":"\xc0\x80"}', "NOT_UTF8"),
    "encoded surrogate": (b'{"a":"\xed\xa0\x80"}', "NOT_UTF8"),
    "raw newline in a text": (b'{"a":"x\ny"}', "MALFORMED"),
    "gzip": (gzip.compress(b"{}"), "NOT_UTF8"),
    "trailing comma": (b'{"a":1,}', "MALFORMED"),
    "comment": (b'{"a":1}//', "MALFORMED"),
    "two documents": (b"{}{}", "MALFORMED"),
    "single quotes": (b"{'a':1}", "MALFORMED"),
    "empty": (b"", "MALFORMED"),
    "nothing but a mark": (b"\xef\xbb\xbf", "MALFORMED"),
    "cut off": (b'{"a":"x', "MALFORMED"),
    "brackets that never close": (b"[" * 10, "MALFORMED"),
}


@pytest.mark.parametrize("name", JSON_HOSTILE)
def test_hostile_json_is_refused_with_its_code(name: str) -> None:
    data, code = JSON_HOSTILE[name]
    assert refusal(read_json, data)[0] == code


def test_json_larger_than_the_limit_is_refused_before_it_is_parsed() -> None:
    assert refusal(read_json, b'{"a":"' + b"x" * 1_048_576 + b'"}')[0] == "TOO_LARGE"
    assert refusal(read_json, b"{}  ", Limits(octets=3))[0] == "TOO_LARGE"


def test_a_list_of_exactly_the_limit_and_depth_of_exactly_the_limit_are_read() -> None:
    assert len(read_json(b"[" + b",".join([b"1"] * 500) + b"]")[0]) == 500
    value, _ = read_json(b"[" * 64 + b"]" * 64)
    assert isinstance(value, list)


def test_brackets_inside_a_text_are_no_depth() -> None:
    value, _ = read_json(b'{"a":"' + b"[{" * 100 + rb"\"[[" + b'"}')
    assert value["a"].count("[") == 102


def test_a_byte_order_mark_is_read_over_with_a_note() -> None:
    value, warnings = read_json(b'\xef\xbb\xbf{"a":1}')
    assert value == {"a": 1}
    assert [(w.code, w.severity.value) for w in warnings] == [("BYTE_ORDER_MARK", "warning")]


def test_a_pointer_names_the_place_and_never_the_text() -> None:
    assert refusal(read_json, rb'{"a":{"b":[1,"\ud800geheim"]}}') == ("BAD_TEXT", "/a/b/1")


def test_a_pointer_repeats_no_key_that_may_be_somebodys_words() -> None:
    assert refusal(read_json, rb'{"a":{"Farzi Misali, 9":[1,"\ud800geheim"]}}') == ("BAD_TEXT", "/a/?/1")


@pytest.mark.parametrize("data", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_json_that_is_no_object_is_no_document(data: bytes) -> None:
    parsed = CODEC.parse(data, Limits())
    assert not any(key in parsed.tree for key in ("request_id", "student_id"))


BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(b'<!ENTITY lol%d "%s">' % (n, b"&lol%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><lolz>&lol9;</lolz>"
)
XML_HOSTILE = {
    "billion laughs": (BILLION_LAUGHS, "DOCTYPE"),
    "doctype": (b"<!DOCTYPE a><a/>", "DOCTYPE"),
    "doctype in small letters": (b"<!doctype a><a/>", "DOCTYPE"),
    "external entity": (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "DOCTYPE"),
    "parameter entity": (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><a/>', "DOCTYPE"),
    "entity nobody declared": (b"<a>&nobody;</a>", "MALFORMED"),
    "utf-16": ('<?xml version="1.0" encoding="utf-16"?><a>ز</a>'.encode("utf-16"), "NOT_UTF8"),
    "doctype hidden by utf-16": ("<!DOCTYPE a><a/>".encode("utf-16"), "NOT_UTF8"),
    "doctype hidden by utf-7": (b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>', "MALFORMED"),
    "deep": (b"<a>" * 65 + b"</a>" * 65, "TOO_DEEP"),
    "very deep": (b"<a>" * 100_000 + b"</a>" * 100_000, "MALFORMED"),
    "501 children": (b"<a>" + b"<b/>" * 501 + b"</a>", "TOO_MANY"),
    "50,001 elements": (b"<a>" + (b"<b>" + b"<c/>" * 400 + b"</b>") * 125 + b"</a>", "TOO_MANY"),
    "501 attributes": (b"<a " + b" ".join(b'a%d="1"' % n for n in range(501)) + b"/>", "TOO_MANY"),
    "attribute twice": (b'<a b="1" b="2"/>', "MALFORMED"),
    "control character": (b"<a>\x01</a>", "MALFORMED"),
    "control character by number": (b"<a>&#1;</a>", "MALFORMED"),
    "surrogate by number": (b"<a>&#xD800;</a>", "MALFORMED"),
    "two roots": (b"<a/><a/>", "MALFORMED"),
    "prefix nobody bound": (b"<x:a/>", "MALFORMED"),
    "cut off": (b"<a><b>", "MALFORMED"),
    "empty": (b"", "MALFORMED"),
    "json": (b"{}", "MALFORMED"),
}


@pytest.mark.parametrize("name", XML_HOSTILE)
def test_hostile_xml_is_refused_with_its_code(name: str) -> None:
    data, code = XML_HOSTILE[name]
    assert refusal(parse_xml, data)[0] == code


def test_a_declaration_that_lies_about_the_encoding_is_taken_off() -> None:
    element, _ = parse_xml('<?xml version="1.0" encoding="utf-16"?>\n<a>زویا</a>'.encode())
    assert element.text == "زویا"


def test_comments_and_instructions_are_read_over() -> None:
    element, _ = parse_xml(b"<a><!-- geheim --><?geheim x?><b>1</b></a>")
    assert element_tree(element) == {"b": [{"#": "1"}]}


def test_text_between_elements_is_refused() -> None:
    element, _ = parse_xml(b"<a>geheim<b/></a>")
    assert refusal(element_tree, element)[0] == "MALFORMED"  # type: ignore[arg-type]  # an element, not bytes


def test_markup_in_values_is_written_as_text_and_read_back() -> None:
    node = {"@q": "<\"'&\n\t>", "b": [{"#": "<x>&amp;]]>\r"}]}
    element, _ = parse_xml(write_xml("a", node))
    assert element.get("q") == "<\"'&\n\t>"
    assert element[0].text == "<x>&amp;]]>\r"


def test_a_lone_surrogate_is_not_written() -> None:
    with pytest.raises(Refusal) as refused:
        write_xml("a", {"#": "\ud800"})
    assert refused.value.findings[0].code == "BAD_TEXT"
