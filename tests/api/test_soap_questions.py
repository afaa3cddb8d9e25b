"""Questions to the civil register through the SOAP door: answered in the call, or later as the last result."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.base import Delivered, Envelope, Outcome
from gateway.api import soap as door
from mappings.library import library
from mappings.samples import golden_samples
from tests.api.test_soap import code, post, said, wrapped
from tests.gateway.house import House, running
from tests.gateway.manifests import HEALTH, NADRA, STRANGER, WELFARE
from tests.recall.post import Post

SAMPLES = dict(golden_samples(library()["nadra_crms"]))
KEYS = {
    "GetBirthRegistration": "<CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER>",
    "SearchBirthRegistration": '<CHILD_NAME xml:lang="en">Farzi Bachi</CHILD_NAME><DOB_FROM>01-01-2016</DOB_FROM>'
    '<DOB_TO>31-12-2016</DOB_TO><DISTRICT xml:lang="en">Farziabad</DISTRICT>',
    "VerifyChildRegistration": "<CHILD_NUMBER>39999-0000017-2</CHILD_NUMBER>"
    '<CHILD_NAME xml:lang="en">Farzi Bachi</CHILD_NAME><DATE_OF_BIRTH>07-03-2016</DATE_OF_BIRTH>',
}
FOCAL = f'{{ agency = "{WELFARE}", role = "CASE_WORKER", phone = "1121" }}'
GIVE = f"{{ focal_point = {FOCAL} }}"
ROUTE = f"""
[[route]]
id = "ask-the-register"
when = {{ service = "CIVIL_REGISTRATION" }}
to = [
  {{ agency = "{NADRA}", purpose = "REGISTER_BIRTH", service = "CIVIL_REGISTRATION", give = {GIVE} }},
]
"""


def with_route(config: Path) -> None:
    config.write_text(config.read_text("utf-8") + ROUTE, "utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("house") / "gateway", amend=with_route) as lent:
        yield lent


def question(operation: str, transaction: str, keys: str | None = None) -> bytes:
    inner = (
        f"<CIVIL_REGISTRATION><REQUEST_DATA><TRANSACTION_ID>{transaction}</TRANSACTION_ID>"
        "<AREA_NAME>punjab</AREA_NAME><PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE>"
        f"<LEGAL_BASIS>MANDATORY_REPORT LAW:PB-PDNCA-2004</LEGAL_BASIS>{KEYS[operation] if keys is None else keys}"
        "</REQUEST_DATA></CIVIL_REGISTRATION>"
    )
    return wrapped("legacy", inner, operation)


def knowing(envelope: Envelope) -> Outcome:
    """Answer as a register that knows the child, under the transaction it was asked under."""
    asked = envelope.body.partition(b"<TRANSACTION_ID>")[2].partition(b"<")[0]
    name = {"verification": "match.xml"}.get(envelope.document, "registration.xml")
    theirs = SAMPLES[name].partition(b"<TRANSACTION_ID>")[2].partition(b"<")[0]
    return Delivered(200, "receipt-1", SAMPLES[name].replace(theirs, asked), "application/vnd.raabta.crms+xml")


@pytest.fixture
def register(house: House) -> Iterator[Post]:
    """Deliver all the time, to a register that knows the child."""
    post_office, done = Post.of(house), threading.Event()
    post_office.doors[NADRA].judge = knowing

    def deliver() -> None:
        while not done.wait(0.05):
            post_office.deliver()

    thread = threading.Thread(target=deliver)
    thread.start()
    yield post_office
    done.set()
    thread.join(60)


@pytest.mark.parametrize(("operation", "number"), [("GetBirthRegistration", 1), ("SearchBirthRegistration", 2)])
def test_a_question_is_answered_with_the_entry_in_the_same_call(
    house: House, register: Post, operation: str, number: int
) -> None:
    transaction = f"990100399990000070{number}"
    answer = post(house, question(operation, transaction))

    (reading,) = library()["nadra_crms"].read(answer.content)
    assert answer.status_code == 200
    assert reading.document == "registration"
    assert reading.value.registration.crms_number == "B999901-16-00017"
    assert transaction in answer.text
    assert f"{operation}Result" in answer.text


def test_a_verification_is_answered_field_by_field_and_with_no_entry(house: House, register: Post) -> None:
    answer = post(house, question("VerifyChildRegistration", "9901003999900000711"))

    (reading,) = library()["nadra_crms"].read(answer.content)
    assert reading.document == "match"
    assert "BIRTH_REGISTRATION" not in answer.text


def test_what_comes_late_is_told_as_the_last_result(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PATIENCE", 0.0)
    transaction = "9901003999900000721"
    assert code(said(post(house, question("GetBirthRegistration", transaction)))) == "300"
    assert code(said(post(house, question("GetLastResult", transaction, "")))) == "300"
    post_office = Post.of(house)
    post_office.doors[NADRA].judge = knowing
    post_office.deliver()

    last = post(house, question("GetLastResult", transaction, ""))
    assert "B999901-16-00017" in last.text
    again = post(house, question("GetBirthRegistration", transaction))
    assert "B999901-16-00017" in again.text
    assert len(post_office.doors[NADRA].got) == 1, "a repeated question is not asked again"
    other = "<CHILD_NUMBER>39999-0000099-1</CHILD_NUMBER>"
    assert code(said(post(house, question("GetLastResult", transaction, other)))) == "151"


def test_a_last_result_is_told_to_nobody_else(house: House, register: Post) -> None:
    transaction = "9901003999900000731"
    post(house, question("GetBirthRegistration", transaction))

    assert code(said(post(house, question("GetLastResult", transaction, ""), agency=STRANGER))) == "151"
    assert code(said(post(house, question("GetLastResult", "9901003999900000799", "")))) == "151"


def test_an_agency_that_may_not_know_an_entry_gets_none(house: House, register: Post) -> None:
    """A hospital is told nothing of the register's own entry (formats/case-management.md 6.4)."""
    answer = post(house, question("GetBirthRegistration", "9901003999900000741"), agency=HEALTH)

    assert answer.status_code == 200
    assert "B999901-16-00017" not in answer.text
