"""The suite is proved: an honest system passes everything, each broken one fails exactly its named checks."""

import re

import pytest

from conformance import coverage
from conformance.mutants import selftest
from conformance.mutants.catalogue import mutants
from tests.house.repository import ROOT, read

ALL = [*selftest.honest(), *mutants().values()]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_broken_behaviour_fails_its_named_checks_and_no_others() -> None:
    wrong = []
    for one in ALL:
        proof = selftest.proof_of(one)
        if not proof.right:
            wrong.append((proof.line(), proof.findings[:3]))

    assert wrong == []


def test_there_are_more_than_forty_broken_behaviours_and_every_profile_has_an_honest_system() -> None:
    assert len(mutants()) > 40
    assert {one.profile for one in selftest.honest()} == {"gateway", "nadra", "police", "health", "school", "welfare"}


def test_every_must_has_a_check_that_something_fails_or_a_reason() -> None:
    assert coverage.gaps() == []


def test_the_published_coverage_is_what_the_table_says() -> None:
    """When this fails on purpose: `raabta-conformance coverage --write docs/conformance-coverage.md`."""
    assert read("docs/conformance-coverage.md") == coverage.page()


def test_the_published_table_of_broken_behaviours_is_that_of_the_suite() -> None:
    """When this fails on purpose: `raabta-conformance selftest --write docs/conformance-proofs.md`."""
    proofs = [selftest.Proof(one, one.fails, ()) for one in ALL]

    assert read("docs/conformance-proofs.md") == selftest.page(proofs)


def test_no_flaw_stands_in_the_miniature_gateway_that_no_broken_behaviour_uses() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "conformance" / "reference").glob("*.py")]
    text = "\n".join(sources)
    named = set(re.findall(r'has\("([a-z-]+)"\)', text))
    named |= set(re.findall(r'"([a-z-]+)" (?:not )?in (?:self\._?)?(?:flaws|bent)', text))
    known = set(mutants()) | {one.removeprefix(f"{one.split('-')[0]}-") for one in mutants()}

    assert len(named) > 40
    assert named - known == set()
