"""``raabta mappings check``: every mistake at once, with file, line and a suggestion."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import program
from mappings.engine.inspection import Problem
from mappings.engine.overlay import overlay
from mappings.trial import check
from tests.cli_mappings.conftest import Change

run = CliRunner()


def problems(folder: Path) -> list[Problem]:
    over = overlay(folder)
    (name,) = over.folders
    with over.active():
        return [problem for problem in check(f"mappings.{name}") if problem.grave]


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_an_unknown_leaf_is_named_with_its_line_and_the_nearest_leaf(changed: Change) -> None:
    folder = changed("school_sis", ("enrolment.toml", 'ours = "child.name_ur"', 'ours = "child.nam_ur"'))
    found = problems(folder)

    wrong = next(p for p in found if "is no leaf" in p.message)
    assert wrong.file == "school_sis/enrolment.toml"
    assert wrong.line == line_of(folder, "enrolment.toml", "child.nam_ur")
    assert "child.name_ur" in wrong.suggestion


def test_a_leaf_nobody_decided_about_is_named_with_what_to_write(changed: Change) -> None:
    folder = changed("school_sis", ("mapping.toml", '"child.phone" =', '"child.fone" ='))
    found = [p for p in problems(folder) if "neither mapped nor dropped" in p.message]

    assert found
    assert all("child.phone" in p.message for p in found)
    assert all('"child.phone" = ' in p.suggestion for p in found)


@pytest.mark.parametrize(
    ("old", "new", "suggestion"),
    [
        ('as = "code(sex)"', 'as = "code(sexx)"', "code(sex)"),
        ('as = "birth_day"', 'as = "birthday"', "birth_day"),
        ('as = "birth_day"', 'as = "zzzzzz"', "converters.py"),
        ('as = "code(sex)"', 'as = "code(zzzzzzzzz)"', "[codes.zzzzzzzzz]"),
    ],
)
def test_an_unknown_converter_is_named_with_a_known_one_or_how_to_add_it(
    changed: Change, old: str, new: str, suggestion: str
) -> None:
    folder = changed("school_sis", ("enrolment.toml", old, new))
    (wrong,) = problems(folder)

    assert wrong.line == line_of(folder, "enrolment.toml", new)
    assert suggestion in wrong.suggestion


def test_every_mistake_of_a_folder_is_named_not_only_the_first(changed: Change) -> None:
    folder = changed(
        "school_sis",
        ("enrolment.toml", 'theirs = "name_ur"', 'their = "name_ur"'),
        ("enrolment.toml", 'id = "E20"', 'id = "E30"'),
        ("reenrolment_request.toml", 'as = "code(sex)"', 'as = "code(sexx)"'),
        ("decision.toml", 'model = "Reply"', 'model = "Replay"'),
    )
    messages = " ".join(f"{p.file} {p.message} {p.suggestion}" for p in problems(folder))

    for expected in ("unknown key 'their'", "did you mean theirs", "this id stands twice", "sexx", "'Replay'"):
        assert expected in messages


def test_a_file_that_is_no_toml_is_named_with_its_line(changed: Change) -> None:
    folder = changed("school_sis", ("enrolment.toml", 'model = "Record"', 'model = "Record'))
    (wrong,) = [p for p in problems(folder) if p.file.endswith("enrolment.toml")]

    assert wrong.line == line_of(folder, "enrolment.toml", 'model = "Record')


def test_a_file_of_rules_that_no_list_names_is_a_mistake_and_a_table_of_data_is_none(changed: Change) -> None:
    folder = changed("school_sis", ("mapping.toml", ', "receipt"', ""))
    (folder / "grades.toml").write_text('[grades]\n"1" = "G1"\n', "utf-8")
    messages = [p.message for p in problems(folder)]

    assert any("receipt.toml is no document of the list" in message for message in messages)
    assert not any("grades" in message for message in messages)


def test_a_law_that_a_sample_breaks_is_named_with_the_rule_to_blame(changed: Change) -> None:
    old = 'ours = "enrolment.grade_local", theirs = "grade_local"'
    folder = changed("school_sis", ("enrolment.toml", old, old.replace('"grade_local"', '"grade_label"')))
    found = problems(folder)

    assert found
    assert any("samples/" in p.message or "samples/" in p.file for p in found)


def test_a_mapping_whose_own_code_fails_is_a_mistake_not_a_crash(changed: Change) -> None:
    folder = changed("school_sis")
    (folder / "codec.py").write_text('"""Fails."""\nraise RuntimeError("at load")\n', "utf-8")
    (wrong,) = problems(folder)

    assert "RuntimeError" in wrong.message


def test_what_was_loaded_from_outside_leaves_nothing_behind(changed: Change) -> None:
    import mappings.school_sis.codec as installed

    folder = changed("school_sis", ("mapping.toml", 'version = "1.0.0"', 'version = "9.9.9"'))
    mapping = overlay(folder).mapping("school_sis")

    assert mapping.mapping.version == "9.9.9"
    assert sys.modules["mappings.school_sis.codec"] is installed
    assert not [name for name, m in sys.modules.items() if str(folder) in str(getattr(m, "__file__", ""))]
    assert not list(folder.rglob("*.pyc"))


def test_a_sound_folder_is_well_and_one_with_mistakes_is_not(changed: Change) -> None:
    well = run.invoke(program(), ["mappings", "check", "--folder", str(changed("school_sis")), "--json"])
    assert well.exit_code == 0, well.output
    assert json.loads(well.stdout)["valid"] is True

    (broken := changed("police_psrms")).joinpath("fir.toml").write_text("model = 3\n", "utf-8")
    bad = run.invoke(program(), ["mappings", "check", "--folder", str(broken), "--json"])
    assert bad.exit_code == 1
    said = json.loads(bad.stdout)
    assert said["valid"] is False
    assert said["problems"][0].keys() == {"file", "line", "message", "suggestion", "grave"}


def test_an_installed_format_is_checked_by_its_name() -> None:
    told = run.invoke(program(), ["mappings", "check", "school_sis"])

    assert told.exit_code == 0, told.output
    assert "every law holds" in told.stdout


@pytest.mark.parametrize("arguments", [["klingon"], ["--folder", "nowhere-at-all"]])
def test_a_format_or_folder_that_is_not_there_is_wrong_usage(arguments: list[str]) -> None:
    assert run.invoke(program(), ["mappings", "check", *arguments]).exit_code == 2


def test_a_folder_without_a_mapping_is_wrong_usage(tmp_path: Path) -> None:
    assert run.invoke(program(), ["mappings", "check", "--folder", str(tmp_path)]).exit_code == 2
