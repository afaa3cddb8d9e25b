"""``raabta translate`` with OneRoster's CSV binding: a zip in, a zip out."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.cli import program
from mappings.library import library
from tests.cli.conftest import Raabta
from tests.mappings.oneroster_documents import bulk

ENROLMENT = Path(__file__).parents[2] / "mappings" / "school_sis" / "samples" / "enrolment.json"
TO_ROSTER = ("translate", "--from", "school_sis", "--to", "school_oneroster")
FROM_ROSTER = ("translate", "--from", "school_oneroster", "--to", "raabta")


def names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


def record(raabta: Raabta, file: str, *more: str) -> dict[str, Any]:
    ended = raabta(*FROM_ROSTER, "--at", "2026-03-02T00:00:00Z", *more, file)
    assert ended.status == 0, ended.err
    told: dict[str, Any] = ended.json()
    return told


def test_a_file_that_ends_in_zip_gets_the_csv_package_with_the_values_of_the_json(
    raabta: Raabta, tmp_path: Path
) -> None:
    assert raabta(*TO_ROSTER, "--out", "pupil.zip", str(ENROLMENT)).status == 0
    assert raabta(*TO_ROSTER, "--out", "pupil.json", str(ENROLMENT)).status == 0

    data = (tmp_path / "pupil.zip").read_bytes()
    assert {"manifest.csv", "users.csv", "roles.csv", "enrollments.csv"} <= set(names(data))
    assert raabta("validate", "--format", "school_oneroster", "pupil.zip").status == 0
    assert record(raabta, "pupil.zip") == record(raabta, "pupil.json")


def test_the_media_type_chooses_the_package_for_standard_output_and_for_a_folder(
    raabta: Raabta, tmp_path: Path
) -> None:
    words = [*TO_ROSTER, "--media-type", "application/zip", str(ENROLMENT)]
    told = CliRunner().invoke(program(), words)
    assert told.exit_code == 0
    assert "users.csv" in names(told.stdout_bytes)

    assert raabta(*words, "--out", "pupils").status == 0
    assert (tmp_path / "pupils" / "school_oneroster-1.zip").read_bytes() == told.stdout_bytes


def test_a_package_about_several_pupils_is_taken_apart(raabta: Raabta, tmp_path: Path) -> None:
    (tmp_path / "school.zip").write_bytes(bulk())

    assert raabta(*FROM_ROSTER, "school.zip").status == 2
    assert record(raabta, "school.zip", "--child", "1")["child"]["name"] == "Zoya Farzi"
    assert raabta(*FROM_ROSTER, "--out", "records", "school.zip").status == 0
    assert len(list((tmp_path / "records").glob("*.json"))) == 2
    assert raabta(*FROM_ROSTER, "--out", "one.json", "school.zip").status == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--media-type", "application/fhir+json"),
        ("--media-type", "application/zip", "--out", "pupil.json"),
        ("--out", "pupil.xml"),
        ("--out", "nowhere/pupil.zip"),
    ],
)
def test_what_the_format_or_the_file_cannot_be_ends_with_2(raabta: Raabta, words: tuple[str, ...]) -> None:
    assert raabta(*TO_ROSTER, *words, str(ENROLMENT)).status == 2


def test_a_format_without_a_package_is_not_written_to_a_zip(raabta: Raabta) -> None:
    words = ("translate", "--from", "school_oneroster", "--to", "school_sis", "--out", "x.zip", "-")

    assert raabta(*words, given=b"{}").status == 2


def test_a_document_that_is_not_complete_is_no_package(raabta: Raabta) -> None:
    mapping = library()["school_sis"]
    (reading,) = mapping.read(ENROLMENT.read_bytes())
    tree = reading.value.model_dump(mode="json", exclude_defaults=True)
    del tree["enrolment"]["school_code"]
    given = json.dumps({"type": "record", **tree}).encode()
    words = ("translate", "--from", "raabta", "--to", "school_oneroster", "--allow-partial", "-")
    whole, package = raabta(*words, given=given), raabta(*words, "--out", "x.zip", given=given)

    assert whole.status == 0
    assert "PARTIAL" in whole.err
    assert package.status == 1
    assert "MISSING_REQUIRED" in package.err
