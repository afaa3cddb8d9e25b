"""Asking the register for a child it may know: by one number, and nothing else."""

from __future__ import annotations

import re

import pytest

from tests.mappings.nadra_documents import (
    ROOT,
    lookup,
    not_written,
    read,
    written,
)

BFORM = {"scheme": "pk-bform", "value": "3999900000134"}
CERTIFICATE = {"scheme": "pk-crms", "value": "B999901-16-00017"}


@pytest.mark.parametrize(
    ("identifiers", "keys"),
    [
        ([CERTIFICATE], "<CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER>"),
        ([BFORM], "<CHILD_NUMBER>3999900000134</CHILD_NUMBER>"),
    ],
)
def test_a_lookup_names_the_number_and_nothing_else_of_the_child(identifiers: list[dict[str, str]], keys: str) -> None:
    text = written(lookup(identifiers))
    assert f"{keys}<AREA_NAME>punjab</AREA_NAME>" in text
    assert "NAME>Bilal" not in text
    assert read(text).value.child.identifiers == lookup(identifiers).child.identifiers


def test_a_lookup_takes_the_certificate_number_of_the_entry_if_the_child_has_none() -> None:
    text = written(lookup([], registration={"crms_number": "B999901-16-00017"}))
    assert "<CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER>" in text
    both = written(lookup([CERTIFICATE], registration={"crms_number": "B999901-16-00018"}))
    assert re.findall("<CRMS_NUMBER>(.*?)</CRMS_NUMBER>", both) == ["B999901-16-00017"]


def test_a_lookup_without_a_number_is_refused() -> None:
    assert not_written(lookup([])) == {("MISSING_REQUIRED", f"{ROOT}/REQUEST_DATA[1]/CRMS_NUMBER", "child.identifiers")}
