"""Draws of facts, agreements, purposes and later changes, inside the policy: no withheld byte, nothing granted missing.

Each draw is one referral whose every text is a canary, one agreement, a change (a section added, consent gone or run
out, an agreement narrowed), and what every kind of agency is told before and after. The same draws go through the whole
application in tests/secrecy, two thousand of them.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.policy import Agreement
from mappings.canonical import canonical_mapping
from mappings.referral import Referral
from tests.laws.secrecy import marked
from tests.policy.cases import KINDS
from tests.policy.draws import agreements, changed, facts, told

DRAWS = 60
"""For each of the five kinds of agency."""
CHANGES = ("offence", "revoked", "narrowed", "none")
drawing = settings(
    max_examples=DRAWS, deadline=None, derandomize=True, database=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def leaked(where: bytes | str, secrets: set[str]) -> set[str]:
    """Return which canaries stand in a text, with or without dashes."""
    text = where.decode() if isinstance(where, bytes) else where
    return {secret for secret in secrets if secret in text or secret in text.replace("-", "")}


def held(value: Referral, canaries: dict[str, str], kind: str, agreement: Agreement) -> set[str]:
    """Hold one projection to both halves of the law; returns the canaries that were told."""
    projection = told(value, agreement, kind)
    if projection is None:
        return set()
    body = canonical_mapping().write(projection.value).value
    kept = {canaries[each.path] for each in projection.withheld if each.path in canaries}
    granted = set(canaries.values()) - kept
    account = json.dumps([[each.path, each.label, each.rule] for each in projection.withheld])

    assert leaked(body, kept - granted) == set()
    assert leaked(account, set(canaries.values())) == set()
    assert leaked(body, granted) == granted, "what is granted is told"
    assert b"null" not in body
    assert_no_trace(json.loads(body))
    return granted


def assert_no_trace(node: Any) -> None:
    """Make sure that what is withheld leaves no empty object, no empty list and no placeholder."""
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        assert each not in ({}, [], "", None)
        assert_no_trace(each)


@pytest.mark.parametrize("kind", KINDS)
def test_no_withheld_byte_leaves_before_or_after_a_change_and_nothing_granted_is_missing(kind: str) -> None:
    seen = dict.fromkeys(itertools.product(CHANGES, (True, False)), 0)

    @drawing
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        value, canaries = marked(data.draw(facts()))
        agreement = data.draw(agreements(kind))
        change = data.draw(st.sampled_from(CHANGES))
        before = held(value, canaries, kind, agreement)
        later, narrower = changed(value, agreement, change)
        after = held(later, canaries, kind, narrower)

        assert after <= before, "no change of these tells more"
        assert change != "none" or after == before
        assert change != "revoked" or not after
        seen[change, after < before] += 1

    holds()
    assert sum(seen.values()) >= DRAWS
    assert seen["revoked", True]
    assert seen["narrowed", True]
