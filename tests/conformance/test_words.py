"""What the command says of the suite itself: the requirements, their checks, and what they are proved on."""

import pytest
from rich.console import Console
from typer.testing import CliRunner

from conformance import cli
from conformance.profiles.catalogue import profiles
from conformance.requirements import table


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the command a terminal on which no line is broken."""
    monkeypatch.setattr(cli, "out", Console(width=300))


def said(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, list(words))
    return done.exit_code, done.output


def test_list_shows_every_requirement_or_those_of_a_profile() -> None:
    code, text = said("list")
    assert code == 0
    assert [one for one in table() if one not in text] == []
    code, text = said("list", "--profile", "police")
    assert code == 0
    assert {one.actor for one in table().values() if one.id in text} == {"receiver", "sender"}
    assert table()["SND-06"].text in text
    assert said("list", "--profile", "hospital") == (2, "there is no profile hospital\n")


@pytest.mark.parametrize("asked", ["REF-03", "ref-03", "R-01/police_fir", "SND-07", "AUD-08"])
def test_explain_tells_the_demand_its_source_its_checks_and_how_to_mend_it(asked: str) -> None:
    demanded = table()[asked.partition("/")[0].upper()]
    code, text = said("explain", asked)
    assert code == 0
    for part in (demanded.id, demanded.level, demanded.text, demanded.source, demanded.mend):
        assert part in text
    if demanded.not_tested:
        assert demanded.not_tested in text
        assert "Check " not in text
    else:
        assert f"Check {demanded.id}" in text
        assert "broken behaviours it is proved on: none" not in text


def test_explain_names_what_a_check_needs_and_the_behaviours_it_is_proved_on() -> None:
    _, text = said("explain", "AUD-02")
    assert "(needs operator)" in text
    assert "forgets-refusals" in text
    assert said("explain", "NONE-01") == (2, "there is no requirement NONE-01\n")


def test_every_profile_demands_something_and_an_agency_more_when_it_is_listened_to() -> None:
    for name, profile in profiles().items():
        plain, listened = profile.checks(listen=False), profile.checks(listen=True)
        assert plain
        assert (len(listened) > len(plain)) is (name != "gateway")
