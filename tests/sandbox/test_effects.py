"""Effects once: what every agency does with a document, its repeat, and its double under the same id."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conformance.sandbox.store import ConflictError, Document, Store
from tests.sandbox.caller import Caller

CANARY = "Canary Azmaishi"


def test_a_document_is_stored_exactly_as_it_came(agency: Caller) -> None:
    call = agency.valid()
    agency.send(call)
    (effect,) = agency.received()["effects"]
    assert effect["body"].encode() == call.body
    assert effect["n"] == 1
    assert effect["content_type"] == call.headers["Content-Type"].split(";")[0]
    assert effect["received_at"].endswith("Z")


def test_a_repeat_is_known_and_has_no_second_effect(agency: Caller) -> None:
    call = agency.valid()
    answers = [agency.send(call) for _ in range(3)]
    received = agency.received()
    assert len(received["effects"]) == 1
    assert received["duplicates"] == 2
    assert answers[1].content == answers[2].content
    assert agency.outcomes() == ["accepted", "duplicate", "duplicate"]


def test_another_document_under_the_same_id_is_a_conflict(agency: Caller) -> None:
    first = agency.valid()
    message_id = first.headers.get("Idempotency-Key", "")
    if agency.name == "nadra":
        second = first.with_body(first.body.replace(b"Misali Farzi", CANARY.encode()))
    else:
        second = agency.valid(message_id, CANARY)
    agency.send(first)
    answer = agency.send(second)
    if agency.name == "nadra":
        assert answer.status_code == 200
        assert "<CODE>175</CODE>" in answer.text
    else:
        assert answer.status_code == 409
    received = agency.received()
    assert len(received["effects"]) == 1
    assert received["rejected"] == 1
    assert CANARY not in answer.text


def test_many_at_once_are_one_effect(agency: Caller) -> None:
    call = agency.valid()
    agency.token()
    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: agency.send(call), range(16)))
    assert len(agency.received()["effects"]) == 1
    assert {answer.status_code for answer in answers} <= {200, 202, 409}
    assert agency.outcomes().count("accepted") == 1


def test_bytes_that_are_no_document_are_refused_without_an_echo(agency: Caller) -> None:
    call = agency.valid().with_body(f"<{CANARY}".encode())
    answer = agency.send(call)
    assert answer.status_code in {400, 422, 500}
    assert "Canary" not in answer.text
    assert agency.received()["effects"] == []
    assert agency.received()["rejected"] == 1


def test_bytes_that_are_not_utf_8_are_refused(agency: Caller) -> None:
    call = agency.valid()
    answer = agency.send(call.with_body(call.body.replace(b"Misali", b"Mis\xffli")))
    assert answer.status_code in {400, 422, 500}
    assert agency.received()["effects"] == []


def test_a_media_type_nobody_agreed_on_is_refused(agency: Caller) -> None:
    answer = agency.send(agency.valid().with_headers(Content_Type="text/csv"))
    assert answer.status_code == 415


def test_a_body_over_the_limit_is_refused(agency: Caller) -> None:
    answer = agency.send(agency.valid().with_body(b" " * (2 * 1024 * 1024 + 1)))
    assert answer.status_code == (500 if agency.name == "nadra" else 413)
    assert agency.received()["effects"] == []


def test_an_unknown_path_is_not_found_in_the_agencys_language(agency: Caller) -> None:
    answer = agency.get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] != "text/plain"
    assert agency.outcomes() == ["not-found"]


def test_a_key_that_differs_from_the_documents_id_is_refused(agency: Caller) -> None:
    if agency.name == "nadra":
        pytest.skip("the civil registry numbers its transactions in its own way")
    answer = agency.send(agency.valid(), **{"Idempotency-Key": "00000000-0000-4000-8000-00000000ffff"})
    assert answer.status_code in {400, 422}
    assert agency.received()["effects"] == []


def test_the_store_forgets_nothing_when_it_is_opened_again(tmp_path: Path) -> None:
    document = Document("m-1", "referral", "application/json", b"{}", "R-1")
    first = Store(tmp_path / "one.sqlite")
    kept, fresh = first.accept(document, lambda n, at: f"{n} {at}")
    first.record("/p", "m-1", "accepted")
    assert first.use_assertion("raabta", "j-1", 2_000, 1_000)
    first.close()
    second = Store(tmp_path / "one.sqlite")
    assert fresh
    assert second.accept(document, lambda _n, _at: "another") == (kept, False)
    assert second.requests()[0]["message_id"] == "m-1"
    assert not second.use_assertion("raabta", "j-1", 2_000, 1_000)
    with pytest.raises(ConflictError):
        second.accept(Document("m-1", "referral", "application/json", b"{ }"), lambda _n, _at: "")


def test_a_receipt_that_cannot_be_written_leaves_no_effect(tmp_path: Path) -> None:
    store = Store(tmp_path / "one.sqlite")

    def broken(_n: int, _at: str) -> str:
        raise KeyError

    with pytest.raises(KeyError):
        store.accept(Document("m-1", "referral", "application/json", b"{}"), broken)
    assert store.effects() == []
    _, fresh = store.accept(Document("m-1", "referral", "application/json", b"{}"), lambda _n, _at: "")
    assert fresh
