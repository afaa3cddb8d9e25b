"""One referral's story as text, JSON, AuditEvents and a page, from a running gateway."""

import base64
import json
import string
import uuid
from dataclasses import replace

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy import select

from gateway.ledger.bundle import export_bundle
from gateway.ledger.catalogue import CATALOGUE
from gateway.ledger.story import story
from gateway.store.tables import checkpoint, entry, salt, subtree, tree
from gateway.trace.diagram import diagram
from gateway.trace.page import story_page
from gateway.trace.standing import standing
from gateway.trace.urdu import SAYS, told
from tests.gateway.house import House, child, referral, running
from tests.gateway.manifests import HEALTH, POLICE, SCHOOL, WELFARE
from tests.ledger.samples import fields_of

LEDGER = (entry, salt, tree, subtree, checkpoint)
CANARY = "Kanari Parinda"
SEARCH = "Task?_lastUpdated=gt2026-01-01T00:00:00Z&status=requested&_count=20"
REQUEST = "0f9b2a10-0000-4000-8000-000000000031"
DCM = {"110153": "source", "110152": "destination"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with running(tmp_path_factory.mktemp("trace") / "gateway") as lent:
        yield lent


@pytest.fixture(scope="module")
def ref(house: House) -> str:
    """Send a referral to three, one of whom reads and accepts it."""
    name = house.submit(POLICE, referral(HEALTH, WELFARE, SCHOOL, child=child(name=CANARY)))["id"]
    theirs = house.ref_of(WELFARE, POLICE, name)
    assert house.view(WELFARE, theirs).status_code == 200
    assert house.call(HEALTH, "GET", f"/fhir/r4/{SEARCH}", headers={"X-Request-Id": REQUEST}).status_code == 200
    assert house.reply(WELFARE, theirs, kind="ACCEPT", state="ACCEPTED").status_code == 202
    return name


@pytest.fixture(scope="module")
def real(house, ref):
    return house.id_of(POLICE, ref)


def bundle_of(house, agency, name):
    answer = house.call(agency, "GET", f"/v1/referrals/{name}/story", headers={"Accept": "application/fhir+json"})
    assert answer.headers["content-type"] == "application/fhir+json"
    return answer.json()


def test_every_event_is_told_in_urdu_with_the_same_fields():
    assert {kind.value for kind in CATALOGUE} <= set(SAYS)
    for kind, spec in CATALOGUE.items():
        english, urdu = (
            {name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (spec.says, SAYS[kind.value])
        )
        assert urdu == english, kind
        assert told(kind.value, fields_of(kind)).urdu
        assert "{" not in told(kind.value, fields_of(kind)).urdu


def test_the_standing_says_who_has_it_what_was_withheld_and_what_comes_next(house, real):
    with house.reading() as connection:
        stands = standing(house.gateway.room, connection, real)
    by = {each.agency: each for each in stands.receivers}

    assert by[WELFARE].has.english == f"{WELFARE} has accepted it."
    assert by[WELFARE].has.urdu.endswith("قبول کر لیا۔")
    assert any("must acknowledge" in line.english for line in by[HEALTH].coming)
    assert any("تک" in line.urdu for line in by[HEALTH].coming)
    assert {one.label for one in by[SCHOOL].withheld} >= {"concern"}
    (agreed,) = house.gateway.room.directory.find(SCHOOL).agreements
    assert by[SCHOOL].agreement == agreed.id
    assert all(one.rule and one.count == len(one.paths) for one in by[SCHOOL].withheld)
    assert CANARY not in json.dumps(stands.as_json())


def test_an_agreement_that_is_not_as_it_was_is_named_by_its_digest(house, real, monkeypatch):
    known = house.gateway.room.directory._agencies
    then = known[SCHOOL]
    monkeypatch.setitem(known, SCHOOL, replace(then, agreements=(replace(then.agreements[0], owner="Farzi"),)))
    with house.reading() as connection:
        stands = standing(house.gateway.room, connection, real, withheld=False)

    (school,) = (each for each in stands.receivers if each.agency == SCHOOL)
    assert school.agreement == f"{then.agreements[0].digest[:12]}…"


def test_a_sender_hears_what_comes_next_and_nobody_what_was_withheld(house, ref):
    mine = house.call(POLICE, "GET", f"/v1/referrals/{ref}/story").json()
    theirs = house.call(SCHOOL, "GET", f"/v1/referrals/{house.ref_of(SCHOOL, POLICE, ref)}/story").json()

    assert {each["agency"] for each in mine["standing"]} == {HEALTH, WELFARE, SCHOOL}
    assert all(each["withheld"] == [] for each in mine["standing"])
    assert "standing" not in theirs


def test_audit_events_are_valid_and_keep_the_cardinalities_of_balp(house, ref):
    bundle = bundle_of(house, POLICE, ref)
    Bundle.model_validate(bundle)
    events = [each["resource"] for each in bundle["entry"]]
    profiles = {profile.rpartition(".")[2] for each in events for profile in each.get("meta", {}).get("profile", [])}
    for each in events:
        AuditEvent.model_validate(each)
        assert CANARY not in json.dumps(each)

    assert profiles == {"PatientCreate", "PatientRead", "PatientQuery"}
    for each in events:
        for profile in each.get("meta", {}).get("profile", []):
            holds_pattern(each, profile.rpartition(".")[2])


def holds_pattern(event, profile):
    """formats/health.md 4.2, row by row."""
    action, subtype, client, server = {
        "PatientCreate": ("C", "create", "source", "destination"),
        "PatientRead": ("R", "read", "destination", "source"),
        "PatientQuery": ("E", "search-type", "source", "destination"),
    }[profile]
    assert (event["type"]["code"], event["action"], event["outcome"]) == ("rest", action, "0")
    assert [each["code"] for each in event["subtype"]] == [subtype]
    machines = [each for each in event["agent"] if each["type"]["coding"][0]["code"] in DCM]
    assert [DCM[each["type"]["coding"][0]["code"]] for each in machines] == [client, server]
    assert all(
        "who" in each and {"address", "type"} == set(each["network"]) and "media" not in each for each in machines
    )
    people = [each for each in event["agent"] if each not in machines]
    assert len(people) <= 1
    assert all(each["requestor"] and "network" not in each for each in people)
    data = [each for each in event["entity"] if each["type"]["code"] == "2"]
    patients = [each for each in event["entity"] if each["type"]["code"] == "1"]
    asked = profile == "PatientQuery"
    assert [(each["role"]["code"], "what" in each) for each in data] == [("24", False) if asked else ("4", True)]
    assert not asked or base64.b64decode(data[0]["query"]).decode() == SEARCH
    transactions = [each for each in event["entity"] if each["type"]["code"] == "XrequestId"]
    assert len(transactions) <= 1
    assert all(uuid.UUID(each["what"]["identifier"]["value"]) for each in transactions)
    assert [(each["role"]["code"], each["what"]["reference"].partition("/")[0]) for each in patients] == [
        ("1", "Patient")
    ]


def test_a_search_is_an_event_for_each_child_it_found_with_the_ids_of_the_request(house, ref):
    """formats/health.md 10, case 18: `what` is absent, and the query is the string that was sent."""
    for name in (ref, house.submit(POLICE, referral(HEALTH))["id"]):
        if name != ref:
            assert house.call(HEALTH, "GET", f"/fhir/r4/{SEARCH}", headers={"X-Request-Id": REQUEST}).status_code == 200
        events = [each["resource"] for each in bundle_of(house, POLICE, name)["entry"]]
        found = [each for each in events if each["subtype"][0]["code"] == "search-type"]
        assert found
        assert all(each["entity"][-1]["what"] == {"identifier": {"value": REQUEST}} for each in found)


def test_an_id_or_a_search_that_may_hold_anything_is_not_entered(house):
    name = house.submit(POLICE, referral(HEALTH))["id"]
    for search, request in (("Task?name=Kanari", "Kanari-Parinda"), (f"{SEARCH}&name=Kanari", "kanari")):
        answer = house.call(HEALTH, "GET", f"/fhir/r4/{search}", headers={"X-Request-Id": request})
        assert (answer.status_code, answer.headers["x-request-id"]) == (200, request)

    events = [each["resource"] for each in bundle_of(house, POLICE, name)["entry"]]
    queries = [each["entity"][0]["query"] for each in events if each["subtype"][0]["code"] == "search-type"]
    assert {base64.b64decode(each) for each in queries} == {b"Task?"}
    assert "anari" not in json.dumps(events) + json.dumps(house.entries())


def test_a_receiver_is_told_its_own_part_only_in_fhir_too(house, ref):
    whole = bundle_of(house, POLICE, ref)
    theirs = bundle_of(house, SCHOOL, house.ref_of(SCHOOL, POLICE, ref))

    assert 0 < len(theirs["entry"]) < len(whole["entry"])
    assert HEALTH not in json.dumps(theirs)
    assert ref not in json.dumps(theirs)


def test_the_page_holds_diagram_and_every_entry_and_no_value_of_the_child(house, real):
    with house.reading() as connection:
        whole = story(connection, real)
    page, drawn = story_page(whole, "raabta.example.pk"), diagram(whole)

    assert "default-src 'none'; style-src 'sha256-" in page
    assert "<script" not in page
    assert page.count("<tr>") >= len(whole.lines)
    assert 'lang="ur" dir="rtl"' in page
    assert CANARY not in page
    assert [name for name, _ in drawn.lanes][:2] == [POLICE, "gateway"]
    assert {"call", "look"} <= {arrow.look for arrow in drawn.arrows}
    assert drawn.left_out == 0


def test_nothing_of_the_child_stands_in_rows_proofs_or_evidence(house, ref, real):
    house.gateway.sign(None)
    evidence = house.call(POLICE, "GET", f"/v1/referrals/{ref}/evidence").content
    with house.reading() as connection:
        rows = str([tuple(row) for table in LEDGER for row in connection.execute(select(table))])
        whole = export_bundle(connection, house.gateway.signer)
    proof = house.call(POLICE, "GET", "/v1/ledger/proofs/3").text

    for value in (*CANARY.split(), "2016-03-07", "03990000001"):
        assert value not in rows
        assert value not in proof
        assert value.encode() not in evidence
        assert value.encode() not in whole
