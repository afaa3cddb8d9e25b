"""What is meant to do harm is refused at every door: never a failure of ours, never a connection to anywhere."""

from __future__ import annotations

import csv
import io
import json
import logging
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mappings.library import library
from mappings.samples import golden_samples
from tests.fuzz.guard import watched
from tests.gateway.house import House, child, referral
from tests.gateway.indoors import indoors
from tests.gateway.manifests import HEALTH, WELFARE
from tests.hostile.corpora import FORMULAS, JSON_BOMBS, LINES, XML_BOMBS, ZIP_BOMBS
from tests.logbook import logbook

JSON_DOORS = [
    ("POST", "/v1/referrals", "application/json"),
    ("POST", "/v1/referrals/{id}/replies", "application/json"),
    ("POST", "/v1/translations", "application/json"),
    ("POST", "/v1/translations", "application/vnd.raabta.fir+json"),
    ("POST", "/v1/translations", "application/vnd.raabta.dci+json"),
    ("POST", "/v1/translations", "application/vnd.raabta.sis+json"),
    ("POST", "/v1/translations", "application/vnd.raabta.oneroster+json"),
    ("POST", "/v1/translations", "application/fhir+json"),
    ("POST", "/fhir/r4", "application/fhir+json"),
    ("POST", "/fhir/r4/$process-message", "application/fhir+json"),
    ("PATCH", "/fhir/r4/Task/{id}", "application/json-patch+json"),
    ("PUT", "/fhir/r4/Task/{id}", "application/fhir+json"),
    ("POST", "/v1/referrals/{id}/withdrawal", "application/json"),
    ("POST", "/v1/referrals/{id}/break-glass", "application/json"),
]
XML_DOORS = [
    ("POST", "/v1/referrals", "application/vnd.raabta.fir+xml"),
    ("POST", "/v1/referrals", "application/vnd.raabta.crms+xml"),
    ("POST", "/v1/referrals/{id}/replies", "application/vnd.raabta.crms+xml"),
    ("POST", "/v1/translations", "application/vnd.raabta.fir+xml"),
    ("POST", "/soap/nadra", "text/xml"),
    ("POST", "/soap/nadra", "application/soap+xml"),
    ("POST", "/soap/nadra", "application/xml"),
]
FORMS = ["/oauth/token", "/oauth/introspect", "/oauth/revoke"]
TRIES: list[str] = []


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"):
        TRIES.append(f"{event} {arguments[1:]}")


sys.addaudithook(_listen)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with indoors(tmp_path_factory.mktemp("hostile") / "gateway") as lent:
        yield lent


@pytest.fixture(scope="module")
def name(house: House) -> str:
    """Return the sender's name of a referral that every door may be asked about."""
    sent = house.submit(HEALTH, referral(WELFARE))["id"]
    return house.ref_of(WELFARE, HEALTH, sent)


@pytest.fixture(autouse=True)
def _nobody_is_called() -> Iterator[None]:
    """Fail a test in which anything tried to reach the network."""
    TRIES.clear()
    yield
    assert TRIES == []


def ask(house: House, door: tuple[str, str, str], name: str, body: bytes) -> httpx.Response:
    method, path, media_type = door
    with watched(10):  # of the whole process, where other tests have left threads and much to collect
        headers = {"Content-Type": media_type, "If-Match": 'W/"1"'}
        return house.call(WELFARE, method, path.replace("{id}", name), content=body, headers=headers)


def told_off(answer: httpx.Response) -> bool:
    """Tell whether a body was refused by its sender's fault, in the manners of the door."""
    if answer.status_code == 500:
        return b"Fault>" in answer.content and any(word in answer.content for word in (b"soap:Client", b"soap:Sender"))
    return 400 <= answer.status_code < 500 or (answer.status_code == 200 and b"<CODE>9" in answer.content)


@pytest.mark.parametrize("door", JSON_DOORS, ids=" ".join)
def test_every_json_bomb_is_refused_at_every_door(house: House, name: str, door: tuple[str, str, str]) -> None:
    bombs = JSON_BOMBS if "withdrawal" not in door[1] else {k: v for k, v in JSON_BOMBS.items() if v.strip()}
    answers = {bomb: ask(house, door, name, body) for bomb, body in bombs.items()}

    assert {bomb: a.status_code for bomb, a in answers.items() if not told_off(a) or a.status_code >= 500} == {}
    assert all(len(answer.content) < 100_000 for answer in answers.values()), "a refusal is short"


@pytest.mark.parametrize("door", XML_DOORS, ids=" ".join)
def test_every_xml_bomb_is_refused_at_every_door(house: House, name: str, door: tuple[str, str, str]) -> None:
    answers = {bomb: ask(house, door, name, body) for bomb, body in XML_BOMBS.items()}

    assert {bomb: (a.status_code, a.text[:200]) for bomb, a in answers.items() if not told_off(a)} == {}
    assert all(len(answer.content) < 100_000 for answer in answers.values())
    assert not any(b"root:" in answer.content for answer in answers.values())


@pytest.mark.parametrize("path", ["/v1/referrals", "/v1/translations"])
def test_every_zip_bomb_is_refused(house: House, name: str, path: str) -> None:
    answers = {bomb: ask(house, ("POST", path, "application/zip"), name, body) for bomb, body in ZIP_BOMBS.items()}

    assert {bomb: a.status_code for bomb, a in answers.items() if not 400 <= a.status_code < 500} == {}


@pytest.mark.parametrize("path", FORMS)
def test_a_hostile_form_is_refused(house: House, path: str) -> None:
    bodies = [b"a=1&" * 3_000, b"grant_type=" + b"x" * 20_000, b"%ff=%fe", b"\xff\xfe", b"&" * 10_000, b"a" * 15_000]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answers = [house.http.post(path, content=body, headers=headers).status_code for body in bodies]

    assert all(400 <= status < 500 for status in answers), answers


@pytest.mark.parametrize("text", LINES, ids=repr)
def test_a_text_that_breaks_lines_breaks_no_header(house: House, text: str) -> None:
    """Wherever a caller's text could come back: ids, tags, names in paths and queries, keys, the body."""
    sent: list[httpx.Response] = []
    raw = text.encode("utf-8")
    headers = {"X-Request-Id": raw, "X-Correlation-Id": raw, "If-None-Match": raw, "Accept": raw, "Prefer": raw}
    for header, value in headers.items():
        sent.append(house.call(WELFARE, "GET", "/v1/referrals/nobody", headers={header: value}))  # type: ignore[dict-item]
    sent.append(house.call(WELFARE, "GET", "/v1/referrals", params={"cursor": text, "updated_since": text}))
    sent.append(house.call(WELFARE, "GET", "/fhir/r4/Task", params={"status": text, "_cursor": text}))
    sent.append(house.http.get("/console/login", params={"next": text}))
    key = {"Content-Type": "application/json", "Idempotency-Key": raw}
    body = json.dumps(referral(HEALTH, child=child(name=f"Farzi {text}"))).encode()
    sent.append(house.call(WELFARE, "POST", "/v1/referrals", content=body, headers=key))  # type: ignore[arg-type]

    for answer in sent:
        assert answer.status_code < 500
        names = {name.lower() for name, _ in answer.headers.multi_items()}
        assert not names & {"set-cookie", "x-injected"}
        assert all("\r" not in value and "\n" not in value for value in answer.headers.values())


def test_a_text_that_breaks_lines_forges_no_log_line(house: House) -> None:
    """Each line of the log is one JSON object with fields of the list, whatever callers say."""
    with logbook() as log:
        for text in LINES:
            headers = {"Content-Type": "application/json", "X-Request-Id": text.encode()}
            body = json.dumps({"type": "referral", "message_id": text, "child": {"name": text, "sex": text}}).encode()
            house.call(WELFARE, "POST", "/v1/referrals", content=body, headers=headers)  # type: ignore[arg-type]
            logging.getLogger("gateway.hostile").warning("farzi.event", extra={"code": text, "name_of_child": text})

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert len([line for line in lines if line["event"] == "farzi.event"]) == len(LINES)
    assert not any("name_of_child" in line or line["event"] == "forged" for line in lines)
    assert "\x1b" not in log.getvalue()


@pytest.mark.parametrize("formula", FORMULAS, ids=repr)
def test_no_cell_that_leaves_is_a_formula(house: House, formula: str) -> None:
    """A child's name is told to a school as CSV; a spreadsheet that opens it runs nothing."""
    document = json.loads(dict(golden_samples(library()["school_sis"]))["enrolment.json"])
    body = json.dumps(document).replace("Zoya", formula.replace('"', '\\"').replace("\t", "").replace("\r", ""))
    headers = {"Content-Type": "application/vnd.raabta.sis+json", "Accept": "application/zip"}

    answer = house.call(WELFARE, "POST", "/v1/translations", content=body.encode(), headers=headers)

    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 200:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            rows = [row for name in archive.namelist() for row in csv.reader(io.StringIO(archive.read(name).decode()))]
        assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


def test_the_watcher_sees_a_connection() -> None:
    """Without this the fixture above could be blind."""
    import socket

    with socket.socket() as probe:
        probe.settimeout(1)
        probe.connect_ex(("127.0.0.1", 9))
    assert TRIES
    TRIES.clear()
