"""The CSV binding's packages as files: formulas, quoting, and hostile zips."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from mappings.school_oneroster.csv_text import guarded, rows, unguarded, written
from mappings.school_oneroster.package import csv_package
from tests.mappings.oneroster_documents import (
    altered,
    bulk,
    fullest,
    manifest,
    oneroster,
    package,
    read,
    refused,
    write,
)


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\ttab", "'=quoted", "''x", "'", "Zoya", "='"])
def test_no_cell_we_write_is_a_formula_and_every_text_comes_back(text: str) -> None:
    cell = guarded(text)
    assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert unguarded(cell) == text


def test_a_formula_in_a_name_is_written_harmless_and_read_back() -> None:
    tree = fullest()
    tree["child"] = {"name": "=HYPERLINK(A1) Farzi"}
    data = csv_package(json.dumps(write(tree)).encode())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b",'=HYPERLINK(A1)," in archive.read("users.csv")
    assert read(data)[0]["child"]["name"] == "=HYPERLINK(A1) Farzi"


def test_a_formula_that_is_received_is_read_as_text_with_a_warning() -> None:
    found = oneroster().validate(altered("users", 0, givenName="=1+1", phone="+920000000000"))
    assert [(f.code, f.path) for f in found] == [("CSV_FORMULA", "/users.csv/2/givenName")]


def test_rows_that_are_written_are_the_rows_that_are_read() -> None:
    table_ = [["a", 'b"c', "d,e", "", " f "], ["", "", "", "", ""], ["سجن", "x", "y", "z", "'"]]
    assert rows(written(table_), "x.csv") == table_


@pytest.mark.parametrize(
    "name", ["users/users.csv", "../users.csv", "..\\users.csv", "/users.csv", "C:users.csv", ".."]
)
def test_a_folder_or_a_path_that_leaves_the_package_is_refused(name: str) -> None:
    assert refused(package({"manifest.csv": manifest({}), name: "x"})) == [("ZIP_ENTRY", "")]


def test_a_name_that_stands_twice_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("manifest.csv", manifest({}))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("manifest.csv", manifest({}))
    assert refused(target.getvalue()) == [("ZIP_ENTRY", "")]


def test_an_encrypted_entry_a_link_and_an_unknown_compression_are_refused() -> None:
    data = bytearray(package({"manifest.csv": manifest({})}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)) == [("ZIP_ENTRY", "")]
    link = zipfile.ZipInfo("users.csv")
    link.external_attr = 0o120777 << 16
    for entry, kind in ((link, zipfile.ZIP_STORED), (zipfile.ZipInfo("users.csv"), zipfile.ZIP_BZIP2)):
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            entry.compress_type = kind
            archive.writestr(entry, "x")
        assert refused(target.getvalue()) == [("ZIP_ENTRY", "")]


def test_a_bomb_is_refused_by_its_ratio_and_by_its_size() -> None:
    assert refused(package({"users.csv": b"0" * 4_000_000})) == [("ZIP_RATIO", "")]
    assert refused(package({f"{n}.csv": b"0" * 6_000_000 for n in range(3)})) == [("TOO_LARGE", "")]
    assert refused(b"PK" + b"0" * 1_048_576) == [("TOO_LARGE", "")]
    assert refused(package({f"{n}.csv": "" for n in range(65)})) == [("TOO_MANY", "")]


def test_a_header_that_lies_about_the_size_does_not_let_more_in() -> None:
    data = bytearray(package({"users.csv": b"0" * 60_000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (7).to_bytes(4, "little")
    assert refused(bytes(data)) == [("MALFORMED", "")]


@pytest.mark.parametrize("cut", [4, 30, 60, -1, -10, -30])
def test_a_truncated_package_is_refused(cut: int) -> None:
    assert refused(bulk()[:cut]) == [("MALFORMED", "")]


def test_no_finding_repeats_a_value_of_the_package() -> None:
    spoilt = altered("users", 0, sourcedId="geheim 1", enabledUser="geheim", grades="geheim", userIds="geheim")
    findings = oneroster().validate(spoilt)
    assert len(findings) >= 4
    assert "geheim" not in json.dumps([f.as_json() for f in findings], ensure_ascii=False)
    assert "geheim" not in str(refused(package({"manifest.csv": manifest({}), "geheim/geheim": "geheim"})))


def test_a_large_school_is_read_whole() -> None:
    pupils = [{"sourcedId": f"p{n}", "enabledUser": "true", "username": f"p{n}", "givenName": "Zoya",
               "familyName": f"Farzi{n}"} for n in range(1200)]  # fmt: skip
    roles = [{"sourcedId": f"r{n}", "userSourcedId": f"p{n}", "roleType": "primary", "role": "student",
              "orgSourcedId": "s1"} for n in range(1200)]  # fmt: skip
    assert len(oneroster().read(bulk(users=pupils, roles=roles, enrollments=[], demographics=[]))) == 1200
