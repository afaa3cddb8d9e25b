"""Mutated and very long resources: findings only, never a failure."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from mappings.engine.findings import Finding
from mappings.fhir_r4.mapping import r4_mapping
from tests.mappings.fhir_r4_documents import Json, document, entry, narrative, observation, patient
from tests.mappings.health_documents import declined, referral

MUTANTS = 1500
MANY = 1990
JUNK: list[Any] = [
    None, "", 0, -1, 1.5, True, [], {}, "x", ["x"], {"x": 1}, [[]], "http://a b", "urn:uuid:1", "#", "#x", "Patient/1",
    {"reference": "#"}, "2026-02-30", "<div>", {"resourceType": "Bundle"}, {"resourceType": "Patient"}, {"url": "x"},
    {"contained": [{"resourceType": "Bundle", "entry": [{}]}], "resourceType": "Patient"}, 10**18,
]  # fmt: skip
NAMES = ["x", "contained", "extension", "resourceType", "id", "valueString", "text", "_gender"]


def sources() -> list[Json]:
    inside = [{"resourceType": "Organization", "id": "o", "name": "N"}]
    return [
        referral(),
        declined(),
        document(entry("List", "l", status="current", mode="working"), section=[{"entry": [{"reference": "List/l"}]}]),
        narrative("<p id='a'>a</p><a href='#a'>b</a>"),
        patient(contained=inside, managingOrganization={"reference": "#o"}),
        observation(valueQuantity={"value": 1, "code": "kg", "system": "urn:x"}, component=[{"code": {"text": "a"}}]),
    ]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from places(item, (*path, key))


def mutated(source: Json, chance: random.Random) -> Json:
    """Return a resource with one to four places spoiled, removed, renamed or repeated."""
    spoiled = copy.deepcopy(source)
    for _ in range(chance.randint(1, 4)):
        path = chance.choice([p for p in places(spoiled) if p] or [()])
        if not path:
            break
        node: Any = spoiled
        for step in path[:-1]:
            node = node[step]
        way = chance.random()
        if way < 0.5:
            node[path[-1]] = copy.deepcopy(chance.choice(JUNK))
        elif way < 0.7:
            del node[path[-1]]
        elif isinstance(node, dict):
            node[chance.choice(NAMES)] = node[path[-1]]
        else:
            node.append(copy.deepcopy(node[path[-1]]))
    return spoiled


def validated(resource: Any) -> list[Finding]:
    return r4_mapping().validate(json.dumps(resource).encode())


@pytest.mark.parametrize("number", range(6))
def test_a_mutated_resource_ends_as_findings(number: int) -> None:
    chance, source = random.Random(number), sources()[number]  # noqa: S311 - a test wants the same mutants every time
    found = [bool(validated(mutated(source, chance))) for _ in range(MUTANTS // 6)]
    assert sum(found) > len(found) // 2


@pytest.mark.parametrize(
    "resource",
    [
        observation(
            valueString="a",
            code={"coding": [{"code": str(n)} for n in range(MANY)]},
            component=[{"code": {"coding": [{"code": f"x{n}"} for n in range(MANY)]}}],
        ),
        {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [
                {
                    "fullUrl": f"urn:x:{n}",
                    "resource": {
                        "resourceType": "Flag", "status": "active", "code": {"text": "a"},
                        "subject": {"reference": f"urn:x:{n}"},
                    },
                }
                for n in range(MANY)
            ],
        },
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "a", "resource": {"resourceType": "Bundle", "type": "collection"}}] * MANY,
        },
        patient(
            contained=[{"resourceType": "Organization", "id": f"o{n}", "name": "N"} for n in range(MANY)],
            generalPractitioner=[{"reference": f"#o{n}"} for n in range(MANY)],
        ),
        narrative("<a href='#x'>a</a>" * 10_000),
        patient(gender="a " * 400_000, birthDate="1" * 1_000),
    ],
    ids=["codings", "references", "bundles", "contained", "links", "texts"],
)  # fmt: skip
def test_what_is_many_is_judged_in_one_go(resource: Json) -> None:
    """Lists as long as they may be; the suite's time limit catches work that explodes."""
    assert validated(resource) is not None


def test_a_longer_list_than_any_is_refused() -> None:
    assert [(f.code, f.path) for f in validated(patient(name=[{"text": "a"}] * 2001))] == [("TOO_MANY", "/name")]
