"""OneRoster's CSV binding at the door: ``application/zip`` in and out, with its limits."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest

from mappings.library import library
from mappings.samples import golden_samples
from tests.gateway.house import House
from tests.gateway.manifests import WELFARE
from tests.mappings.oneroster_documents import EXAMPLE_E, bulk, delta, manifest, package

ZIP = "application/zip"
ROSTER = "application/vnd.raabta.oneroster+json"
SIS = "application/vnd.raabta.sis+json"


def post(house: House, body: bytes, kind: str, accept: str = "*/*", query: str = "") -> httpx.Response:
    headers = {"Content-Type": kind, "Accept": accept}
    return house.call(WELFARE, "POST", f"/v1/translations{query}", content=body, headers=headers)


def enrolment() -> bytes:
    return dict(golden_samples(library()["school_sis"]))["enrolment.json"]


def one_pupil() -> bytes:
    mapping = library()["school_oneroster"]
    (reading,) = library()["school_sis"].read(enrolment())
    return mapping.codec.bind(mapping.write(reading.value).value, ZIP)


@pytest.mark.parametrize("query", ["", "?to=school_oneroster"])
def test_a_record_comes_back_as_a_zip_package(house: House, query: str) -> None:
    answer = post(house, enrolment(), SIS, ZIP, query)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == ZIP
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"manifest.csv", "users.csv", "enrollments.csv"} <= set(archive.namelist())
    assert not [f for f in library()["school_oneroster"].validate(answer.content) if f.severity.value == "error"]


@pytest.mark.parametrize(
    ("accept", "kind"), [(f"{ROSTER}, {ZIP};q=0.5", ROSTER), (f"{ROSTER};q=0.5, {ZIP}", ZIP), (ROSTER, ROSTER)]
)
def test_the_accept_header_says_which_binding(house: House, accept: str, kind: str) -> None:
    assert post(house, enrolment(), SIS, accept).headers["content-type"].partition(";")[0] == kind


def test_a_zip_goes_in_and_a_zip_comes_out(house: House) -> None:
    again = post(house, one_pupil(), ZIP, ZIP)

    assert again.status_code == 200, again.text
    first, second = post(house, one_pupil(), ZIP).json(), post(house, again.content, ZIP).json()
    assert first["child"]["name"] == "Zoya Farzi"
    assert {**first, "authored_at": ""} == {**second, "authored_at": ""}


def test_a_package_about_several_pupils_comes_back_as_an_account_only(house: House) -> None:
    report = post(house, bulk(), ZIP, "application/vnd.raabta.report+json")

    assert len(report.json()["documents"]) == 2
    assert post(house, bulk(), ZIP).json()["code"] == "SEVERAL_CHILDREN"
    assert post(house, bulk(), ZIP, ZIP).status_code == 422


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"PK nothing of a zip", 400, "MALFORMED"),
        (package({"manifest.csv": manifest({}), "a/users.csv": "x"}), 422, "ZIP_ENTRY"),
        (package({"users.csv": b"0" * 4_000_000}), 422, "ZIP_RATIO"),
        (package({f"{n}.csv": b"0" * 6_000_000 for n in range(3)}), 413, "TOO_LARGE"),
        (package({"manifest.csv": manifest({}), "users.csv": "x"}), 422, "ZIP_FILES"),
        (delta("enrollments", EXAMPLE_E.replace("enr-0099", "urn:uuid:99")), 422, "SOURCED_ID"),
    ],
    ids=["no zip", "folder", "bomb by ratio", "bomb by size", "not in the manifest", "bad id"],
)
@pytest.mark.parametrize("path", ["/v1/translations", "/v1/referrals"])
def test_a_hostile_or_broken_package_is_refused_at_every_door(
    house: House, path: str, body: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": ZIP, "Idempotency-Key": f"zip-{code}"}
    answer = house.call(WELFARE, "POST", path, content=body, headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


def test_a_body_over_the_limit_is_refused_while_it_arrives(house: House) -> None:
    assert post(house, b"PK" + b"0" * 20_000, ZIP).status_code == 413


def test_a_roster_is_no_referral(house: House) -> None:
    headers = {"Content-Type": ZIP, "Idempotency-Key": "zip-roster"}
    answer = house.call(WELFARE, "POST", "/v1/referrals", content=one_pupil(), headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "NOT_A_REFERRAL")


def test_the_published_document_offers_the_package(house: House) -> None:
    paths = house.http.get("/openapi.json").json()["paths"]
    translate = paths["/v1/translations"]["post"]

    for content in (translate["requestBody"]["content"], translate["responses"]["200"]["content"]):
        assert content[ZIP]["schema"]["format"] == "binary"
    assert "always refused" in paths["/v1/referrals"]["post"]["requestBody"]["content"][ZIP]["schema"]["description"]
