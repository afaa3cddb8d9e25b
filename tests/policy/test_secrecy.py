"""Law 5: nothing that is withheld is in the bytes, the account or the errors of any mapping."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.policy import Agreement, Basis, Entitlement, Projection, project
from mappings.engine.document import Document
from mappings.engine.errors import MappingDefect, Refusal
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.engine.trees import Hit, dotted, leaf_places, root
from mappings.labels import Label, leaves
from mappings.library import library
from mappings.reply import Reply
from tests.laws.drawing import drawing, share
from tests.laws.strategies import referrals
from tests.policy.cases import KINDS, PURPOSES

WRITTEN = [
    pytest.param(mapping, document, id=f"{mapping.format}-{document.name}")
    for mapping in library().values()
    for document in mapping.documents
    if document.writes
]
_INDEX = re.compile(r"\[\d+\]")
PLAIN = {"sender", "recipients", "recipient", "focal_point"}
"""Parties are configuration, and a school's copy has them replaced."""
VERBATIM = {"text", "text40", "text90", "text120", "text500", "name"}
"""Converters that hand a text on as it is."""
QUESTIONS = {"search", "lookup", "status", "status_update", "roster"}
"""Documents in which no text of ours stands as it is."""


def marked(value: Value) -> tuple[Value, dict[str, str]]:
    """Return a value whose free texts are unique canaries where its model allows, and the canaries by path."""
    tree = canonical(value)
    numbers = itertools.count(7001)
    known = leaves(type(value))
    places: dict[str, tuple[Hit, str]] = {}
    for hit in leaf_places(tree, root(tree)):
        path = dotted(hit.trail)
        if known[_INDEX.sub("[]", path)].label is Label.ADMINISTRATIVE or path.partition(".")[0] in PLAIN:
            continue
        for canary in _canaries(path, hit.value, next(numbers)):
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


def _canaries(path: str, old: Any, number: int) -> list[str]:
    """Return values nobody else has, that a text, a telephone or a number of a register may hold."""
    if not isinstance(old, str):
        return []
    if path.endswith("phone"):
        return [f"0399888{number}"]
    if re.fullmatch(r"\d{13}", old):
        return [f"39999888{number}1"]
    return [] if old.isupper() or re.match(r"\d{4}", old) else [f"Kanari{number}"]


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


def leaked(where: bytes | str, secrets: set[str]) -> set[str]:
    text = where.decode("utf-8", "replace") if isinstance(where, bytes) else where
    return {secret for secret in secrets if secret in text or secret in text.replace("-", "")}


def written(mapping: Mapping, projection: Projection) -> tuple[bytes, str]:
    """Return the bytes a mapping writes, and everything it says about them."""
    try:
        made = mapping.write(projection.value, allow_partial=True)
    except (Refusal, MappingDefect) as refused:
        return b"", str(refused) + repr([finding.as_json() for finding in refused.findings])
    return made.value, json.dumps(made.report())


@pytest.mark.parametrize(("mapping", "document"), WRITTEN)
def test_what_is_withheld_is_in_no_byte_line_or_error(mapping: Mapping, document: Document) -> None:
    seen: list[int] = []

    @drawing(share(mapping))
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        value, canaries = marked(data.draw(referrals(mapping, document)))
        projection = project(value, data.draw(entitlements(mapping.kind)))
        withheld = {canaries[each.path] for each in projection.withheld if each.path in canaries}
        told = set(canaries.values()) - withheld
        body, account = written(mapping, projection)

        assert leaked(body, withheld - told) == set()
        assert leaked(account, set(canaries.values())) == set()
        assert leaked(repr(projection.withheld) + repr(projection.conditional), set(canaries.values())) == set()
        seen.append(len(withheld))

    holds()
    assert sum(seen) > 0 or document.model is Reply, "no value was ever withheld: the test proves nothing"


@pytest.mark.parametrize(("mapping", "document"), WRITTEN)
def test_what_is_told_and_carried_does_arrive(mapping: Mapping, document: Document) -> None:
    """The other half of need to know: a format's copy holds what was granted and the format carries verbatim."""
    seen: list[int] = []

    @drawing(12)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        value, canaries = marked(data.draw(referrals(mapping, document)))
        agreement = Agreement(
            "dsa-1", "an-agency", PURPOSES[mapping.kind], frozenset(Label), "Invented", "Tests", date(2020, 1, 1),
            date(2099, 12, 31),
        )  # fmt: skip
        projection = project(value, Entitlement(mapping.kind, agreement.purpose, agreement, Basis.ORDER))
        try:
            made = mapping.write(projection.value, allow_partial=True)
        except (Refusal, MappingDefect):
            return
        places = {hit_path: canaries[hit_path] for hit_path in canaries if hit_path not in _withheld(projection)}
        text = made.value.decode("utf-8")
        if any(each.path.startswith(("persons[", "child.identifiers[")) for each in projection.withheld):
            places = {path: canary for path, canary in places.items() if "[" not in path}
        carried = {line.ours for line in made.lines if line.converter in VERBATIM}
        for path in [each for each in carried & set(places) if places[each].startswith("Kanari")]:
            assert places[path] in text, path
            seen.append(1)

    holds()
    assert seen or document.model is Reply or document.name in QUESTIONS


def _withheld(projection: Projection) -> set[str]:
    return {each.path for each in projection.withheld}


@pytest.mark.parametrize("kind", KINDS)
def test_the_account_of_a_projection_is_whole(kind: str) -> None:
    """Every leaf is told or accounted for, and none is both."""

    @drawing(12)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        mapping, document = data.draw(st.sampled_from([case.values for case in WRITTEN]))
        value, _ = marked(data.draw(referrals(mapping, document)))
        projection = project(value, data.draw(entitlements(kind)))
        before = _values(value)
        after = _values(projection.value)
        withheld = [each.path for each in projection.withheld]

        assert len(withheld) == len(set(withheld))
        assert len(before) == len(withheld) + len(after) - _replaced(value, projection, kind)

    holds()


def _values(value: Any) -> list[str]:
    tree = canonical(value)
    return [dotted(hit.trail) for hit in leaf_places(tree, root(tree))]


def _replaced(value: Any, projection: Projection, kind: str) -> int:
    """Return how many leaves a school's copy has instead of the parties'."""
    if kind != "EDUCATION" or canonical(projection.value).get("sender") != {"agency": "education-support"}:
        return _added(value, projection)
    before, after = set(_values(value)), set(_values(projection.value))
    new = {path for path in after if path.startswith(("sender.", "focal_point.")) and path not in before}
    kept = {"sender.agency"} & before & after & _withheld(projection)
    return len(new) + len(kept)


def _added(value: Any, projection: Projection) -> int:
    """Return how many leaves a copy has that the value did not: a focal point is given its whole label."""
    return len(
        {path for path in set(_values(projection.value)) - set(_values(value)) if path.startswith("focal_point.")}
    )
