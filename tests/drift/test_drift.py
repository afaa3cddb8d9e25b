"""Drift: every place that an agency's documents show and its mapping does not know is counted, never a value."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from gateway.drift import MOST_PLACES, Drift, counts, in_findings, in_readings, note, places
from gateway.store.engine import writer_engine
from gateway.store.migrate import migrate
from mappings.engine.findings import Finding, Severity
from mappings.engine.lineage import Translation
from mappings.engine.places import place
from mappings.library import library
from mappings.samples import golden_samples
from tests.gateway.house import House, referral, running
from tests.gateway.manifests import HEALTH, SCHOOL, WELFARE

DAY = 1_773_000_000.0


@pytest.fixture
def connection(tmp_path) -> Iterator[Connection]:
    engine = writer_engine(tmp_path / "drift.sqlite")
    migrate(engine)
    with engine.connect() as lent:
        yield lent


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/student/name", "/student/name"),
        ("/entry/3/resource/code/coding/0/code", "/entry/resource/code/coding/code"),
        ("/CHILD[1]/NAME[2]/@xml:lang", "/CHILD/NAME/@xml:lang"),
        ("Bundle.entry[2].resource.code", "Bundle.entry.resource.code"),
        ("/Farzi Bachi/name", "/?/name"),
        ("/39999-0000001-2", "/?"),
        ("/فرضی", "/?"),
        (f"/{'a' * 61}", "/?"),
        ("/a~1b", "/?"),
        ("/" + "/".join("abcdefghijklmnop"), "/a/b/c/d/e/f/g/h/i/j/k/l"),
        ("", ""),
        ("name", "/name"),
    ],
)
def test_a_place_has_no_positions_and_no_step_that_could_be_a_value(path: str, said: str) -> None:
    assert place(path) == said


def test_findings_about_codes_and_fields_are_drift_and_others_are_not() -> None:
    findings = [
        Finding("UNKNOWN_CODE", "/students/0/sex"),
        Finding("UNKNOWN_CODE", "/students/1/sex"),
        Finding("MISSING_REQUIRED", "/name"),
        Finding("UNKNOWN_FIELD", "/shoe"),
        Finding("INVALID_DATE", "/birth"),
    ]

    assert in_findings(findings) == {
        (Drift.UNKNOWN_CODE, "/students/sex"),
        (Drift.MISSING_FIELD, "/name"),
        (Drift.NEW_FIELD, "/shoe"),
    }


def test_fields_no_rule_reads_are_new_fields() -> None:
    reading = Translation(
        None, "school_sis", "enrolment", "0" * 64, leftover=("/shoe_size", "/Farzi Bachi", "/x/0/y", "/x/1/y"),
        warnings=(Finding("UNKNOWN_CODE", "/sex", Severity.WARNING),),
    )  # fmt: skip

    assert in_readings([reading, reading]) == {
        (Drift.NEW_FIELD, "/shoe_size"),
        (Drift.NEW_FIELD, "/?"),
        (Drift.NEW_FIELD, "/x/y"),
        (Drift.UNKNOWN_CODE, "/sex"),
    }


def test_a_place_is_shown_on_the_first_day_and_counted_from_then_on(connection: Connection) -> None:
    seen = {(Drift.UNKNOWN_CODE, "/sex")}
    note(connection, "school-pb-sis", "school_sis", seen, DAY)
    (first,) = places(connection)
    note(connection, "school-pb-sis", "school_sis", seen, DAY + 86_400)
    (later,) = places(connection)

    assert (first.count, first.first_seen) == (1, first.last_seen)
    assert (later.count, later.first_seen) == (2, first.first_seen)
    assert later.last_seen > first.last_seen
    assert places(connection, "another") == []


def test_each_agency_and_format_is_counted_apart(connection: Connection) -> None:
    seen = {(Drift.UNKNOWN_CODE, "/sex"), (Drift.NEW_FIELD, "/shoe")}
    for agency in ("a", "b"):
        note(connection, agency, "school_sis", seen, DAY)
    note(connection, "a", "raabta", seen, DAY)
    note(connection, "a", "raabta", seen, DAY)

    assert counts(connection) == [
        ("a", "raabta", "new_field", 1, 2), ("a", "raabta", "unknown_code", 1, 2),
        ("a", "school_sis", "new_field", 1, 1), ("a", "school_sis", "unknown_code", 1, 1),
        ("b", "school_sis", "new_field", 1, 1), ("b", "school_sis", "unknown_code", 1, 1),
    ]  # fmt: skip


def test_nobody_can_fill_the_table(connection: Connection) -> None:
    for start in range(0, MOST_PLACES + 200, 100):
        seen = {(Drift.NEW_FIELD, f"/field-{chr(97 + n % 26)}{n}") for n in range(start, start + 100)}
        note(connection, "a", "school_sis", seen, DAY)
    found = places(connection)

    assert len(found) <= MOST_PLACES + 1
    assert {p.path: p.count for p in found}["?"] == 2


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("drift") / "gateway") as lent:
        yield lent


def drift_of(house: House, agency: str) -> dict[tuple[str, str, str], int]:
    with house.reading() as connection:
        return {(p.format, p.kind, p.path): p.count for p in places(connection, agency)}


def test_a_refused_referral_leaves_its_drift_and_no_value(house: House) -> None:
    document = referral(HEALTH, concern={"types": ["FARZI_SECRET"], "primary": "NEGLECT", "verification": "SUSPECTED"})
    answer = house.send(WELFARE, json.dumps(document).encode(), "application/json")

    assert answer.status_code == 422
    assert drift_of(house, WELFARE)["raabta", "unknown_code", "/concern/types"] == 1
    house.send(WELFARE, json.dumps(document).encode(), "application/json")
    assert drift_of(house, WELFARE)["raabta", "unknown_code", "/concern/types"] == 2
    shown = house.http.get("/metrics").text
    assert f'raabta_drift_sightings{{agency="{WELFARE}",format="raabta",kind="unknown_code"}} 2.0' in shown
    assert "concern/types" not in shown
    assert "FARZI_SECRET" not in shown


def test_a_refused_reply_leaves_its_drift(house: House) -> None:
    accepted = house.submit(WELFARE, referral(HEALTH))
    name = house.ref_of(HEALTH, WELFARE, accepted["id"])
    answer = house.reply(HEALTH, name, kind="MISALI")

    assert answer.status_code == 422
    assert drift_of(house, HEALTH)["raabta", "unknown_code", "/kind"] == 1


def test_an_accepted_document_leaves_its_drift_once_however_often_it_is_sent(house: House) -> None:
    mapping = library()["health_fhir"]
    bundle = json.loads(dict(golden_samples(mapping))["referral.json"])
    patient = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient")
    patient["multipleBirthBoolean"] = True
    body = json.dumps(bundle).encode()
    wanted = in_readings(mapping.read(body))
    assert wanted
    before = drift_of(house, HEALTH)
    first = house.send(HEALTH, body, "application/fhir+json", key="drift-once")
    again = house.send(HEALTH, body, "application/fhir+json", key="drift-once")

    assert (first.status_code, again.status_code) == (202, 202), first.text
    found = drift_of(house, HEALTH)
    gained = {key: n - before.get(key, 0) for key, n in found.items() if key[0] == "health_fhir"}
    assert gained == {("health_fhir", kind.value, path): 1 for kind, path in wanted}


def test_two_threads_count_the_same_place_together(house: House) -> None:
    def one() -> None:
        house.write(lambda connection: note(connection, SCHOOL, "school_sis", {(Drift.NEW_FIELD, "/both")}, DAY))

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert drift_of(house, SCHOOL)["school_sis", "new_field", "/both"] == 8
