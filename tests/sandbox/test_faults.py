"""Faults on demand, seen from the other end of a real socket."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from conformance.sandbox.faults import Fault, Script, UnknownFaultError, parse
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Start


def test_a_dropped_line_gives_no_answer_but_the_effect_stays(agency: Caller) -> None:
    call = agency.valid()
    agency.token()
    agency.fail("drop")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        agency.send(call)
    assert len(agency.received()["effects"]) == 1
    answer = agency.send(call)
    assert answer.status_code in {200, 202, 409}
    assert len(agency.received()["effects"]) == 1
    assert agency.outcomes() == ["fault:drop", "duplicate"]


def test_a_bad_receipt_is_given_for_a_stored_effect(agency: Caller) -> None:
    call = agency.valid()
    agency.fail("badreceipt")
    answer = agency.send(call)
    assert answer.status_code == 200
    assert answer.text == "thank you"
    assert len(agency.received()["effects"]) == 1


def test_unavailable_and_throttled_come_with_and_without_a_time(agency: Caller) -> None:
    agency.fail("503", "503:5", "429:2")
    answers = [agency.send(agency.valid()) for _ in range(3)]
    assert [one.status_code for one in answers] == [503, 503, 429]
    assert [one.headers.get("retry-after") for one in answers] == [None, "5", "2"]
    assert agency.received()["effects"] == []
    assert agency.send(agency.valid()).status_code in {200, 202}


def test_a_page_of_html_is_no_effect(agency: Caller) -> None:
    agency.fail("html")
    answer = agency.send(agency.valid())
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert agency.received()["effects"] == []


def test_a_refused_bearer_is_good_again_afterwards(agency: Caller) -> None:
    agency.fail("401")
    first, second = agency.send(agency.valid()), agency.send(agency.valid())
    assert first.status_code == 401
    assert 'error="invalid_token"' in first.headers["www-authenticate"]
    assert second.status_code in {200, 202}


def test_a_refused_login_is_good_again_afterwards(agency: Caller) -> None:
    agency.fail("token")
    first, second = agency.ask_token(), agency.ask_token()
    assert first.status_code == 401
    assert first.json() == {"error": "invalid_client"}
    assert second.status_code == 200


def test_a_hanging_call_blocks_nobody_else(start: Start) -> None:
    school = start("school")
    school.token()
    school.fail("hang:30")
    entered = threading.Event()

    def hang() -> None:
        entered.set()
        school.send(school.valid())

    with ThreadPoolExecutor(1) as other:
        hanging = other.submit(hang)
        entered.wait()
        while "fault:hang" not in school.outcomes():
            assert not hanging.done()
        assert school.send(school.valid()).status_code == 202
        assert not hanging.done()
        school.http.close()
        with pytest.raises((httpx.HTTPError, RuntimeError)):
            hanging.result()


def test_a_hang_ends_without_an_answer(start: Start) -> None:
    police = start("police")
    police.fail("hang:0.2")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        police.send(police.valid())
    assert police.received()["effects"] == []


def test_a_slow_answer_is_a_normal_one(start: Start) -> None:
    police = start("police")
    police.fail("slow:0.1")
    assert police.send(police.valid()).status_code == 202


def test_an_agency_that_is_down_answers_nothing_but_503_until_it_is_up(agency: Caller) -> None:
    agency.token()
    agency.http.post("/_sandbox/faults", json={"down": True})
    assert agency.send(agency.valid()).status_code == 503
    assert agency.ask_token().status_code == 503
    assert agency.http.get("/_sandbox/health").status_code == 200
    agency.http.post("/_sandbox/faults", json={"down": False})
    assert agency.send(agency.valid()).status_code in {200, 202}
    assert agency.outcomes() == ["down", "accepted"]


def test_the_script_shows_what_is_left(start: Start) -> None:
    police = start("police")
    police.fail("ok", "503:5", "hang:0.5")
    police.send(police.valid())
    assert police.http.get("/_sandbox/faults").json() == {"script": ["503:5", "hang:0.5"], "down": False}


@pytest.mark.parametrize("word", ["teapot", "hang", "hang:long", "503:-1", "slow:99999", "code"])
def test_an_unknown_word_is_refused_and_the_script_stays(start: Start, word: str) -> None:
    police = start("police")
    police.fail("html")
    assert police.http.post("/_sandbox/faults", json={"script": [word]}).status_code == 422
    assert police.http.get("/_sandbox/faults").json()["script"] == ["html"]


def test_a_token_word_waits_for_a_login_and_lets_calls_pass() -> None:
    script = Script()
    script.plan(["401", "token", "503"])
    assert not script.take_token()
    assert script.take() == Fault("401")
    assert script.take() == Fault("503")
    assert script.take_token()
    assert not script.take_token()
    assert script.take() == Fault("ok")


def test_words_read_and_print_alike() -> None:
    for word in ("503", "503:5", "hang:30", "slow:0.5", "drop", "code:300"):
        assert str(parse(word)) == word
    with pytest.raises(UnknownFaultError):
        parse("")
