"""``raabta mappings diff``: what a changed mapping would change, on samples and on what a gateway has stored."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import program
from tests.cli_mappings.conftest import MAPPINGS, Change
from tests.gateway.house import House, referral
from tests.gateway.manifests import HEALTH, POLICE, WELFARE

run = CliRunner()
RENAMED = ("enrolment.toml", 'id = "E07"', 'id = "E97"')


def diff(folder: Path, *more: str, code: int | None = None) -> dict[str, Any]:
    told = run.invoke(program(), ["mappings", "diff", "--to", str(folder), "--json", *more])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    assert code is None or told.exit_code == code, told.output
    (found,) = json.loads(told.stdout)
    assert told.exit_code == (0 if all(c["signed_off"] for c in found["changes"]) else 1)
    result: dict[str, Any] = found
    return result


def kinds(found: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(c["direction"], c["kind"], c["path"]) for c in found["changes"]}


def test_an_unchanged_folder_changes_nothing(changed: Change) -> None:
    found = diff(changed("school_sis"), code=0)

    assert found["changes"] == []
    assert found["documents"] > 10


def test_a_rule_that_got_another_name_is_shown_in_both_directions(changed: Change) -> None:
    found = diff(changed("school_sis", RENAMED), code=1)

    assert kinds(found) == {("read", "rule", "child.name_ur"), ("write", "rule", "/name_ur")}
    assert {(c["before"], c["after"]) for c in found["changes"]} == {("E07 name", "E97 name")}


def test_a_field_that_is_dropped_is_shown_where_it_vanishes(changed: Change) -> None:
    rule = next(
        line for line in (MAPPINGS / "school_sis" / "enrolment.toml").read_text("utf-8").splitlines() if '"E05"' in line
    )
    drop = '[drops]\n"enrolment.admission_no" = "Not carried in this test."\n'
    found = diff(changed("school_sis", ("enrolment.toml", rule, ""), ("enrolment.toml", "[drops]\n", drop)), code=1)

    assert {
        ("read", "vanished", "enrolment.admission_no"),
        ("read", "leftover", "/admission_no"),
        ("write", "vanished", "/admission_no"),
        ("write", "drop", "enrolment.admission_no"),
    } <= kinds(found)


def test_a_refusal_that_appears_or_goes_is_shown_with_its_code(changed: Change) -> None:
    stricter = changed("school_sis", ("mapping.toml", 'FEMALE = ["F"]', 'FEMALE = ["W"]'))
    found = diff(stricter, code=1)

    refused = [c for c in found["changes"] if c["kind"] == "refused" and c["direction"] == "read"]
    assert refused
    assert {c["after"] for c in refused} == {"UNKNOWN_CODE"}
    assert any(c["path"] == "/sex" for c in refused)


def test_a_changed_mapping_that_fails_is_a_change_not_a_crash(changed: Change) -> None:
    folder = changed("school_sis")
    with (folder / "codec.py").open("a", encoding="utf-8") as codec:
        codec.write("\n\ndef _fail(*_: object) -> None:\n    raise KeyError\n\n\nCODEC.finish = _fail\n")
    found = diff(folder, code=1)

    assert ("write", "refused", "") in kinds(found)
    assert "MAPPING_FAILED" in {c["after"] for c in found["changes"]}


def test_a_folder_that_does_not_load_is_bad_and_says_what_to_run(changed: Change) -> None:
    folder = changed("school_sis")
    (folder / "codec.py").write_text('"""Fails."""\nraise RuntimeError\n', "utf-8")
    told = run.invoke(program(), ["mappings", "diff", "--to", str(folder)])

    assert told.exit_code == 1
    assert "raabta mappings check" in told.stderr


def test_values_are_shown_only_where_they_were_asked_for(changed: Change) -> None:
    folder = changed(
        "school_sis", ("enrolment.toml", 'as = "up_to_60" },\n  { id = "E35"', 'as = "kebab" },\n  { id = "E35"')
    )
    without = json.dumps(diff(folder, code=1))
    asked = diff(folder, "--values", code=1)

    assert '"values"' not in without
    assert any(c["values"] for c in asked["changes"])


def test_a_sign_off_closes_a_change_until_the_mapping_changes_again(changed: Change) -> None:
    folder = changed("school_sis", RENAMED)
    diff(folder, code=1)
    signed = diff(folder, "--sign", "Farzi Azmaishi", "--why", 'A "trial"', code=0)
    assert all(c["signed_off"] for c in signed["changes"])
    diff(folder, code=0)

    text = (folder / "enrolment.toml").read_text("utf-8")
    (folder / "enrolment.toml").write_text(f"# another change\n{text}", "utf-8")
    diff(folder, code=1)


def test_a_sign_off_must_be_whole(changed: Change) -> None:
    folder = changed("school_sis", RENAMED)
    (folder / "signoff.toml").write_text('[[change]]\npath = "*"\nkind = "rule"\n', "utf-8")

    assert run.invoke(program(), ["mappings", "diff", "--to", str(folder)]).exit_code == 2
    assert run.invoke(program(), ["mappings", "diff", "--to", str(folder), "--sign", "Farzi"]).exit_code == 2


def test_documents_of_a_folder_are_replayed_instead_of_the_samples(changed: Change, tmp_path: Path) -> None:
    samples = tmp_path / "mine"
    samples.mkdir()
    shutil.copy(MAPPINGS / "school_sis" / "samples" / "enrolment.json", samples / "one.json")
    found = diff(changed("school_sis", RENAMED), "--samples", str(samples), code=1)

    assert found["documents"] == 2
    assert {name for c in found["changes"] for name in c["seen_in"]} == {"one.json"}


def test_a_shared_package_is_taken_from_a_folder_of_several(tmp_path: Path) -> None:
    for name in ("police_psrms", "police"):
        shutil.copytree(MAPPINGS / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    same = diff(tmp_path, "--format", "police_psrms", code=0)
    assert same["changes"] == []

    offences = tmp_path / "police" / "offences.csv"
    lines = offences.read_text("utf-8").splitlines()
    offences.write_text("\n".join(lines[:2]) + "\n", "utf-8")
    assert diff(tmp_path, "--format", "police_psrms", code=1)["changes"]


@pytest.mark.parametrize("arguments", [["--to", "nowhere-at-all"], ["--since", "yesterday"]])
def test_wrong_usage_ends_with_two(changed: Change, house: House, arguments: list[str]) -> None:
    config = ["--config", str(house.folder / "raabta.toml")]
    to = [] if "--to" in arguments else ["--to", str(changed("school_sis"))]

    assert run.invoke(program(), ["mappings", "diff", *to, *config, *arguments]).exit_code == 2


def test_what_a_gateway_has_stored_is_replayed_and_stays_as_it_is(changed: Change, house: House) -> None:
    body = (MAPPINGS / "police_fir" / "samples" / "fir.xml").read_bytes()
    answer = house.send(POLICE, body, "application/vnd.raabta.fir+xml", key="diff-1")
    assert answer.status_code == 202, answer.text
    said = referral(POLICE, requested={"service": "POLICE", "action": "INVESTIGATE"})
    said["concern"]["caregiver_is_accused"] = False
    accepted = house.submit(WELFARE, said)
    config = ["--config", str(house.folder / "raabta.toml")]
    database = _digest_of(house)
    rule = next(
        line
        for line in (MAPPINGS / "police_fir" / "referral.toml").read_text("utf-8").splitlines()
        if 'theirs = "ChildProtection/UrgencyCode"' in line
    )
    number = rule.split('"')[1]
    folder = changed(
        "police_fir", ("referral.toml", f'id = "{number}"', 'id = "X99"'), ("fir.toml", 'id = "F71"', 'id = "X71"')
    )
    found = diff(folder, *config, code=1)

    assert {("read", "rule", "priority"), ("write", "rule", "/FIRDocument/ChildProtection/UrgencyCode")} <= kinds(found)
    written = [c for c in found["changes"] if c["direction"] == "write"]
    assert {name for c in written for name in c["seen_in"]} == {d["id"] for d in accepted["deliveries"]}
    assert _digest_of(house) == database
    assert diff(folder, *config, "--since", "2099-01-01", code=0)["documents"] == 0
    assert "Farzi" not in json.dumps(found)


def _digest_of(house: House) -> str:
    with house.reading() as connection:
        rows = [
            [str(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]  # noqa: S608 - fixed names
            for name in ("referral", "document", "delivery", "entry", "drift")
        ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def test_an_erased_referral_is_counted_and_not_replayed(changed: Change, house: House) -> None:
    accepted = house.submit(WELFARE, referral(HEALTH))
    config = ["--config", str(house.folder / "raabta.toml")]
    folder = changed("health_fhir")
    before = diff(folder, *config)["unreadable"]
    case = house.id_of(WELFARE, accepted["id"])
    house.write(
        lambda c: c.exec_driver_sql(
            "UPDATE case_key SET wrapped_dek = NULL, kek_id = NULL, shredded_at = 1 WHERE case_key = ?", (case,)
        )
    )

    assert diff(folder, *config)["unreadable"] > before
