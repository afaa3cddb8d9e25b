"""``raabta mappings archive | versions`` and ``diff --to VERSION``: versions put aside, and what they change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gateway.cli import program
from mappings.engine.overlay import overlay
from mappings.library import library
from tests.cli_mappings.conftest import MAPPINGS
from tests.gateway.house import House
from tests.gateway.manifests import POLICE

Run = Callable[..., Result]
SIS = library()["school_sis"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a caller of ``raabta mappings`` in an empty folder, whose kept versions are below it."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, code: int | None = 0) -> Result:
        told = CliRunner().invoke(program(), ["mappings", *arguments])
        assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
        assert code is None or told.exit_code == code, told.output
        return told

    return call


def keep_another(folder: Path, format_id: str, *replaced: tuple[str, str, str]) -> str:
    """Put another state of a mapping aside, as an earlier release had; return its digest."""
    staged = folder / "staged"
    for name in (format_id, "police"):
        shutil.copytree(MAPPINGS / name, staged / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in replaced:
        text = (staged / file).read_text("utf-8")
        assert old in text
        (staged / file).write_text(text.replace(old, new, 1), "utf-8")
    mapping = overlay(staged).mapping(format_id).mapping
    target = folder / "var" / "mappings" / format_id / f"{mapping.version}-{mapping.digest[:16]}"
    target.parent.mkdir(parents=True, exist_ok=True)
    staged.rename(target)
    return mapping.digest[:16]


def older(folder: Path, version: str = "0.9.0") -> str:
    """Put an earlier version aside that called one rule otherwise."""
    return keep_another(
        folder, "school_sis",
        ("school_sis/mapping.toml", 'version = "1.0.0"', f'version = "{version}"'),
        ("school_sis/enrolment.toml", 'id = "E07"', 'id = "E97"'),
    )  # fmt: skip


def changes(told: Result) -> list[dict[str, Any]]:
    (found,) = json.loads(told.stdout)
    listed: list[dict[str, Any]] = found["changes"]
    return listed


def test_what_runs_is_put_aside_once_and_listed(run: Run, tmp_path: Path) -> None:
    assert "kept: school_sis 1.0.0" in run("archive", "school_sis").stderr
    assert "kept already: school_sis 1.0.0" in run("archive", "school_sis").stderr

    rows = json.loads(run("versions", "school_sis", "--json").stdout)
    mark = {"format": "school_sis", "version": SIS.version, "digest": SIS.digest[:16]}
    assert rows == [{**mark, "runs": False}, {**mark, "runs": True}]
    assert "kept" in run("versions").stdout
    assert not list(tmp_path.rglob("*.pyc"))
    assert not list((tmp_path / "var" / "mappings").glob(".new-*"))


def test_every_mapping_can_be_put_aside_and_going_to_what_runs_changes_nothing(run: Run) -> None:
    run("archive")
    for mapping in library().values():
        if mapping.documents:
            assert changes(run("diff", "--to", mapping.digest[:12], "--format", mapping.format, "--json")) == []


def test_going_to_an_earlier_version_shows_what_comes_out_differently(run: Run, tmp_path: Path) -> None:
    run("archive", "school_sis")
    digest = older(tmp_path)

    for name in ("0.9.0", digest, digest[:7]):
        found = changes(run("diff", "--to", name, "--json", code=1))
        assert {(c["direction"], c["kind"], c["before"], c["after"]) for c in found} == {
            ("read", "rule", "E07 name", "E97 name"),
            ("write", "rule", "E07 name", "E97 name"),
        }


def test_an_earlier_version_is_signed_off_like_any_change(run: Run, tmp_path: Path) -> None:
    older(tmp_path)

    run("diff", "--to", "0.9.0", "--sign", "Farzi Azmaishi", "--why", "Going back for a day", code=0)
    run("diff", "--to", "0.9.0", code=0)


def test_a_version_kept_with_the_packages_it_shares_uses_its_own_words(run: Run, tmp_path: Path) -> None:
    lines = (MAPPINGS / "police" / "offences.csv").read_text("utf-8")
    first = "\n".join(lines.splitlines()[:2]) + "\n"
    digest = keep_another(tmp_path, "police_psrms", ("police/offences.csv", lines, first))

    assert changes(run("diff", "--to", digest, "--json", code=1))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--to", "7.7.7"), "no such version is kept"),
        (("--to", "1.0.0", "--format", "police_fir"), "no such version is kept"),
        (("--to", SIS.digest[:6]), "no such version is kept"),
        (("--to", "../nowhere"), "no such version is kept"),
        (("--to", "1.0.0", "--since", "2026-11-01"), "--config"),
        (("--to", "1.0.0", "--samples", "nowhere"), "samples"),
    ],
)
def test_a_version_that_is_not_kept_and_wrong_options_end_with_two(run: Run, asked: tuple[str, ...], said: str) -> None:
    run("archive", "school_sis")

    assert said in run("diff", *asked, code=2).stderr


def test_two_states_under_one_number_must_be_told_apart_by_digest(run: Run, tmp_path: Path) -> None:
    run("archive", "school_sis")
    digest = older(tmp_path, "1.0.0")

    assert digest in run("diff", "--to", "1.0.0", code=2).stderr
    assert changes(run("diff", "--to", digest, "--json", code=1))


def test_a_kept_version_whose_files_were_changed_is_not_taken_for_what_was_kept(run: Run, tmp_path: Path) -> None:
    run("archive", "school_sis")
    file = next(tmp_path.rglob("enrolment.toml"))
    file.write_text(file.read_text("utf-8") + "# altered\n", "utf-8")

    assert "not what was kept" in run("diff", "--to", "1.0.0", code=1).stderr


def test_an_unknown_format_and_a_folder_that_cannot_be_written_end_with_two(run: Run, tmp_path: Path) -> None:
    run("archive", "klingon", code=2)
    run("archive", "fhir_r4", code=2)
    (tmp_path / "var").write_text("a file, not a folder", "utf-8")
    run("archive", "school_sis", code=2)


def test_what_a_gateway_has_stored_is_replayed_on_a_version_kept_where_its_configuration_says(
    run: Run, house: House
) -> None:
    config = ("--config", str(house.folder / "raabta.toml"))
    body = (MAPPINGS / "police_fir" / "samples" / "fir.xml").read_bytes()
    assert house.send(POLICE, body, "application/vnd.raabta.fir+xml", key="versions-1").status_code == 202
    run("archive", "police_fir", *config)
    assert list((house.folder / "var" / "mappings" / "police_fir").iterdir())

    (found,) = json.loads(run("diff", "--to", "1.0.0", "--since", "2020-01-01", "--json", *config).stdout)
    assert found["documents"] >= 1
    assert found["changes"] == []
    (none,) = json.loads(run("diff", "--to", "1.0.0", "--since", "2099-01-01", "--json", *config).stdout)
    assert none["documents"] == 0
