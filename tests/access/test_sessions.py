"""People log in at an OpenID provider and get a session; what a session is worth, and what ends it."""

from __future__ import annotations

import re
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from fastapi import Depends, Request

from conformance.sandbox.issuer.app import Issuer, Registration, build
from gateway.api.sessions import PageRouter, session_of
from gateway.clock import SystemClock
from gateway.sessions import Role, Session, find
from tests.access.permissions import table
from tests.gateway.house import House
from tests.gateway.indoors import PORT, Indoors, indoors

HERE = f"http://127.0.0.1:{PORT}"
PAGES = PageRouter()


@PAGES.page("GET", "/console/of-the-tests/audit", Role.AUDITOR)
@PAGES.page("POST", "/console/of-the-tests/act", Role.OPERATOR, Role.ADMINISTRATOR)
async def page(request: Request, who: Annotated[Session, Depends(session_of)]) -> dict[str, object]:
    return {"actor": who.actor, "csrf": who.csrf, "form": getattr(request.state, "form", {})}


@contextmanager
def provider(redirect: str, secret: str = "") -> Iterator[Issuer]:
    """Run the sandbox's OpenID provider on a free port."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        issuer = Issuer(
            f"http://127.0.0.1:{listening.getsockname()[1]}", Registration("raabta-console", redirect, secret)
        )
        server = uvicorn.Server(uvicorn.Config(build(issuer), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the provider did not start"
            time.sleep(0.01)
        try:
            yield issuer
        finally:
            server.should_exit = True
            thread.join(30)


class Shifted(SystemClock):
    """The clock of this machine, which the provider uses too, and which a test can leave behind."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


@dataclass
class Town:
    """A gateway with its provider."""

    house: House
    issuer: Issuer
    clock: Shifted

    def browser(self) -> Indoors:
        """Return a browser nobody has used: it keeps cookies, and follows nothing."""
        return Indoors(self.house.app, self.house.url)

    def begin(self, browser: Indoors, path: str = "/console/of-the-tests/audit", person: str = "sitara") -> str:
        """Open a page, be sent to the provider, choose a person; returns where the provider sends the browser."""
        asked = browser.get(path)
        assert asked.status_code == 303, asked.text
        sent = browser.get(asked.headers["location"])
        chosen = httpx.get(f"{sent.headers['location']}&login={person}", trust_env=False)
        return chosen.headers["location"]

    def log_in(self, person: str = "sitara") -> Indoors:
        """Return a browser in which somebody has logged in."""
        browser = self.browser()
        assert browser.get(self.begin(browser, person=person)).status_code == 303
        return browser

    def kinds(self) -> list[str]:
        self.house.write(lambda _: None)
        return [kind for kind, _ in self.house.entries() if kind.startswith("session.")]


def opened(folder: Path, issuer: Issuer, base: str = HERE, secret: str = "") -> Iterator[Town]:
    def amend(config: Path) -> None:
        (config.parent / "console.secret").write_text("an-invented-secret", "utf-8")
        console = f"""
[console]
issuer = "{issuer.url}"
client_id = "raabta-console"
{secret}
auditors = ["auditor"]
operators = ["operator"]
administrators = ["administrator"]
allow_private = true
"""
        config.write_text(config.read_text("utf-8").replace(HERE, base) + console, "utf-8")

    clock = Shifted()
    with indoors(folder, clock, amend) as house:
        house.app.include_router(PAGES)
        yield Town(house, issuer, clock)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with provider(f"{HERE}/console/callback") as issuer:
        yield from opened(tmp_path_factory.mktemp("console") / "gateway", issuer)


def test_who_logs_in_comes_back_to_the_page_they_asked_for_and_is_let_in(town: Town) -> None:
    browser = town.browser()
    back = browser.get(town.begin(browser, "/console/of-the-tests/audit?q=1"))

    assert (back.status_code, back.headers["location"]) == (303, "/console/of-the-tests/audit?q=1")
    assert browser.get(back.headers["location"]).json()["actor"].startswith("person:")
    assert town.kinds()[-1] == "session.opened"


def test_the_ledger_names_a_person_the_same_each_time_and_never_by_name(town: Town) -> None:
    first, again, other = (town.log_in(person) for person in ("sitara", "sitara", "umar"))
    said = [b.get("/console/of-the-tests/audit").json().get("actor") for b in (first, again)]

    assert said[0] == said[1]
    assert other.get("/console/of-the-tests/audit").json()["code"] == "OTHER_ROLE"
    assert "sitara" not in str(town.house.entries()).lower()
    assert not re.search(r"\d{5}", said[0])


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(town: Town) -> None:
    browser = town.browser()
    back = browser.get(town.begin(browser))
    cookies = [c for c in back.headers.get_list("set-cookie") if c.startswith("raabta-session=")]

    (session,) = cookies
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Max-Age=3600"} <= set(session.split("; "))
    assert "Secure" not in session, "this gateway is reached over plain http on loopback"
    assert "Domain" not in session


def test_over_tls_the_cookies_are_secure_and_of_this_host_alone(tmp_path: Path) -> None:
    base = "https://gateway.example.pk"
    with provider(f"{base}/console/callback", "an-invented-secret") as issuer:
        for away in opened(tmp_path / "gateway", issuer, base, 'secret = "file:console.secret"'):
            browser = away.browser()
            back = browser.get(away.begin(browser))
            cookies = back.headers.get_list("set-cookie")

            assert all(c.startswith("__Host-raabta-") and "Secure" in c and "Path=/" in c for c in cookies)
            assert browser.get(back.headers["location"]).status_code == 200


def test_a_secret_that_is_wrong_lets_nobody_in(tmp_path: Path) -> None:
    with provider(f"{HERE}/console/callback", "another-secret") as issuer:
        for astray in opened(tmp_path / "gateway", issuer, secret='secret = "file:console.secret"'):
            browser = astray.browser()
            assert browser.get(astray.begin(browser)).status_code == 401
            assert astray.kinds() == ["session.refused"]


def test_somebody_without_a_role_is_not_let_in(town: Town) -> None:
    browser = town.browser()
    back = browser.get(town.begin(browser, person="gul"))

    assert back.status_code == 403
    assert browser.get("/console/of-the-tests/audit").status_code == 303
    assert town.kinds()[-1] == "session.refused"


@pytest.mark.parametrize("spoil", ["state", "code", "cookie", "other browser", "again"])
def test_a_login_that_was_not_begun_here_is_refused(town: Town, spoil: str) -> None:
    browser = town.browser()
    back = town.begin(browser)
    if spoil == "state":
        back = re.sub(r"state=[^&]+", f"state={'A' * 43}é", back)
    if spoil == "code":
        back = re.sub(r"code=[^&]+", "code=made-up", back)
    if spoil == "cookie":
        browser.forget("raabta-login")
    if spoil == "other browser":
        browser = town.browser()
    if spoil == "again":
        assert browser.get(back).status_code == 303
        browser = town.browser()
    answer = browser.get(back)

    assert answer.status_code == 401
    assert "raabta-session" not in answer.headers.get("set-cookie", "")
    assert town.kinds()[-1] == "session.refused"


def test_somebody_elses_code_is_of_no_use_in_ones_own_login(town: Town) -> None:
    """The code of another login is refused by PKCE and nonce, even with the right state."""
    mine, theirs = town.browser(), town.browser()
    code = parse_qs(urlsplit(town.begin(theirs, person="hina")).query)["code"][0]
    back = re.sub(r"code=[^&]+", f"code={code}", town.begin(mine))

    assert mine.get(back).status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.pk/", "//evil.example.pk", "/console//evil", "/v1/referrals", "/console/../v1",
        "/console/x\r\nSet-Cookie: a=b", "/console/" + "x" * 300,
    ],
)  # fmt: skip
def test_a_login_leads_to_a_page_of_ours_and_nowhere_else(town: Town, target: str) -> None:
    browser = town.browser()
    sent = browser.get("/console/login", params={"next": target})
    chosen = httpx.get(f"{sent.headers['location']}&login=sitara", trust_env=False)

    assert browser.get(chosen.headers["location"]).headers["location"] == "/console/"


def test_a_session_ends_in_time_and_by_logging_out(town: Town) -> None:
    left, forgotten = town.log_in(), town.log_in()
    csrf = left.get("/console/of-the-tests/audit").json()["csrf"]
    kept = left.cookies()["raabta-session"]
    assert left.post("/console/logout", data={"csrf": csrf}).status_code == 303
    left.remember("raabta-session", kept)
    town.clock.ahead += 3_601

    assert left.get("/console/of-the-tests/audit").status_code == 303, "an old cookie opens nothing"
    assert forgotten.get("/console/of-the-tests/audit").status_code == 303
    town.clock.ahead = 0.0
    assert town.kinds()[-1] == "session.closed"


@pytest.mark.parametrize("form", [{}, {"csrf": "made-up"}, {"csrf": "é"}, {"csrf": "A" * 43}])
def test_what_changes_something_needs_the_token_of_the_session(town: Town, form: dict[str, str]) -> None:
    browser = town.log_in("umar")

    assert browser.post("/console/of-the-tests/act", data=form).json()["code"] == "FORGED_REQUEST"


def test_another_sessions_token_does_not_do_and_ones_own_does(town: Town) -> None:
    operator, auditor = town.log_in("umar"), town.log_in("sitara")
    csrf = auditor.get("/console/of-the-tests/audit").json()["csrf"]

    assert operator.post("/console/of-the-tests/act", data={"csrf": csrf}).status_code == 403
    secret = operator.cookies()["raabta-session"]
    found = find(town.house.gateway.room, secret)
    assert found is not None
    done = operator.post("/console/of-the-tests/act", data={"csrf": found.csrf, "note": "farzi"})
    assert (done.status_code, done.json()["form"]["note"]) == (200, "farzi")
    headers = {"X-CSRF-Token": found.csrf}
    assert operator.post("/console/of-the-tests/act", data={}, headers=headers).status_code == 200


def test_who_is_not_logged_in_changes_nothing(town: Town) -> None:
    answer = town.browser().post("/console/of-the-tests/act", data={"csrf": "x"})

    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_LOGGED_IN")


def test_a_session_is_worth_nothing_on_the_api(town: Town) -> None:
    browser = town.log_in("hina")
    scoped = [row for row in table() if not row.open]

    answers = {row.name: browser.request(row.method, row.path.replace("{id}", str(uuid.uuid4()))) for row in scoped}

    assert {name for name, answer in answers.items() if answer.status_code != 401} == set()


def test_what_is_kept_of_a_session_opens_none(town: Town) -> None:
    browser = town.log_in()
    secret = browser.cookies()["raabta-session"]
    town.house.write(lambda _: None)
    held = b"".join(file.read_bytes() for file in town.house.folder.glob("raabta.sqlite*"))

    assert secret.encode() not in held
    assert b"Sitara" not in held


def test_without_a_provider_there_are_no_consoles(tmp_path: Path) -> None:
    with indoors(tmp_path / "gateway") as house:
        assert house.http.get("/console/login").status_code == 404


def test_a_page_that_names_no_role_cannot_be_registered() -> None:
    with pytest.raises(TypeError):
        PAGES.page("GET", "/console/anything")
