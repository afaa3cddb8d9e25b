"""Rounds of draws: agreements of twenty-five agencies, and referrals to some of them with what changes afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.completion import completed
from gateway.policy import Agreement
from mappings.engine.mapping import canonical
from mappings.engine.trees import dotted, leaf_places, root
from mappings.referral import Record, Referral
from tests.laws.secrecy import marked
from tests.policy.cases import KINDS, PURPOSES
from tests.policy.draws import agreements, changed, facts, narrowed, told
from tests.secrecy.village import CANARY, EACH, names

CHANGES = ("none", "withdrawn", "offence", "revoked", "wrong child", "wrong child")
IN_A_SLOT = 8
"""Referrals of a round that go to the same agencies, one of each kind."""
ROUTED_FOR = {"FORENSIC_EXAM": "TREAT", "TREAT": "FORENSIC_EXAM"}
"""A hospital that is only named is asked to treat; an agreement for anything else lets nothing through."""
OTHER_CHILD = Record.model_validate({
    "child": {"name_ur": "فرضی بچی"},
    "persons": [{"relation": "GRANDFATHER", "name": "Farzi Dada", "address": "Misali Gali 3"}],
    "registration": {"office": {"union_council": "Namuna"}, "attendant": "Farzi Dai", "verified_by": "Farzi Afsar"},
})  # fmt: skip
"""What a register says of a child it takes for this one; nothing in it contradicts what a referral says."""


@dataclass
class Draw:
    """What one agency may know, and whether its agreement is narrowed later."""

    agency: str
    kind: str
    agreement: Agreement
    later: Agreement

    @property
    def plain(self) -> bool:
        """The agency is told in the canonical language, which holds everything."""
        return self.agency != names(self.kind)[-1]


@dataclass
class Case:
    """One referral, who gets it, and what changes then."""

    value: Referral
    record: Record
    change: str
    draws: list[Draw]
    narrows: bool
    name: str = ""
    identity: str = ""
    known: dict[tuple[Any, ...], set[str]] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    """How many messages each agency had before the change; who is not in it was told nothing, for it was held."""

    def granted(self, draw: Draw, *, after: bool = False, agreement: Agreement | None = None) -> set[str]:
        """Return the canaries an agency may know before or after the change, by that time's agreement or by another."""
        terms = agreement or (draw.later if after else draw.agreement)
        key = (draw.agency, after, terms.labels)
        if key not in self.known:
            self.known[key] = self._granted(draw.kind, terms, after=after)
        return self.known[key]

    def _granted(self, kind: str, agreement: Agreement, *, after: bool) -> set[str]:
        if after and self.change == "withdrawn":
            return set()
        value = changed(self.value, agreement, self.change)[0] if after else self.facts_for(kind)
        projection = told(value, agreement, kind)
        planted = planted_in(value)
        withheld = {each.path for each in projection.withheld} if projection is not None else set(planted)
        return {canary for path, canary in planted.items() if path not in withheld}

    def facts_for(self, kind: str) -> Referral:
        """Return what a kind of agency is told of: the registers are asked first, the others hear what they said."""
        if self.change == "wrong child" and kind != "CIVIL_REG":
            return completed(self.value, self.record)
        return self.value

    def distinct(self) -> set[tuple[Any, ...]]:
        """Return what makes each of its draws another one, without the canaries."""
        shape = CANARY.sub("", self.value.model_dump_json())
        return {
            (shape, each.agency, each.agreement.labels, each.agreement.purpose, each.agreement.statute_id, self.change)
            for each in self.draws
        }


def planted_in(value: Referral) -> dict[str, str]:
    """Return every canary of a referral by its path."""
    tree = canonical(value)
    leaves = {dotted(hit.trail): hit.value for hit in leaf_places(tree, root(tree))}
    return {path: leaf for path, leaf in leaves.items() if isinstance(leaf, str) and CANARY.fullmatch(leaf)}


@st.composite
def slots(draw: Any, slot: int) -> tuple[list[Draw], bool]:
    """Return one agency of each kind under the agreements of a round, and whether these are narrowed later."""
    found = []
    narrows = draw(st.booleans())
    for kind in KINDS:
        agreement = draw(agreements(kind))
        if kind == "HEALTH":
            agreement = replace(agreement, purpose=ROUTED_FOR[agreement.purpose])
        later = narrowed(agreement) if narrows else agreement
        found.append(Draw(names(kind)[slot], kind, agreement, later))
    return found, narrows


def rounds(referrals: int) -> list[list[Case]]:
    """Return rounds that hold that many referrals in all; hypothesis makes them, the same ones each time."""
    found: list[list[Case]] = []
    each = EACH * IN_A_SLOT
    simplest = 1  # hypothesis begins with it: the same draw many times, which is not taken

    @settings(
        max_examples=simplest + -(-referrals // each), deadline=None, derandomize=True, database=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        cases = []
        for slot in range(EACH):
            draws, narrows = data.draw(slots(slot))
            for _ in range(IN_A_SLOT):
                number = len(found) * each + len(cases)
                cases.append(_case(data, number, draws, narrows=narrows))
        found.append(cases)

    draw()
    return found[simplest:]


def _case(data: st.DataObject, number: int, draws: list[Draw], *, narrows: bool) -> Case:
    value, _ = marked(data.draw(facts()), f"K{number:04d}n")
    record, _ = marked(OTHER_CHILD, f"K{5000 + number:04d}n")
    change = data.draw(st.sampled_from(CHANGES))
    register = next(each for each in draws if each.kind == "CIVIL_REG")
    asked = register.agreement.purpose == PURPOSES["CIVIL_REG"] and told(value, register.agreement, "CIVIL_REG")
    if change == "wrong child" and not (asked and register.plain):
        change = "revoked"  # nobody asks that register, or it speaks another language
    return Case(value, record, change, draws, narrows)
