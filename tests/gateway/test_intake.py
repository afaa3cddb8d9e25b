"""A document is accepted once, whole, from whom the token says, or not at all."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway import stamping
from gateway.clock import instant
from gateway.store.tables import delivery, document, party
from gateway.store.tables import referral as referral_table
from mappings.dates import instant as canonical_instant
from tests.gateway.house import House, child, count, referral
from tests.gateway.manifests import HEALTH, NADRA, POLICE, SCHOOL, WELFARE

TWO_CHILDREN = """<FIRDocument xmlns="urn:raabta:police-fir:1" schemaVersion="1.0"><Header>
<MessageID>{id}</MessageID><MessageTypeCode>FIR</MessageTypeCode>
<MessageDateTime>2025-03-15T21:05:00+05:00</MessageDateTime><SenderSystemID>PB-PSRMS</SenderSystemID>
<ReceiverSystemID>RAABTA</ReceiverSystemID><DisclosureTierCode>T0</DisclosureTierCode>
<IncidentDisseminationLevelCode>RED</IncidentDisseminationLevelCode></Header><Registration>
<FIRNumber>123/25</FIRNumber><FIRSerialNumber>123</FIRSerialNumber><FIRYear>2025</FIRYear>
<RegisteredUnderCode>CRPC_154</RegisteredUnderCode>
<IncidentLogIdentification number="17" date="2025-03-15" informationTime="19:05" entryTime="19:10"/>
<EnforcementUnit><EnforcementUnitName lang="en">Farzi Town</EnforcementUnitName>
<EnforcementUnitID>PB:9901</EnforcementUnitID><DistrictName>Farzi Zila</DistrictName><ProvinceCode>PB</ProvinceCode>
</EnforcementUnit></Registration><Incident>
<ActivityDate start="2025-03-14T16:30:00+05:00" precision="EXACT"/>
<ActivityReportedDateTime>2025-03-15T19:10:00+05:00</ActivityReportedDateTime>
<ActivityLocation><AddressFullText>Misali Bazar</AddressFullText></ActivityLocation>
<IncidentMinorInvolvedIndicator>true</IncidentMinorInvolvedIndicator></Incident>
<OffensesRawText>328-A PPC</OffensesRawText>
<Offense act="PPC" section="328-A"><CPCategoryCode>CRUELTY</CPCategoryCode></Offense>
<Person id="p1"><RoleCode>VICTIM</RoleCode><PersonFullName script="Latn">Farzi Bacha</PersonFullName>
<PersonAgeMeasure unit="Y" estimated="false">9</PersonAgeMeasure><PersonSexText>MALE</PersonSexText></Person>
<Person id="p2"><RoleCode>VICTIM</RoleCode><PersonFullName script="Latn">Farzi Bachi</PersonFullName>
<PersonAgeMeasure unit="Y" estimated="false">7</PersonAgeMeasure><PersonSexText>FEMALE</PersonSexText></Person>
<Person id="p3"><RoleCode>ACCUSED_UNKNOWN</RoleCode><CountQuantity>1</CountQuantity></Person>
<Official role="REGISTERING" name="Farzi Afsar" rank="ASI" belt="T-0001"/>
<ChildProtection><UrgencyCode>24H</UrgencyCode><CaregiverIsAccusedIndicator>false</CaregiverIsAccusedIndicator>
<CurrentWhereaboutsCode>HOME</CurrentWhereaboutsCode></ChildProtection>
<CaseStatus code="UNDER_INVESTIGATION" date="2025-03-15"/></FIRDocument>"""
FIR = "application/vnd.raabta.fir+xml"


def stored(house: House) -> dict[str, int]:
    """Return how many rows an acceptance could have written."""
    with house.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (referral_table, party, delivery, document)
        }


def body_of(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()


def test_an_accepted_referral_is_answered_with_where_it_is(house: House) -> None:
    sent = referral(HEALTH, SCHOOL)
    answer = house.send(WELFARE, body_of(sent), "application/json")
    body = answer.json()

    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/referrals/{body['id']}"
    assert body["state"] == "SENT"
    assert [(d["recipient"], d["state"]) for d in body["deliveries"]] == [(HEALTH, "SENT"), (SCHOOL, "SENT")]
    assert house.call(WELFARE, "GET", answer.headers["location"]).status_code == 200


def test_everything_an_acceptance_stores_is_there_when_it_is_answered(house: House) -> None:
    before = stored(house)
    name = house.submit(WELFARE, referral(HEALTH, SCHOOL))["id"]
    after = stored(house)

    assert {table: after[table] - before[table] for table in after} == {
        "referral": 1, "party": 3, "delivery": 2, "document": 2,
    }  # fmt: skip
    kinds = [kind for kind, _ in house.entries(house.id_of(WELFARE, name))]
    assert kinds == ["referral.accepted", "routed", "routed"]


def test_the_same_key_and_body_get_the_same_answer(house: House) -> None:
    key, body = str(uuid.uuid4()), body_of(referral(HEALTH))
    first = house.send(WELFARE, body, "application/json", key)
    before = stored(house)
    second = house.send(WELFARE, body, "application/json", key)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert (first.json()["repeated"], second.json()["repeated"]) == (False, True)
    assert [d["recipient"] for d in second.json()["deliveries"]] == [HEALTH]
    assert stored(house) == before


def test_the_documents_own_id_serves_where_no_key_is_sent(house: House) -> None:
    body = body_of(referral(HEALTH))
    first, second = (house.send(WELFARE, body, "application/json") for _ in range(2))

    assert first.json()["id"] == second.json()["id"]
    assert second.json()["repeated"] is True


def test_the_same_key_with_another_body_is_refused_and_the_first_stands(house: House) -> None:
    key = str(uuid.uuid4())
    first = house.send(WELFARE, body_of(referral(HEALTH)), "application/json", key)
    second = house.send(WELFARE, body_of(referral(SCHOOL)), "application/json", key)

    assert second.status_code == 409
    assert second.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert house.view(WELFARE, first.json()["id"]).json()["deliveries"][0]["recipient"] == HEALTH


def test_a_key_belongs_to_the_agency_that_sent_it(house: House) -> None:
    key = str(uuid.uuid4())
    first = house.send(WELFARE, body_of(referral(SCHOOL)), "application/json", key)
    second = house.send(HEALTH, body_of(referral(SCHOOL)), "application/json", key)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] != second.json()["id"]


def test_a_referral_without_key_and_id_is_refused(house: House) -> None:
    bare = {key: value for key, value in referral(HEALTH).items() if key != "message_id"}

    answer = house.send(WELFARE, body_of(bare), "application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_REQUIRED"


def test_twenty_at_once_with_one_key_store_one_referral(house: House) -> None:
    key, body, before = str(uuid.uuid4()), body_of(referral(HEALTH)), stored(house)
    house.token(WELFARE)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: house.send(WELFARE, body, "application/json", key), range(20)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum(not answer.json()["repeated"] for answer in answers) == 1
    assert stored(house)["referral"] == before["referral"] + 1
    assert stored(house)["delivery"] == before["delivery"] + 1


def test_a_report_about_two_children_becomes_two_linked_referrals(house: House) -> None:
    before = stored(house)
    answer = house.send(POLICE, TWO_CHILDREN.format(id=uuid.uuid4()).encode(), FIR)
    assert answer.status_code == 202, answer.text
    body = answer.json()
    names = [body["id"], *[each["id"] for each in body["linked"]]]

    assert len(set(names)) == 2
    assert stored(house)["referral"] == before["referral"] + 2
    views = [house.view(POLICE, name).json()["referral"] for name in names]
    assert [view["child"]["name"] for view in views] == ["Farzi Bacha", "Farzi Bachi"]
    assert all(view["links"][0]["kind"] == "SAME_INCIDENT" for view in views)


def test_two_children_of_one_report_are_repeated_as_one(house: House) -> None:
    body, key = TWO_CHILDREN.format(id=uuid.uuid4()).encode(), str(uuid.uuid4())
    first = house.send(POLICE, body, FIR, key).json()
    before = stored(house)
    second = house.send(POLICE, body, FIR, key).json()

    assert first["id"] == second["id"]
    assert [each["id"] for each in first["linked"]] == [each["id"] for each in second["linked"]]
    assert stored(house) == before


def test_two_children_are_accepted_together_or_not_at_all(house: House) -> None:
    """The second child's key was used before by another document: then the first is not stored either."""
    key = str(uuid.uuid4())
    assert house.send(POLICE, TWO_CHILDREN.format(id=uuid.uuid4()).encode(), FIR, f"{key}#2").status_code == 202
    before = stored(house)
    answer = house.send(POLICE, TWO_CHILDREN.format(id=uuid.uuid4()).encode(), FIR, key)

    assert answer.status_code == 409
    assert stored(house) == before


def test_the_token_says_who_sends_whatever_the_document_says(house: House) -> None:
    lied = referral(SCHOOL, sender={"agency": NADRA, "kind": "CIVIL_REG", "name": "Farzi", "unit": "Ward 3"})
    name = house.submit(HEALTH, lied)["id"]
    told = house.view(HEALTH, name).json()["referral"]["sender"]

    assert (told["agency"], told["kind"]) == (HEALTH, "HEALTH")
    assert told["unit"] == "Ward 3"


def test_the_sender_is_not_a_receiver_of_its_own_referral(house: House) -> None:
    answer = house.submit(WELFARE, referral(WELFARE, HEALTH))

    assert [each["recipient"] for each in answer["deliveries"]] == [HEALTH]


def test_a_referral_nobody_may_have_is_held_with_the_reason(house: House) -> None:
    answer = house.submit(WELFARE, referral("welfare-sd-cpa", consent={"giver": "CHILD"}))

    assert answer["state"] == "HELD"
    assert answer["deliveries"] == [{"recipient": "welfare-sd-cpa", "state": "HELD", "reason": "NO_BASIS"}]
    with house.reading() as connection:
        mine = delivery.c.referral == house.id_of(WELFARE, answer["id"])
        assert count(connection, delivery, mine) == 0
    assert [kind for kind, _ in house.entries(house.id_of(WELFARE, answer["id"]))][-1] == "referral.held"


def test_a_referral_for_nobody_is_held(house: House) -> None:
    answer = house.submit(WELFARE, referral())

    assert answer["state"] == "HELD"
    assert answer["deliveries"] == [{"recipient": None, "state": "HELD", "reason": "NO_RECIPIENT"}]


def test_an_unknown_recipient_is_refused_and_nothing_stored(house: House) -> None:
    before = stored(house)
    answer = house.send(WELFARE, body_of(referral("health-nowhere")), "application/json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/recipients/0/agency"
    assert stored(house) == before


@pytest.mark.parametrize("value", [{"type": "record"}, {"type": "reply", "kind": "ACCEPT"}])
def test_a_record_or_an_answer_is_no_referral(house: House, value: dict[str, Any]) -> None:
    before = stored(house)
    answer = house.send(WELFARE, body_of({**value, "message_id": str(uuid.uuid4())}), "application/json")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "NOT_A_REFERRAL"
    assert stored(house) == before


def test_each_party_knows_the_referral_by_a_name_of_its_own(house: House) -> None:
    name = house.submit(WELFARE, referral(HEALTH, SCHOOL, case_ref="CASE-77"))["id"]
    names = {name, house.ref_of(HEALTH, WELFARE, name), house.ref_of(SCHOOL, WELFARE, name), house.id_of(WELFARE, name)}

    assert len(names) == 4
    assert "CASE-77" not in house.view(HEALTH, house.ref_of(HEALTH, WELFARE, name)).text


def test_what_is_on_disk_holds_nothing_that_can_be_read(house: House) -> None:
    canary = f"Kanarienvogel-{uuid.uuid4().hex}"
    house.submit(WELFARE, referral(HEALTH, child=child(name=canary), case_ref=canary))
    on_disk = b"".join(path.read_bytes() for path in house.folder.glob("raabta.sqlite*"))

    assert b"referral.accepted" in on_disk
    assert canary.encode() not in on_disk


def test_an_emergency_goes_ahead_of_the_rest(house: House) -> None:
    name = house.submit(WELFARE, referral(HEALTH, priority="EMERGENCY"))["id"]

    with house.reading() as connection:
        mine = delivery.c.referral == house.id_of(WELFARE, name)
        assert connection.execute(select(delivery.c.urgent).where(mine)).scalar_one()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"child": None}, "/child"),
        ({"child": {}}, "/child"),
        ({"consent": {"basis": "MANDATORY_REPORT", "giver": "CASE_WORKER"}}, "/consent/statute_id"),
    ],
)
def test_what_nobody_could_decide_about_is_refused_where_it_is_missing(
    house: House, changes: dict[str, Any], pointer: str
) -> None:
    sent = {name: value for name, value in (referral(HEALTH) | changes).items() if value is not None}
    before = stored(house)
    answer = house.send(WELFARE, body_of(sent), "application/json")
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(pointer, "MISSING_REQUIRED")]
    assert stored(house) == before


@pytest.mark.parametrize("at", [1_790_000_000.0, 1_790_000_000.5, 1_790_000_000.12, 1_790_000_000.125, 1_790_000_010.0])
def test_when_it_came_is_written_as_every_instant_of_the_language(at: float) -> None:
    assert stamping.canonical_instant(at) == canonical_instant(instant(at))
