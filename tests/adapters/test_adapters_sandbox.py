"""The doors against the simulated agencies, over real sockets: what counts is the number of effects."""

import json
import tomllib
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from adapter_samples import KINDS

from adapters.base import Adapter, Delivered, Envelope, Refused, Unavailable, Unknown
from adapters.registry import adapter_for, load_manifests
from conformance.sandbox.credentials import initialise
from conformance.sandbox.program import build
from conformance.sandbox.serve import served
from conformance.sandbox.settings import load
from gateway.demo.processes import free_ports
from tests.sandbox import documents

pytestmark = pytest.mark.anyio
AGENCIES = sorted(KINDS)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox")
    initialise(folder, "http://127.0.0.1:9", dict(zip(documents_of, free_ports(len(documents_of)), strict=True)))
    return folder


NOTIFICATION = (
    '<CIVIL_REGISTRATION version="1.0"><REQUEST_DATA><TRANSACTION_ID>{id}</TRANSACTION_ID><SESSION_ID/>'
    "<AREA_NAME>punjab</AREA_NAME><PURPOSE_CODE>REGISTER_BIRTH</PURPOSE_CODE><LEGAL_BASIS>TEST-ORDER-1</LEGAL_BASIS>"
    '<BIRTH_REGISTRATION status="NOTIFIED" kind="NORMAL"><CHILD><NAME xml:lang="en">{name}</NAME>'
    "<GENDER>FEMALE</GENDER><DATE_OF_BIRTH>07-03-2024</DATE_OF_BIRTH></CHILD>"
    '<FATHER status="UNKNOWN"/><MOTHER status="UNKNOWN"/></BIRTH_REGISTRATION></REQUEST_DATA></CIVIL_REGISTRATION>'
)


def transaction(message_id: str) -> str:
    return "9901" + str(uuid.UUID(message_id).int)[:15]


documents_of: dict[str, Callable[[str, str], bytes]] = {
    "nadra": lambda i, name: NOTIFICATION.format(id=transaction(i), name=name).encode(),
    "police": lambda i, name: json.dumps(documents.police_referral(i, name)).encode(),
    "health": lambda i, name: json.dumps(documents.bundle(i, name)).encode(),
    "school": lambda i, name: json.dumps(documents.school_request(i, name)).encode(),
    "welfare": lambda i, name: json.dumps(documents.canonical(i, name)).encode(),
}


@dataclass
class Agency:
    """One running simulator, our door to it, and its control surface."""

    name: str
    url: str
    door: Adapter
    envelope: Callable[..., Envelope]
    control: httpx.Client

    def letter(self, message_id: str, text: str = "Misali Farzi", attempt: int = 1) -> Envelope:
        return self.envelope(
            documents_of[self.name](message_id, text), message_id=message_id, attempt=attempt, document="notification"
        )

    def fail(self, *script: str) -> None:
        self.control.post("/_sandbox/faults", json={"script": list(script)}).raise_for_status()

    def down(self, value: bool) -> None:
        self.control.post("/_sandbox/faults", json={"down": value}).raise_for_status()

    def effects(self) -> int:
        return len(self.control.get("/_sandbox/received").json()["effects"])

    def paths(self) -> list[str]:
        return [one["path"] for one in self.control.get("/_sandbox/requests").json()["requests"]]


def manifest_of(name: str, url: str, sandbox: Path, home: Path, style: str) -> Path:
    """Write the manifest that the sandbox's own `gateway.toml` amounts to."""
    facts = tomllib.loads((sandbox / "gateway.toml").read_text())
    login, user = facts[name]["outbound"], facts["nadra"]["user"]
    credential = (
        f'secret = "file:{sandbox / login["secret_file"]}"'
        if "secret_file" in login
        else f'key_file = "{sandbox / login["key_file"]}"\nkid = "{login["kid"]}"\nalg = "{login["alg"]}"'
    )
    options = (
        f'[options]\nfranchise_id = "9901"\nbody_style = "{style}"\nusername = "{user["username"]}"\n'
        f'password = "file:{sandbox / user["password_file"]}"\n'
        '[options.operations]\nlookup = "GetBirthRegistration"\nnotification = "SubmitBirthNotification"\n'
    )
    kind, format_id = KINDS[name]
    file = home / "agency.toml"
    file.write_text(
        f'id = "{facts[name]["agency_id"]}"\nkind = "{kind}"\nname = "Namuna"\nadapter = "{name}"\n'
        f'format = "{format_id}"\nbase_url = "{url}"\nallow_private = true\n[limits]\ntotal_seconds = 2\n'
        f'[auth]\ntoken_url = "{url}/oauth/token"\nclient_id = "{login["client_id"]}"\n'
        f'method = "{login["method"]}"\n{credential}\n{options if name == "nadra" else ""}'
    )
    return file


@pytest.fixture
async def start(sandbox: Path, tmp_path: Path, envelope: Callable[..., Envelope]) -> Iterator[Callable[..., Agency]]:
    doors: list[Adapter] = []
    with ExitStack() as running:

        def begin(name: str, style: str = "legacy") -> Agency:
            port = free_ports(1)[0]
            program = build(load(sandbox / "sandbox.toml", name, port), tmp_path)
            url = running.enter_context(served(program, port))
            manifest_of(name, url, sandbox, tmp_path, style)
            [manifest] = load_manifests(tmp_path).values()
            doors.append(adapter_for(manifest))
            control = running.enter_context(httpx.Client(base_url=url, trust_env=False))
            usual = {"media_type": "application/fhir+json" if name == "health" else "application/json"}

            def write(body: bytes, **changes: object) -> Envelope:
                return envelope(body, **(usual | changes))

            return Agency(name, url, doors[-1], write, control)

        yield begin
        for door in doors:
            await door.close()


@pytest.fixture(params=AGENCIES)
def agency(request: pytest.FixtureRequest, start: Callable[..., Agency]) -> Agency:
    return start(request.param)


def new_id() -> str:
    return str(uuid.uuid4())


async def test_a_message_is_delivered_with_a_reference(agency):
    outcome = await agency.door.send(agency.letter(new_id()))
    assert isinstance(outcome, Delivered)
    assert outcome.receipt_ref
    assert outcome.answer
    assert not outcome.duplicate
    assert agency.effects() == 1


async def test_the_same_message_again_has_no_second_effect(agency):
    message_id = new_id()
    for attempt in (1, 2, 3):
        outcome = await agency.door.send(agency.letter(message_id, attempt=attempt))
        assert isinstance(outcome, Delivered)
    assert agency.effects() == 1


async def test_another_body_under_the_same_id_is_refused(agency):
    message_id = new_id()
    await agency.door.send(agency.letter(message_id))
    outcome = await agency.door.send(agency.letter(message_id, "Namuna Azmaishi"))
    assert isinstance(outcome, Refused)
    assert outcome.permanent
    assert agency.effects() == 1


@pytest.mark.parametrize("fault", ["drop", "badreceipt"])
async def test_an_effect_whose_receipt_was_lost_is_found_again(agency, fault):
    agency.fail(fault)
    outcome = await agency.door.send(agency.letter(new_id()))
    assert isinstance(outcome, Delivered)
    assert agency.effects() == 1
    assert len(agency.paths()) == 2


async def test_a_page_instead_of_an_answer_is_found_out(agency):
    agency.fail("html")
    message_id = new_id()
    assert await agency.door.send(agency.letter(message_id)) == Unavailable(200, "NOT_RECEIVED")
    assert isinstance(await agency.door.send(agency.letter(message_id, attempt=2)), Delivered)
    assert agency.effects() == 1


async def test_an_agency_that_asks_for_patience_gets_it(agency):
    agency.fail("503:5", "429:2", "503")
    letter = agency.letter(new_id())
    first, second, third = [await agency.door.send(letter) for _ in range(3)]
    assert (first.status, first.retry_after, first.transport_fault) == (503, 5.0, True)
    assert (second.status, second.retry_after, second.transport_fault) == (429, 2.0, False)
    assert (third.status, third.retry_after, third.transport_fault) == (503, None, True)
    assert all(isinstance(one, Unavailable) for one in (first, second, third))
    assert agency.effects() == 0


async def test_a_refused_bearer_is_replaced_within_the_attempt(agency):
    agency.fail("401")
    assert isinstance(await agency.door.send(agency.letter(new_id())), Delivered)
    assert agency.effects() == 1


async def test_a_refused_login_pauses_and_the_next_one_may_pass(agency):
    agency.fail("token")
    letter = agency.letter(new_id())
    assert await agency.door.send(letter) == Unavailable(401, "CREDENTIALS", pause=True)
    assert isinstance(await agency.door.send(letter), Delivered)


async def test_an_agency_that_is_down_is_unavailable_and_recovers(agency):
    agency.down(True)
    letter = agency.letter(new_id())
    down = await agency.door.send(letter)
    assert isinstance(down, Unavailable)
    assert down.transport_fault
    agency.down(False)
    assert isinstance(await agency.door.send(letter), Delivered)


async def test_a_silent_agency_leaves_no_effect_and_is_asked(agency):
    agency.fail("hang:30")
    outcome = await agency.door.send(agency.letter(new_id()))
    assert outcome == Unavailable(None, "NOT_RECEIVED", transport_fault=True)


async def test_a_question_that_fails_leaves_a_doubt_and_a_later_attempt_clears_it(agency):
    agency.fail("drop", "503")
    message_id = new_id()
    outcome = await agency.door.send(agency.letter(message_id))
    assert outcome == Unknown("DISCONNECTED", transport_fault=True)
    assert isinstance(await agency.door.send(agency.letter(message_id, attempt=2)), Delivered)
    assert agency.effects() == 1


async def test_a_poisonous_document_is_refused_for_good(agency):
    body = b"<CIVIL_REGISTRATION/>" if agency.name == "nadra" else b'{"resourceType":"Bundle","type":"transaction"}'
    outcome = await agency.door.send(agency.envelope(body, message_id=new_id(), document="notification"))
    assert isinstance(outcome, Refused)
    assert outcome.permanent
    assert agency.effects() == 0


@pytest.mark.parametrize("style", ["legacy", "plain"])
async def test_the_registry_answers_a_lookup_in_both_styles(start, style):
    nadra = start("nadra", style)
    body = (
        "<CIVIL_REGISTRATION><REQUEST_DATA><TRANSACTION_ID>9901003999900000172</TRANSACTION_ID><SESSION_ID/>"
        "<CRMS_NUMBER>{number}</CRMS_NUMBER><AREA_NAME>punjab</AREA_NAME>"
        "<PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE><LEGAL_BASIS>TEST-ORDER-0001</LEGAL_BASIS>"
        "</REQUEST_DATA></CIVIL_REGISTRATION>"
    )
    known = nadra.envelope(body.format(number="B999901-16-00017").encode(), document="lookup")
    outcome = await nadra.door.send(known)
    assert isinstance(outcome, Delivered)
    assert b"<CODE>100</CODE>" in outcome.answer
    assert "زرمینہ" in outcome.answer.decode()
    unknown = body.format(number="B999901-16-99999").replace("0172", "0173")
    outcome = await nadra.door.send(nadra.envelope(unknown.encode(), document="lookup", message_id=new_id()))
    assert isinstance(outcome, Delivered)
    assert b"<CODE>901</CODE>" in outcome.answer


@pytest.mark.parametrize(("code", "kind"), [("300", Unavailable), ("108", Unavailable), ("104", Delivered)])
async def test_the_registrys_planned_codes_are_judged(start, code, kind):
    nadra = start("nadra")
    nadra.fail(f"code:{code}")
    assert isinstance(await nadra.door.send(nadra.letter(new_id())), kind)


async def test_police_answer_xml_in_xml(start):
    police = start("police")
    message_id = new_id()
    body = documents.police_xml(message_id).body
    letter = police.envelope(body, media_type="application/vnd.raabta.fir+xml", message_id=message_id)
    first, again = [await police.door.send(letter) for _ in range(2)]
    assert isinstance(first, Delivered)
    assert first.receipt_ref.startswith("FT-")
    assert (first.duplicate, again.duplicate) == (False, True)
    assert police.effects() == 1
