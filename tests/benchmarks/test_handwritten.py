"""The opponent of the benchmark is fair: it says what the engine says, and refuses what the engine refuses."""

from __future__ import annotations

import json

import pytest

from benchmarks.handwritten.refusing import Untranslatable
from benchmarks.translation.opponents import SLICES, Slice, disagreements, read, values_in
from mappings.engine.errors import Refusal

_NAMES = [one.name for one in SLICES]
_WRONG = {
    "nadra_crms, registration": (b"<GENDER>FEMALE<", b"<GENDER>WOMAN<", "CHILD[1]/GENDER[1]"),
    "nadra_crms, notification": (b"02-11-2019", b"31-11-2019", "CHILD[1]/DATE_OF_BIRTH[1]"),
    "crvs_dci, answer to a search": (b'"sex":"female"', b'"sex":"woman"', "/sex"),
    "police_fir, report": (b">FEMALE<", b">WOMAN<", "Person[1]/PersonSexText[1]"),
    "police_psrms, report": ("عورت".encode(), b"WOMAN", "/sus_gender"),
    "health_fhir, record": (b'"gender":"female"', b'"gender":"woman"', "/gender"),
    "school_sis, enrolment": (b'"sex":"F"', b'"sex":"W"', "/sex"),
    "school_oneroster, roster": (b'"sex":"female"', b'"sex":"woman"', "/sex"),
}
"""For each slice: what stands in it, what is put there instead, and how the place of it ends."""


@pytest.mark.parametrize("one", SLICES, ids=_NAMES)
def test_hand_and_engine_say_the_same(one: Slice) -> None:
    assert disagreements(one) == []


@pytest.mark.parametrize("one", SLICES, ids=_NAMES)
def test_a_slice_is_of_the_size_that_was_agreed(one: Slice) -> None:
    assert 15 <= values_in(read(one.mapping, one.data)) <= 40


@pytest.mark.parametrize("one", SLICES, ids=_NAMES)
def test_hand_refuses_with_a_place_what_the_engine_refuses(one: Slice) -> None:
    right, wrong, place = _WRONG[one.name]
    assert right in one.data
    broken = one.data.replace(right, wrong)
    with pytest.raises(Refusal):
        read(one.mapping, broken)
    with pytest.raises(Untranslatable) as refused:
        one.hand_read(broken)
    assert refused.value.path.endswith(place)
    assert wrong.decode().strip('"<>') not in str(refused.value)


@pytest.mark.parametrize("one", SLICES, ids=_NAMES)
def test_both_read_and_write_a_document_of_their_own(one: Slice) -> None:
    value = read(one.mapping, one.data)
    assert one.hand_read(one.hand_write(value)) == value
    assert read(one.mapping, one.hand_write(value)) == value


@pytest.mark.parametrize("one", [s for s in SLICES if s.file.endswith(".json")], ids=lambda one: one.name)
def test_hand_refuses_a_list_in_place_of_a_document(one: Slice) -> None:
    with pytest.raises(Untranslatable):
        one.hand_read(json.dumps([1]).encode())
