"""Police documents for tests: the published examples, and ways to change one thing in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.mapping import Mapping, Value
from mappings.library import library

EXAMPLES = Path(__file__).parent / "police"
SANDBOX = Path(__file__).parents[2] / "conformance" / "sandbox" / "police"


def fir() -> Mapping:
    """Return the XML format."""
    return library()["police_fir"]


def psrms() -> Mapping:
    """Return the JSON format."""
    return library()["police_psrms"]


def example(name: str) -> bytes:
    """Return a published example of formats/police.md E."""
    return (EXAMPLES / name).read_bytes()


def changed(name: str, *pairs: tuple[str, str]) -> bytes:
    """Return an XML example with texts replaced; every text must have been there."""
    text = example(name).decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text.encode()


def patched(name: str, **changes: Any) -> bytes:
    """Return a JSON example with keys replaced; ``None`` takes a key out."""
    tree = {**json.loads(example(name)), **changes}
    return json.dumps({k: v for k, v in tree.items() if v is not None}, ensure_ascii=False).encode()


def read(mapping: Mapping, data: bytes) -> Value:
    """Return the one value of a document."""
    (translation,) = mapping.read(data)
    return translation.value


def refused(mapping: Mapping, data: bytes) -> set[tuple[str, str]]:
    """Return why a document is refused, as (code, path) pairs; empty if it is not."""
    return {(f.code, f.path) for f in mapping.validate(data) if f.severity.value == "error"}


def warned(mapping: Mapping, data: bytes) -> set[tuple[str, str]]:
    """Return the warnings about a document that is read."""
    findings = mapping.validate(data)
    assert not [f for f in findings if f.severity.value == "error"], findings
    return {(f.code, f.path) for f in findings}


def unwritten(mapping: Mapping, value: Value) -> set[tuple[str, str]]:
    """Return why a value is not written, as (code, our path) pairs."""
    try:
        mapping.write(value)
    except Refusal as refusal:
        return {(f.code, f.ours) for f in refusal.findings}
    return set()
