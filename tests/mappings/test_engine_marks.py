"""A sender's own keys never pass for the marks codecs set in a tree: `$at`, say, which names a place in the account."""

import json
from importlib import resources
from typing import Any

import pytest

from mappings.engine.errors import Refusal
from mappings.engine.mapping import Mapping
from mappings.library import library
from tests.fuzz import canary

MARKS = ("$at", "$root", "$list", "$fir", "$roster", "$legal", "$number", "$report", "$other")
SAMPLES = [
    pytest.param(mapping, file.read_bytes(), id=f"{name}-{file.name}")
    for name, mapping in library().items()
    if mapping.documents and (folder := resources.files(f"mappings.{name}").joinpath("samples")).is_dir()
    for file in sorted(folder.iterdir(), key=lambda each: each.name)
    if file.name.endswith(".json") and not file.name.startswith("fullest.")
]


def marked(value: Any, mark: str) -> Any:
    """Return a document whose every object has one more key."""
    if isinstance(value, dict):
        return {key: marked(item, mark) for key, item in value.items()} | {mark: canary.WORD}
    return [marked(item, mark) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("escaped", [False, True], ids=["plain", "escaped"])
@pytest.mark.parametrize(("mapping", "data"), SAMPLES)
def test_a_senders_key_is_no_mark(mapping: Mapping, data: bytes, escaped: bool) -> None:
    meant = [reading.value for reading in mapping.read(data)]
    for mark in MARKS:
        sent = json.dumps(marked(json.loads(data), mark)).encode()
        try:
            read = mapping.read(sent.replace(b'"$', b'"\\u0024') if escaped else sent)
        except Refusal as refusal:
            said, read = canary.of_refusal(refusal), ()
        else:
            said = "".join(canary.of_reading(reading) for reading in read)
            assert [reading.value for reading in read] == meant, mark
        assert not canary.echoed(said), mark


def test_what_a_sender_calls_by_a_mark_is_left_over() -> None:
    reading = next(
        mapping.read(json.dumps(marked(json.loads(data), "$at")).encode())
        for mapping, data in (case.values for case in SAMPLES)
        if mapping.format == "police_psrms"
    )[0]

    assert [each for each in reading.report()["leftover"] if "?" in str(each)]
