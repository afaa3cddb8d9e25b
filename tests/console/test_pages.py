"""Pages over HTTP: who may see what, what a look leaves in the ledger, and what no page holds."""

import json
import re

import pytest

from gateway.console import deliveries, operations, pages, referrals, words
from gateway.console.pages import ACTORS, EVERYBODY, READERS
from gateway.sessions import Role
from tests.console.stage import CANARY, HEALTH, SCHOOL, WELFARE, Stage
from tests.ledger.bundles import verified

AUDITOR, OPERATOR, ADMINISTRATOR = Role
LOOKS = ("/console/", "/console/deliveries", "/console/agencies", "/console/agreements", "/console/ledger")


def get(stage: Stage, path: str, *roles: Role, language: str = "en"):
    return stage.house.http.get(path, headers={**stage.signed_in(*roles or Role), "Accept-Language": language})


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def post(stage: Stage, path: str, *roles: Role, **form: str):
    known = stage.signed_in(*roles)
    page = stage.house.http.get("/console/", headers=known).text
    return stage.house.http.post(path, headers=known, data={"csrf": csrf_of(page), **form})


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("path", LOOKS)
def test_every_page_speaks_both_languages_and_allows_itself_nothing(stage, path, language):
    answer = get(stage, path, language=language)

    assert answer.status_code == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "ur" else "ltr"}">' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert answer.headers["cache-control"] == "no-store"
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert not re.search(r"""(?:src|href|action)="(?!/console/|#)""", answer.text)


def test_nobody_sees_a_page_without_logging_in(stage):
    for path in (*LOOKS, f"/console/referrals/{stage.story}", f"/console/deliveries/{stage.delivery(SCHOOL)}"):
        answer = stage.house.http.get(path)
        assert (answer.status_code, answer.headers["location"][:20]) == (303, "/console/login?next=")


def test_every_page_names_its_roles_and_only_actors_change_anything():
    routes = [route for part in (pages, referrals, deliveries, operations) for route in part.router.routes]
    said = {(next(iter(route.methods)), route.path): route.openapi_extra["x-role"].split() for route in routes}

    assert {path for (_, path), roles in said.items() if roles == ["anybody"]} == {
        "/console/style.css", "/console/icon.svg", "/console/language/{language}",
    }  # fmt: skip
    changing = {path: roles for (method, path), roles in said.items() if method == "POST"}
    assert changing.pop("/console/ledger") == list(EVERYBODY)
    assert changing.pop("/console/deliveries/{id}/lineage") == list(READERS)
    assert changing == {"/console/deliveries/{id}/{verb}": list(ACTORS)}


def test_a_referral_is_found_by_reference_agency_state_and_day(stage):
    def found(query: str) -> bool:
        return stage.story in get(stage, f"/console/?{query}").text

    assert found("")
    assert found(f"ref={stage.sender_ref}")
    assert found(f"agency={SCHOOL}&state=DEAD_LETTER")
    assert not found("state=COMPLETED")
    assert not found("agency=welfare-sd-cpa")
    assert not found("to=2020-01-01")
    assert found("from=2020-01-01")
    assert "Nothing was found" in get(stage, "/console/?ref=unknown").text


def test_every_look_is_an_entry_under_the_persons_pseudonym(stage):
    for path, what in (
        ("/console/", "console.referrals"), (f"/console/referrals/{stage.story}", "console.story"),
        ("/console/deliveries", "console.deliveries"), ("/console/agreements", "console.agreements"),
        (f"/console/deliveries/{stage.delivery(WELFARE)}/lineage", "console.lineage"),
        (f"/console/referrals/{stage.story}/evidence", "evidence"), ("/console/ledger", "console.ledger"),
    ):  # fmt: skip
        before = stage.house.entries().count(("read", json.dumps({"what": what}, separators=(",", ":"))))
        assert get(stage, path).status_code == 200
        assert stage.house.entries().count(("read", json.dumps({"what": what}, separators=(",", ":")))) == before + 1


def test_an_auditor_cannot_write_and_an_operator_sees_no_lineage(stage):
    dead = stage.delivery(SCHOOL)
    before = [kind for kind, _ in stage.house.entries() if kind in {"replayed", "skipped"}]

    assert post(stage, f"/console/deliveries/{dead}/replay", AUDITOR, reason="Farzi wajah").status_code == 403
    assert get(stage, f"/console/deliveries/{dead}/lineage", OPERATOR).status_code == 403
    assert get(stage, f"/console/referrals/{stage.story}/evidence", OPERATOR).status_code == 403
    assert 'action="/console/deliveries' not in get(stage, f"/console/deliveries/{dead}", AUDITOR).text
    assert [kind for kind, _ in stage.house.entries() if kind in {"replayed", "skipped"}] == before


def test_a_forged_form_changes_nothing(stage):
    dead = stage.delivery(SCHOOL)
    answer = stage.house.http.post(
        f"/console/deliveries/{dead}/skip", headers=stage.signed_in(OPERATOR), data={"csrf": "x", "reason": "Farzi"}
    )

    assert answer.status_code == 403
    assert "needs a person" in get(stage, f"/console/deliveries/{dead}").text


def test_what_is_not_possible_is_said(stage):
    done = stage.delivery(WELFARE)

    assert (
        "That is not possible" in post(stage, f"/console/deliveries/{done}/replay", OPERATOR, reason="Farzi wajah").text
    )
    assert post(stage, f"/console/deliveries/{stage.delivery(SCHOOL)}/skip", OPERATOR, reason=" ").status_code == 409


def test_values_are_shown_only_for_a_reason_which_is_sealed_and_entered(stage):
    path = f"/console/deliveries/{stage.delivery(HEALTH)}/lineage"
    hidden = get(stage, path, AUDITOR).text
    short = post(stage, path, AUDITOR, reason="nein")
    seen = post(stage, path, AUDITOR, reason="Farzi jaanch ki wajah")

    assert CANARY not in hidden + short.text
    assert CANARY in seen.text
    assert (short.status_code, seen.status_code) == (422, 200)
    entered = [fields for kind, fields in stage.house.entries(stage.story) if "console.values" in fields]
    assert len(entered) == 1
    assert "Farzi" not in entered[0]


def test_no_other_page_holds_anything_of_a_child(stage):
    every = (*LOOKS, f"/console/referrals/{stage.story}", f"/console/deliveries/{stage.delivery(SCHOOL)}")

    for path in every:
        text = get(stage, path).text
        assert not [word for word in (*CANARY.split(), "2016-03-07", "03990000001") if word in text], path


def test_evidence_from_the_console_verifies(stage):
    key = stage.house.gateway.signer.verifier.text

    assert verified(get(stage, f"/console/referrals/{stage.story}/evidence").content, key)[0] == []
    assert verified(get(stage, "/console/ledger/evidence").content, key)[0] == []


def test_the_ledger_is_verified_from_its_page_and_a_changed_row_is_named(stage):
    assert "The ledger is whole" in post(stage, "/console/ledger", AUDITOR).text
    stage.house.write(lambda c: c.exec_driver_sql("UPDATE entry SET actor = 'nobody' WHERE idx = 5").rowcount)
    try:
        answer = post(stage, "/console/ledger", AUDITOR).text
    finally:
        stage.house.write(lambda c: c.exec_driver_sql("UPDATE entry SET actor = 'gateway' WHERE idx = 5").rowcount)
    assert re.search(r"CHANGED</bdi></b> at <bdi>5<", answer)


def test_every_phrase_of_every_template_is_written(stage):
    for path in (f"/console/referrals/{stage.story}", f"/console/deliveries/{stage.delivery(SCHOOL)}",
                 f"/console/deliveries/{stage.delivery(HEALTH)}/lineage"):  # fmt: skip
        assert get(stage, path, language="ur").status_code == 200
    assert all(each.english and each.urdu for each in (*words.PHRASES.values(), *words.STATES.values()))
