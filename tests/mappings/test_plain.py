"""A canonical value as a plain tree: what pydantic would have made of it, whatever the value."""

from importlib import resources

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.canonical import printed
from mappings.concern import Risk
from mappings.engine.mapping import Value, canonical
from mappings.labels import Node
from mappings.library import library
from mappings.people import Child
from mappings.plain import plain
from mappings.referral import Record, Referral
from mappings.reply import Reply
from tests.laws.strategies import referrals

MODELS = {"record": Record, "referral": Referral, "reply": Reply}
WRITTEN = [(mapping, document) for mapping in library().values() for document in mapping.documents if document.writes]
FULLEST = [
    file.read_bytes()
    for mapping in {mapping.format: mapping for mapping, _ in WRITTEN}.values()
    for file in resources.files(f"mappings.{mapping.format}").joinpath("samples").iterdir()
    if file.name.startswith("fullest.")
]


def as_pydantic_has_it(value: Value) -> dict[str, object]:
    return {"type": value.type, **value.model_dump(mode="json", exclude_defaults=True)}


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=st.sampled_from(WRITTEN).flatmap(lambda case: referrals(*case)))
def test_any_value_is_the_tree_that_pydantic_makes_of_it(value: Value) -> None:
    expected = as_pydantic_has_it(value)
    assert canonical(value) == expected
    assert list(canonical(value)) == list(expected)
    assert orjson.loads(printed(value)) == orjson.loads(value.model_dump_json(exclude_defaults=True)) | {
        "type": value.type
    }


@pytest.mark.parametrize("data", FULLEST)
def test_the_fullest_value_of_each_format_is_too(data: bytes) -> None:
    tree = orjson.loads(data)
    value = MODELS[tree["type"]].model_validate(tree)
    assert canonical(value) == as_pydantic_has_it(value)


@pytest.mark.parametrize(
    "value",
    [
        Referral(),
        Referral(child=Child()),
        Referral(child=Child(), risk=Risk()),
        Record(child=Child(name="Farzi Bachi")),
        Record(persons=()),
        Reply(),
    ],
)
def test_empty_parts_are_told_where_their_default_is_nothing_and_not_where_they_are_always_there(value: Value) -> None:
    assert canonical(value) == as_pydantic_has_it(value)


def test_what_was_put_in_afterwards_keeps_its_place() -> None:
    value = Referral(message_id="m-1", child=Child(name="Farzi")).model_copy(update={"received_at": "2026-03-01"})
    assert list(plain(value)) == ["type", "message_id", "received_at", "child"]


def test_a_kind_of_value_nobody_foresaw_is_not_guessed() -> None:
    class Odd(Node):
        what: object = None

    with pytest.raises(TypeError, match="knows no bytes"):
        plain(Odd(what=b"x"))
