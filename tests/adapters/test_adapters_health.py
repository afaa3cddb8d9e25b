import json
from urllib.parse import parse_qs

import pytest
from adapter_peer import DROP, HTML, Peer, Step, answer
from adapter_samples import MESSAGE_ID

from adapters.base import Delivered, Refused, Unavailable, Unknown

pytestmark = pytest.mark.anyio
FHIR = "application/fhir+json"
SYSTEM = "https://gateway.example.pk/fhir/sid/task"
TASK = {"resourceType": "Task", "identifier": [{"system": SYSTEM, "value": "R 321|T1+&=%$#"}]}
TRANSACTION = {
    "resourceType": "Bundle",
    "type": "transaction",
    "identifier": {"value": MESSAGE_ID},
    "entry": [{"resource": {"resourceType": "ServiceRequest"}}, {"resource": TASK}],
}
MESSAGE = {"resourceType": "Bundle", "type": "message", "entry": [{"resource": {"resourceType": "MessageHeader"}}]}
CREATED = [
    {"response": {"status": "201 Created", "location": "ServiceRequest/1/_history/1"}},
    {"response": {"status": "201 Created", "location": "https://his.example.pk/fhir/Task/7/_history/1"}},
]


def fhir(status: int, document: object, **headers: str) -> Step:
    return answer(status, document, f"{FHIR}; charset=utf-8", **headers)


def transacted(*entries: dict) -> Step:
    return fhir(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": list(entries)})


def outcome_of(*issues: tuple[str, str]) -> dict:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": s, "code": c} for s, c in issues]}


def header(code: str | None) -> Step:
    response = {"identifier": "x", **({"code": code} if code else {})}
    head = {"resourceType": "MessageHeader", "id": "mh-1", "response": response}
    return fhir(200, {"resourceType": "Bundle", "type": "message", "entry": [{"resource": head}]})


def found(*tasks: dict, **more: object) -> Step:
    entries = [{"resource": {"id": "7", **task}} for task in tasks]
    return fhir(200, {"resourceType": "Bundle", "type": "searchset", "total": len(tasks), "entry": entries, **more})


async def sent(make, envelope, bundle: dict, *steps: Step):
    async with Peer(*steps, rest=answer(404)) as peer:
        door = make("health", peer, top="[limits]\ntotal_seconds = 5\n")
        body = json.dumps(bundle).encode()
        outcome = await door.send(envelope(body, media_type=FHIR))
    return outcome, peer.requests


async def test_a_transaction_goes_to_the_base_and_its_task_is_the_reference(make, envelope):
    outcome, [request] = await sent(make, envelope, TRANSACTION, transacted(*CREATED))
    assert isinstance(outcome, Delivered)
    assert (outcome.status, outcome.receipt_ref, outcome.answer_media_type) == (200, "Task/7/_history/1", FHIR)
    assert (request.method, request.path) == ("POST", "/fhir")
    assert request.headers["content-type"] == "application/fhir+json; fhirVersion=4.0"
    assert request.headers["accept"] == "application/fhir+json; fhirVersion=4.0"
    assert request.headers["idempotency-key"] == MESSAGE_ID


async def test_a_message_goes_to_process_message(make, envelope):
    outcome, [request] = await sent(make, envelope, MESSAGE, header("ok"))
    assert isinstance(outcome, Delivered)
    assert outcome.receipt_ref == "mh-1"
    assert (request.method, request.path) == ("POST", "/fhir/$process-message")


@pytest.mark.parametrize(
    "answered",
    [
        transacted(CREATED[0]),
        transacted(),
        transacted(CREATED[0], {"response": {"status": "404 Not Found"}}),
        transacted(CREATED[0], {"response": "201"}),
        fhir(200, TRANSACTION),
        fhir(200, outcome_of(("information", "informational"))),
        fhir(200, []),
        answer(202, None, FHIR),
        HTML,
        DROP,
    ],
)
async def test_a_transaction_without_a_whole_response_is_settled_by_its_task(make, envelope, answered):
    outcome, [_, question] = await sent(make, envelope, TRANSACTION, answered, found(TASK))
    assert isinstance(outcome, Delivered)
    assert outcome.receipt_ref == "Task/7"
    path, _, query = question.path.partition("?")
    assert (question.method, path) == ("GET", "/fhir/Task")
    assert parse_qs(query, strict_parsing=True) == {"identifier": [rf"{SYSTEM}|R 321\|T1+&=%\$#"]}


async def test_no_task_means_that_the_transaction_did_not_happen(make, envelope):
    outcome, _ = await sent(make, envelope, TRANSACTION, DROP, found())
    assert outcome == Unavailable(None, "NOT_RECEIVED", transport_fault=True)


@pytest.mark.parametrize(
    "search",
    [
        found({"resourceType": "Task", "identifier": [{"system": SYSTEM, "value": "other"}]}),
        found({"resourceType": "Patient"}),
        found(total=3),
        fhir(200, outcome_of(("error", "processing"))),
        fhir(403, outcome_of(("error", "forbidden"))),
        HTML,
        DROP,
    ],
)
async def test_a_search_that_does_not_tell_leaves_the_doubt(make, envelope, search):
    outcome, _ = await sent(make, envelope, TRANSACTION, DROP, search, search)
    assert outcome == Unknown("DISCONNECTED", transport_fault=True)


async def test_a_doubtful_message_cannot_be_asked_for(make, envelope):
    outcome, requests = await sent(make, envelope, MESSAGE, DROP)
    assert outcome == Unknown("DISCONNECTED", transport_fault=True)
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (fhir(409, outcome_of(("error", "duplicate"))), Delivered(409, None, duplicate=True)),
        (fhir(409, outcome_of(("error", "conflict"))), Refused(409, "FHIR_CONFLICT")),
        (fhir(409, None), Refused(409, "HTTP_409")),
        (fhir(400, outcome_of(("error", "required"), ("error", "value"))), Refused(400, "FHIR_REQUIRED")),
        (fhir(422, outcome_of(("error", "code-invalid"))), Refused(422, "FHIR_CODE_INVALID")),
        (fhir(422, outcome_of(("error", "Misali Azmaishi"))), Refused(422, "HTTP_422")),
        (fhir(412, outcome_of(("error", "multiple-matches"))), Refused(412, "FHIR_MULTIPLE_MATCHES")),
        (fhir(429, outcome_of(("error", "throttled")), Retry_After="4"), Unavailable(429, "FHIR_THROTTLED", 4.0)),
        (fhir(503, outcome_of(("error", "transient"))), Unavailable(503, "FHIR_TRANSIENT", transport_fault=True)),
        (fhir(403, outcome_of(("error", "forbidden"))), Unavailable(403, "CREDENTIALS", pause=True)),
        (answer(500, b"<html>", "text/html"), Unavailable(500, "UPSTREAM_DOWN", transport_fault=True)),
    ],
)
async def test_an_operation_outcome_is_read_for_its_codes_alone(make, envelope, step, outcome):
    assert (await sent(make, envelope, TRANSACTION, step))[0] == outcome


async def test_a_conflict_whose_body_was_cut_could_be_either(make, envelope):
    step = Step(409, json.dumps(outcome_of(("error", "duplicate"))).encode(), {"Content-Type": FHIR}, cut=True)
    outcome, _ = await sent(make, envelope, TRANSACTION, step, DROP, DROP)
    assert outcome == Unknown("ANSWER_CUT", 409)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (header("transient-error"), Unavailable(200, "FHIR_TRANSIENT_ERROR")),
        (header("fatal-error"), Refused(200, "FHIR_FATAL_ERROR")),
        (header("maybe"), Unknown("PEER_PROTOCOL", 200)),
        (header(None), Unknown("PEER_PROTOCOL", 200)),
        (fhir(200, {"resourceType": "Bundle", "type": "message"}), Unknown("PEER_PROTOCOL", 200)),
        (fhir(200, outcome_of(("error", "not-supported"))), Refused(200, "FHIR_NOT_SUPPORTED")),
        (fhir(200, outcome_of(("fatal", "???"))), Refused(200, "FHIR_ERROR")),
        (fhir(200, outcome_of()), Unknown("PEER_PROTOCOL", 200)),
        (fhir(200, {"resourceType": "Patient", "issue": [{"severity": "information"}]}), Unknown("PEER_PROTOCOL", 200)),
        (HTML, Unknown("PEER_PROTOCOL", 200)),
    ],
)
async def test_the_answer_to_a_message_is_its_header_or_an_outcome(make, envelope, step, outcome):
    assert (await sent(make, envelope, MESSAGE, step))[0] == outcome


async def test_information_alone_delivers_a_message(make, envelope):
    step = fhir(200, outcome_of(("information", "informational"), ("warning", "value")))
    assert isinstance((await sent(make, envelope, MESSAGE, step))[0], Delivered)


@pytest.mark.parametrize(
    "bundle",
    [{}, [], {"resourceType": "Bundle", "type": "collection"}, {"resourceType": "Task", "type": "message"}],
)
async def test_what_is_neither_transaction_nor_message_is_not_sent(make, envelope, bundle):
    outcome, requests = await sent(make, envelope, bundle)
    assert outcome == Refused(None, "DOCUMENT_INVALID")
    assert requests == []
