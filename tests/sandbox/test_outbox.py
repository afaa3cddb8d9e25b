"""What a simulator starts by itself: about children of its seed, kept and sent until the gateway has taken it."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from conformance.cli import app
from conformance.sandbox.credentials import initialise
from conformance.sandbox.gateway_login import GatewayClient
from conformance.sandbox.nadra.register import Register
from conformance.sandbox.outbox import IDLE, Outbox, asked_wait
from conformance.sandbox.program import build
from conformance.sandbox.seeded import letter, population
from conformance.sandbox.settings import AGENCIES, Login, load
from conformance.sandbox.store import Outgoing, Store
from mappings.library import library
from tests.house.repository import ROOT

SANDBOX = ROOT / "conformance" / "sandbox"
FORMATS = {"nadra": "nadra_crms", "police": "police_fir", "health": "health_fhir", "school": "school_sis",
           "welfare": "raabta"}  # fmt: skip


class Answers:
    """A gateway that answers letters as told, and remembers them; `now` is the time both live in."""

    def __init__(self, told: Iterable[httpx.Response | None]) -> None:
        self.left = list(told)
        self.bodies: list[bytes] = []
        self.now = 1_000.0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return httpx.Response(200, json={"access_token": "t", "expires_in": 300})
        self.bodies.append(await request.aread())
        answer = self.left.pop(0) if self.left else httpx.Response(202)
        if answer is None:
            raise httpx.ReadError("the line broke")
        return answer


def sent(store: Store, at: Answers, hours: float = 1.0) -> Outgoing:
    """Let an outbox over a store work until nothing waits; gives how its last letter stands."""

    async def work() -> None:
        http = httpx.AsyncClient(base_url="http://gateway.invalid", transport=httpx.MockTransport(at), trust_env=False)
        login = Login("http://gateway.invalid", "c", "client_secret_basic", secret="s")
        outbox = Outbox(store, GatewayClient(login, http), lambda: at.now)
        until = at.now + hours * 3600
        while (wait := await outbox.work()) < IDLE and at.now < until:
            at.now += max(wait, 0.0)

    asyncio.run(work())
    return store.letters()[-1]


def kept(tmp_path: Path) -> Store:
    store = Store(tmp_path / "x.sqlite")
    store.put_letter("id-1", "application/json", b"{}", 0.0)
    return store


def test_a_letter_is_sent_until_it_is_taken_and_not_again(tmp_path: Path) -> None:
    at, store = Answers([httpx.Response(503), None, httpx.Response(429)]), kept(tmp_path)
    found = sent(store, at)
    assert (found.state, found.attempts, found.status) == ("TAKEN", 4, 202)
    assert at.bodies == [b"{}"] * 4
    assert sent(store, at).attempts == 4


def test_retry_after_is_waited_for(tmp_path: Path) -> None:
    at = Answers([httpx.Response(503, headers={"Retry-After": "120"})])
    sent(kept(tmp_path), at)
    assert at.now >= 1_120
    assert asked_wait("Thu, 01 Jan 1970 00:20:00 GMT", 1_000.0) == 200.0
    assert [asked_wait(text, 0.0) for text in ("", "soon", "-5")] == [0.0, 0.0, 0.0]


def test_what_is_refused_for_good_is_left_and_what_is_never_taken_is_given_up(tmp_path: Path) -> None:
    refused = Answers([httpx.Response(422)])
    assert sent(kept(tmp_path / "a"), refused).state == "REFUSED"
    assert len(refused.bodies) == 1
    found = sent(kept(tmp_path / "b"), Answers([httpx.Response(503)] * 50))
    assert (found.state, found.attempts) == ("GIVEN_UP", 20)


def test_a_letter_survives_the_end_of_its_simulator(tmp_path: Path) -> None:
    first = kept(tmp_path)
    assert sent(first, Answers([httpx.Response(503)] * 50), hours=0.001).state == "WAITING"
    first.close()
    assert sent(Store(tmp_path / "x.sqlite"), Answers([])).state == "TAKEN"


@pytest.mark.parametrize("name", AGENCIES)
def test_every_letter_about_every_child_of_a_seed_is_valid_for_the_gateway(name: str) -> None:
    mapping = library()[FORMATS[name]] if FORMATS[name] != "raabta" else None
    for child in population(7).children:
        _, body = letter(SANDBOX / name, child)
        if mapping is None:
            assert json.loads(body)["child"]["name"] == child.name
        else:
            assert [one for one in mapping.validate(body) if one.severity == "error"] == []


def test_a_seed_makes_the_same_children_in_the_registry_in_the_school_and_on_the_list(tmp_path: Path) -> None:
    known = population(7)
    assert population.__wrapped__(7) == known != population(8)
    assert len({one.bform for one in known.children}) == len(known.children)
    assert {one.bform[:5] for one in known.children} == {"39999"}
    birth = Register(SANDBOX / "nadra", known.children).by_number("", known.children[3].bform)
    assert birth is not None
    assert birth.findtext("CRMS_NUMBER") == known.children[3].crms
    shown = json.loads(CliRunner().invoke(app, ["children", "--seed", "7", "--json"]).stdout)
    assert [one["name_ur"] for one in shown["children"]] == [one.name_ur for one in known.children]
    assert known.schools[0].code in CliRunner().invoke(app, ["children", "--seed", "7"]).stdout


def test_a_simulator_tells_its_children_sends_the_next_one_and_shows_what_was_sent(tmp_path: Path) -> None:
    config = initialise(tmp_path, "http://127.0.0.1:9", seed=7)
    planned = '[school]\nfaults = ["503:5", "drop"]\n'
    config.write_text(config.read_text("utf-8").replace("[school]\n", planned), "utf-8")
    program = build(load(config, "school"), tmp_path / "data")

    async def asked() -> list[httpx.Response]:
        line = httpx.ASGITransport(app=program.guard)
        async with httpx.AsyncClient(transport=line, base_url="http://school.invalid/_sandbox") as http:
            wanted = ({}, {"child": 5}, {"child": 99}, {"sample": "enrolment"})
            posts = [await http.post("/send", json=body) for body in wanted]
            return [*posts, await http.get("/sent"), await http.get("/children"), await http.get("/faults")]

    first, second, third, fourth, letters, children, faults = asyncio.run(asked())
    assert [one.status_code for one in (first, second, third, fourth)] == [202, 202, 404, 202]
    bodies = [one["body"] for one in letters.json()["letters"]]
    assert population(7).children[0].name in bodies[0]
    assert population(7).children[4].name in bodies[1]
    assert {one["state"] for one in letters.json()["letters"]} == {"WAITING"}
    assert children.json()["seed"] == 7
    assert faults.json()["script"] == ["503:5", "drop"]
