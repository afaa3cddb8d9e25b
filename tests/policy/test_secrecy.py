"""The other half of law 5 (tests/laws): what is granted does arrive, and the account of a projection is whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy import Agreement, Basis, Entitlement, Projection, project
from mappings.engine.document import Document
from mappings.engine.errors import MappingDefect, Refusal
from mappings.engine.mapping import Mapping, canonical
from mappings.engine.trees import dotted, leaf_places, root
from mappings.labels import Label
from mappings.library import library
from mappings.reply import Reply
from tests.laws.drawing import drawing
from tests.laws.secrecy import entitlements, marked
from tests.laws.strategies import referrals
from tests.policy.cases import KINDS, PURPOSES

WRITTEN = [
    pytest.param(mapping, document, id=f"{mapping.format}-{document.name}")
    for mapping in library().values()
    for document in mapping.documents
    if document.writes
]
VERBATIM = {"text", "text40", "text90", "text120", "text500", "name"}
"""Converters that hand a text on as it is."""
QUESTIONS = {"search", "lookup", "status", "status_update", "roster"}
"""Documents in which no text of ours stands as it is."""


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


@pytest.mark.parametrize("kind", KINDS)
def test_the_tree_of_a_projection_is_that_of_its_value(kind: str) -> None:
    @drawing(5)
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        mapping, document = data.draw(st.sampled_from([case.values for case in WRITTEN]))
        projection = project(data.draw(referrals(mapping, document)), data.draw(entitlements(kind)))
        assert projection.tree == canonical(projection.value)

    holds()


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
