"""Mutations of JSON documents: what grammars allow and nobody meant, and a little that they do not."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz import canary
from tests.fuzz.texts import text

Place = tuple[Any, Any]
"""A container and the key or index of one of its values."""


_LARGEST = 10_000
"""Values a document may grow to."""


class Twice(dict[str, Any]):
    """An object one of whose keys stands twice."""


def _places(value: Any) -> list[Place]:
    found: list[Place] = []
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found.append((value, key))
        found += _places(value[key])
    return found


def _scalar(random: Random) -> Any:
    return random.choice([
        None, True, False, 0, -1, 1, 2.5, 1e308, -0.0, 10**18, 10**30, "", " ", "0", "null", [], {}, [[]], {"": ""},
        canary.NUMBER, canary.WORD, text(random),
    ])  # fmt: skip


def _replace(random: Random, place: Place) -> None:
    place[0][place[1]] = _scalar(random)


def _text(random: Random, place: Place) -> None:
    place[0][place[1]] = text(random)


def _append(random: Random, place: Place) -> None:
    old = place[0][place[1]]
    if isinstance(old, str):
        at = random.randint(0, len(old))
        place[0][place[1]] = old[:at] + text(random)[:40] + old[at:]
    else:
        _replace(random, place)


def _drop(random: Random, place: Place) -> None:
    del place[0][place[1]]


def _swap(random: Random, place: Place, other: Place) -> None:
    a, b = place[0][place[1]], other[0][other[1]]
    if not isinstance(a, dict | list) and not isinstance(b, dict | list):
        place[0][place[1]], other[0][other[1]] = b, a
    else:
        other[0][other[1]] = json.loads(json.dumps(a))


def _wrap(random: Random, place: Place) -> None:
    old = place[0][place[1]]
    place[0][place[1]] = [old] if random.random() < 0.5 else {random.choice(["value", "", "$at", "#", "@x"]): old}


def _deep(random: Random, place: Place) -> None:
    value: Any = canary.WORD
    for _ in range(random.choice([20, 58, 62, 64, 65, 100])):
        value = [value] if random.random() < 0.5 else {"a": value}
    place[0][place[1]] = value


def _many(random: Random, place: Place) -> None:
    old = place[0][place[1]]
    times = random.choice([2, 3, 60, 499, 501])
    # What is too large is refused by its size alone; printing it would be most of the work.
    place[0][place[1]] = [old] * (times if times * len(_places([old])) <= _LARGEST else 2)


def _rename(random: Random, place: Place) -> None:
    if isinstance(place[0], dict):
        old = place[0].pop(place[1])
        name = str(place[1])
        place[0][random.choice([name.upper(), name + " ", f"${name}", f"@{name}", "#", "$at", "$root", ""])] = old
    else:
        _replace(random, place)


def _again(random: Random, place: Place) -> None:
    """Let a list hold one of its items twice, or an object one of its keys."""
    if isinstance(place[0], list):
        place[0].append(place[0][place[1]])
    else:
        place[0][f"\0{place[1]}"] = place[0][place[1]]


_ONE: list[Callable[[Random, Place], None]] = [
    _replace, _replace, _text, _append, _append, _drop, _drop, _wrap, _deep, _many, _rename, _again,
]  # fmt: skip


def mutate_tree(random: Random, value: Any) -> Any:
    """Return a mutated copy of a JSON value."""
    copy = json.loads(json.dumps(value))
    for _ in range(random.choice([1, 1, 1, 2, 3, 6])):
        places = _places(copy)
        if not places:
            break
        if random.random() < 0.15:
            _swap(random, random.choice(places), random.choice(places))
        else:
            random.choice(_ONE)(random, random.choice(places))
    return copy


def mutate_json(random: Random, data: bytes) -> bytes:
    """Return a mutated JSON document: values, keys, numbers no reader should take, surrogates."""
    printed = json.dumps(mutate_tree(random, json.loads(data)), ensure_ascii=random.random() < 0.3)
    printed = printed.replace("\\u0000", "")
    if random.random() < 0.1:
        number = random.choice(["1e400", "-1e400", "NaN", "Infinity", "1" * 400, "0x10", "01", "1.", "1e-400"])
        head, separator, tail = printed.rpartition(": ")
        printed = f'{head}{separator}{number}, "x": {tail}' if separator else number
    if random.random() < 0.02:
        printed = printed.replace(": ", f": {'[' * random.choice([66, 5_000, 100_000])}", 1)
    return printed.encode("utf-8", "surrogatepass")
