"""What did not work is told to people as a page, in their language; to programs as the problem document it was."""

import html
import re

import pytest

from gateway import erasure
from gateway.console.pages import POLICY
from gateway.console.words import FAILURES
from gateway.sessions import Role
from gateway.store.errors import StoreBusy
from tests.console.stage import HEALTH, POLICE, WELFARE, Stage, sent

AUDITOR, OPERATOR, _ = Role
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def erased(stage: Stage) -> str:
    """Lend the delivery of a referral that was erased."""
    house = stage.house
    real = house.id_of(POLICE, sent(house, WELFARE))
    room = house.gateway.room
    house.write(lambda connection: erasure.erase(room, connection, real, "OPERATOR", "operator-local", "Farzi"))
    with house.reading() as connection:
        return str(
            connection.exec_driver_sql("SELECT id FROM delivery WHERE referral = ? ORDER BY n", (real,))
            .scalars()
            .first()
        )


def asked(stage: Stage, method: str, path: str, *roles: Role, accept: str = BROWSER, language: str = "en", **options):
    known = stage.signed_in(*roles) if roles else {}
    headers = {**known, "Accept": accept, "Accept-Language": language}
    return stage.house.http.request(method, path, headers=headers, **options)


CASES = {
    "nothing of that name": ("GET", "/console/referrals/none", (AUDITOR,), 404, "NOT_FOUND"),
    "no such page": ("GET", "/console/nowhere", (AUDITOR,), 404, "NOT_FOUND"),
    "no such page, nobody logged in": ("GET", "/console/nowhere", (), 404, "NOT_FOUND"),
    "another role": ("GET", "/console/deliveries/{sent}/lineage", (OPERATOR,), 403, "OTHER_ROLE"),
    "a forged form": ("POST", "/console/ledger", (AUDITOR,), 403, "FORGED_REQUEST"),
    "a session that has ended": ("POST", "/console/ledger", (), 401, "NOT_LOGGED_IN"),
    "erased": ("GET", "/console/deliveries/{erased}/lineage", (AUDITOR,), 410, "ERASED"),
    "a number that is none": ("GET", "/console/?before=farzi", (AUDITOR,), 422, "BAD_REQUEST"),
    "a method that is not offered": ("PUT", "/console/ledger", (AUDITOR,), 405, "METHOD_NOT_ALLOWED"),
}
FRAMED = {"nothing of that name", "another role", "a forged form", "erased", "a number that is none"}
"""Where a page was found, and so who asks for it."""


@pytest.mark.parametrize("case", CASES)
def test_each_failure_is_a_page_in_both_languages_and_a_problem_document_to_programs(stage, erased, case):
    method, path, roles, status, code = CASES[case]
    path = path.format(sent=stage.delivery(HEALTH), erased=erased)
    problem = asked(stage, method, path, *roles, accept="application/json")
    english, urdu = (asked(stage, method, path, *roles, language=each) for each in ("en", "ur"))

    assert (problem.status_code, problem.headers["content-type"]) == (status, "application/problem+json")
    assert problem.json()["code"] == code
    assert problem.json()["title"] in html.unescape(english.text)
    assert FAILURES[code] in urdu.text
    assert 'dir="rtl"' in urdu.text
    for answer in (english, urdu):
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert (answer.headers["content-security-policy"], answer.headers["cache-control"]) == (POLICY, "no-store")
        assert answer.headers["x-request-id"] in answer.text
        assert "<script" not in answer.text
        assert not re.search(r"""(?:src|href|action)="(?!/console/|#)""", answer.text)
        assert ("/console/logout" in answer.text) == (case in FRAMED)
        assert ('href="/console/login"' in answer.text) == (status == 401)
        assert "farzi" not in answer.text


def test_a_gateway_that_is_too_busy_says_so_and_when_to_come_back(stage, monkeypatch):
    def full(_):
        raise StoreBusy

    known = stage.signed_in(AUDITOR)
    monkeypatch.setattr(stage.house.gateway.room.store.committer, "submit", full)
    answer = stage.house.http.get("/console/", headers={**known, "Accept": BROWSER})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "The gateway has more waiting than it accepts" in answer.text


def test_whoever_is_not_logged_in_is_sent_to_log_in_and_back(stage):
    answer = asked(stage, "GET", "/console/ledger")

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login?next=/console/ledger")


def test_the_language_can_be_chosen_before_logging_in(stage):
    answer = asked(stage, "GET", "/console/language/ur")

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    assert "raabta-language=ur" in answer.headers["set-cookie"]
