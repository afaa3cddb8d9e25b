"""``raabta translate --account | --html``, ``raabta explain --html`` and ``raabta drift``, as somebody types them."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import program
from tests.accounts.test_rows import MAPPINGS
from tests.gateway.house import House, referral, running
from tests.gateway.manifests import HEALTH, POLICE, WELFARE

run = CliRunner()
REFERRAL = str(MAPPINGS / "health_fhir" / "samples" / "referral.json")
TRANSLATE = ["translate", "--from", "health_fhir", "--to", "police_fir", REFERRAL]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("accounts") / "gateway") as lent:
        yield lent


def test_an_account_is_printed_instead_of_the_document() -> None:
    told = run.invoke(program(), [*TRANSLATE, "--account"])

    assert told.exit_code == 0, told.output
    assert "What was written" in told.stdout
    assert "<FIRDocument" not in told.stdout


def test_a_page_is_written_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "account.html"
    told = run.invoke(program(), [*TRANSLATE, "--html", str(file)])

    assert told.exit_code == 0, told.output
    assert told.stdout == ""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "police_fir/referral" in file.read_text("utf-8")


def test_a_page_and_a_report_go_together(tmp_path: Path) -> None:
    told = run.invoke(program(), [*TRANSLATE, "--html", str(tmp_path / "a.html"), "--report"])

    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["complete"] is True


def test_a_refused_translation_leaves_a_page_that_says_why_and_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("{}", "utf-8")
    file = tmp_path / "account.html"
    told = run.invoke(
        program(),
        ["translate", "--from", "health_fhir", "--to", "raabta", str(tmp_path / "empty.json"), "--html", str(file)],
    )

    assert told.exit_code == 1
    assert "Refused" in file.read_text("utf-8")


def test_a_page_that_cannot_be_written_is_wrong_usage(tmp_path: Path) -> None:
    assert run.invoke(program(), [*TRANSLATE, "--html", str(tmp_path / "none" / "a.html")]).exit_code == 2


def test_a_delivery_is_explained_from_the_document_that_arrived(house: House, tmp_path: Path) -> None:
    body = (MAPPINGS / "police_fir" / "samples" / "nc_report.xml").read_bytes()
    answer = house.send(POLICE, body, "application/vnd.raabta.fir+xml", key="explained")
    assert answer.status_code == 202, answer.text
    delivery = next(each["id"] for each in answer.json()["deliveries"] if each.get("recipient") == WELFARE)
    file = tmp_path / "explained.html"
    config = ["--config", str(house.folder / "raabta.toml")]
    hidden = run.invoke(program(), ["explain", delivery, "--html", str(file), *config])
    without = file.read_text("utf-8")
    shown = run.invoke(program(), ["explain", delivery, "--html", str(file), "--values", "--json", *config])

    assert (hidden.exit_code, shown.exit_code) == (0, 0), hidden.output + shown.output
    assert "police_fir/fir" in without
    assert "/FIRDocument/Person[1]/PersonAgeMeasure[1]" in without
    assert "A.F." not in without
    assert "A.F." in file.read_text("utf-8")
    assert "account" not in json.loads(shown.stdout)


def test_a_forwarded_answer_is_explained_from_the_answer_that_arrived(house: House, tmp_path: Path) -> None:
    accepted = house.submit(WELFARE, referral(HEALTH))
    name = house.ref_of(HEALTH, WELFARE, accepted["id"])
    for kind, state in (("RECEIVE", "DELIVERED"), ("ACCEPT", "ACCEPTED")):
        answered = house.reply(HEALTH, name, kind=kind, state=state)
        assert answered.status_code == 202, answered.text
    with house.reading() as connection:
        rows = connection.exec_driver_sql("SELECT id FROM delivery WHERE kind = 'REPLY' ORDER BY n DESC").all()
    file = tmp_path / "answer.html"
    told = run.invoke(
        program(),
        ["explain", rows[0][0], "--values", "--html", str(file), "--config", str(house.folder / "raabta.toml")],
    )

    assert told.exit_code == 0, told.output
    assert "raabta/reply" in file.read_text("utf-8")
    assert "ACCEPTED" in file.read_text("utf-8")


def test_drift_is_shown_on_the_day_it_is_first_seen(house: House) -> None:
    config = ["--config", str(house.folder / "raabta.toml")]
    document = referral(HEALTH, priority="SOONISH")
    assert house.send(WELFARE, json.dumps(document).encode(), "application/json").status_code == 422
    told = run.invoke(program(), ["drift", "--json", *config])
    table = run.invoke(program(), ["drift", "--agency", WELFARE, *config])

    assert (told.exit_code, table.exit_code) == (0, 0), told.output + table.output
    (found,) = [each for each in json.loads(told.stdout) if each["path"] == "/priority"]
    assert (found["agency"], found["format"], found["kind"]) == (WELFARE, "raabta", "unknown_code")
    assert found["count"] == 1
    assert found["first_seen"] == found["last_seen"]
    assert "unknown" in table.stdout
    assert "SOONISH" not in told.stdout + table.stdout
    assert "as its mapping knows it" in run.invoke(program(), ["drift", "--agency", "nobody", *config]).stdout
