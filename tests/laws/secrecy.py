"""Law 5: nothing that is withheld from a receiver is in the bytes, the account or the errors of any mapping."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection
from datetime import date
from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.policy import Agreement, Basis, Entitlement, Projection, project
from mappings.engine.errors import MappingDefect, Refusal
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.engine.trees import Hit, dotted, leaf_places, root
from mappings.labels import Label, leaves
from tests.policy.cases import KINDS, PURPOSES

_INDEX = re.compile(r"\[\d+\]")
PLAIN = {"sender", "recipients", "recipient", "focal_point"}
"""Parties are configuration, and a school's copy has them replaced."""


def marked(value: Value, prefix: str = "Kanari") -> tuple[Value, dict[str, str]]:
    """Return a value whose free texts are unique canaries where its model allows, and the canaries by path."""
    tree = canonical(value)
    numbers = itertools.count(7001)
    known = leaves(type(value))
    places: dict[str, tuple[Hit, str]] = {}
    for hit in leaf_places(tree, root(tree)):
        path = dotted(hit.trail)
        if known[_INDEX.sub("[]", path)].label is Label.ADMINISTRATIVE or path.partition(".")[0] in PLAIN:
            continue
        for canary in _canaries(path, hit.value, next(numbers), prefix):
            places[path] = (hit, canary)
            hit.container[hit.key] = canary
    while True:
        try:
            return type(value).model_validate(tree), {path: canary for path, (_, canary) in places.items()}
        except ValidationError as error:
            for path in _misfits(error, places):
                hit, _ = places.pop(path)
                hit.container[hit.key] = hit.value


def _misfits(error: ValidationError, places: Collection[str]) -> set[str]:
    """Return the paths whose canary a model refuses; where it complains of an object, those of all its leaves."""
    found: set[str] = set()
    for complaint in error.errors(include_input=False, include_url=False, include_context=False):
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in complaint["loc"]).lstrip(".")
        found |= {place for place in places if place == path or place.startswith((f"{path}.", f"{path}[")) or not path}
    if not found:
        raise error
    return found


def _canaries(path: str, old: Any, number: int, prefix: str) -> list[str]:
    """Return values nobody else has, that a text, a telephone or a number of a register may hold."""
    if not isinstance(old, str):
        return []
    if path.endswith("phone"):
        return [f"0399888{number}"]
    if re.fullmatch(r"\d{13}", old):
        return [f"39999888{number}1"]
    return [] if old.isupper() or re.match(r"\d{4}", old) else [f"{prefix}{number}"]


@st.composite
def entitlements(draw: Any, kind: str) -> Entitlement:
    """Return a random agreement, purpose and basis of an agency of the kind a format belongs to."""
    labels = frozenset(draw(st.sets(st.sampled_from(sorted(Label)))))
    purpose = draw(st.sampled_from(sorted(set(PURPOSES.values()) | {"TREAT"})))
    agreement = Agreement(
        "dsa-1", "an-agency", purpose, labels, "Invented", "Tests", date(2020, 1, 1), date(2099, 12, 31)
    )
    chosen = draw(st.sampled_from([agreement, agreement, agreement, None]))
    origin = draw(st.sampled_from([None, *KINDS]))
    return Entitlement(kind, purpose, chosen, draw(st.sampled_from(list(Basis))), origin)


def secret(mapping: Mapping, value: Value, entitlement: Entitlement) -> tuple[list[str], int]:
    """Return every violation of law 5 for one value and receiver, and how many canaries were withheld."""
    planted, canaries = marked(value)
    projection = project(planted, entitlement)
    withheld = {canaries[each.path] for each in projection.withheld if each.path in canaries}
    told = set(canaries.values()) - withheld
    body, account = _written(mapping, projection)
    found = [f"law 5: {canary} is in the body" for canary in _leaked(body, withheld - told)]
    found += [f"law 5: {canary} is in the account" for canary in _leaked(account, set(canaries.values()))]
    of_projection = repr(projection.withheld) + repr(projection.conditional)
    found += [f"law 5: {canary} is in the projection" for canary in _leaked(of_projection, set(canaries.values()))]
    return found, len(withheld)


def _written(mapping: Mapping, projection: Projection) -> tuple[bytes, str]:
    """Return the bytes a mapping writes, and everything it says about them."""
    try:
        made = mapping.draft(projection.value, allow_partial=True)
    except (Refusal, MappingDefect) as refused:
        return b"", str(refused) + repr([finding.as_json() for finding in refused.findings])
    return made.value, json.dumps(made.report())


def _leaked(where: bytes | str, secrets: set[str]) -> set[str]:
    text = where.decode("utf-8", "replace") if isinstance(where, bytes) else where
    return {secret for secret in secrets if secret in text or secret in text.replace("-", "")}
