"""Consent is revoked: a school hears of it over the wire, gives the request up, and its answer is tracked."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from sqlalchemy import select

from adapters.base import Envelope, Outcome
from adapters.manifest import Manifest
from adapters.registry import adapter_for, load_manifests
from conformance.sandbox.credentials import initialise
from conformance.sandbox.program import build
from conformance.sandbox.serve import served
from conformance.sandbox.settings import load
from gateway.demo.processes import free_ports
from gateway.recall.reevaluation import reevaluate
from gateway.store.tables import notice
from mappings.labels import Label
from tests.gateway.house import House, referral
from tests.gateway.manifests import SCHOOL, WELFARE
from tests.recall.post import Door, Post

PROFILES = ("nadra", "police", "health", "school", "welfare")
PLACE = {"school_scheme": "pk-punjab-emis", "school_code": "39999002"}
FATHER = {"relation": "FATHER", "name": "Farzi Baba", "contact_rule": "SAFE", "alleged_perpetrator": "NO"}


@dataclass
class Wire:
    """The real door to a simulated school, opened for each message, and what came of each."""

    manifest: Manifest
    outcomes: list[Outcome] = field(default_factory=list)

    async def send(self, envelope: Envelope) -> Outcome:
        door = adapter_for(self.manifest)
        try:
            self.outcomes.append(await door.send(envelope))
        finally:
            await door.close()
        return self.outcomes[-1]

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class School:
    """A simulated school information system, and our way to it."""

    wire: Wire
    control: httpx.Client

    def effects(self) -> list[dict[str, Any]]:
        """Return what it has accepted, oldest first."""
        found: list[dict[str, Any]] = self.control.get("/_sandbox/received").json()["effects"]
        return found


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    sandbox, home = tmp_path / "sandbox", tmp_path / "home"
    sandbox.mkdir()
    home.mkdir()
    ports = dict(zip(PROFILES, free_ports(len(PROFILES)), strict=True))
    initialise(sandbox, "http://127.0.0.1:9", ports)
    port, login = ports["school"], tomllib.loads((sandbox / "gateway.toml").read_text("utf-8"))["school"]["outbound"]
    with served(build(load(sandbox / "sandbox.toml", "school", port), tmp_path), port) as url:
        (home / "school.toml").write_text(
            f'id = "{SCHOOL}"\nkind = "EDUCATION"\nname = "Namuna"\nadapter = "school"\nformat = "school_sis"\n'
            f'base_url = "{url}"\nallow_private = true\n[auth]\ntoken_url = "{url}/oauth/token"\n'
            f'client_id = "{login["client_id"]}"\nmethod = "client_secret_basic"\n'
            f'secret = "file:{sandbox / login["secret_file"]}"\n',
            "utf-8",
        )
        [manifest] = load_manifests(home).values()
        with httpx.Client(base_url=url, trust_env=False) as control:
            yield School(Wire(manifest), control)


def sent(house: House, school: School) -> tuple[str, str, Post]:
    """Send a referral to the school; returns its name, our id, and the postman."""
    post = Post.of(house)
    post.doors[SCHOOL] = cast("Door", school.wire)
    name = house.submit(
        WELFARE, referral(SCHOOL, persons=[FATHER], requested={"enrolment": "KEEP_PLACE", "target": PLACE})
    )["id"]
    post.deliver()
    return name, house.id_of(WELFARE, name), post


def notices(house: House, identity: str) -> list[tuple[str, str | None]]:
    """Return kind and answer of the notices of a referral."""
    with house.reading() as connection:
        rows = connection.execute(select(notice).where(notice.c.referral == identity)).mappings().all()
    return [(row["kind"], row["answer"]) for row in rows]


def test_a_revoked_consent_reaches_the_school_and_its_answer_is_tracked(house: House, school: School) -> None:
    name, identity, post = sent(house, school)
    (request,) = school.effects()
    assert house.call(WELFARE, "POST", f"/v1/referrals/{name}/consent/revocation", json={}).status_code == 202
    assert notices(house, identity) == [("WITHDRAWAL", None)]
    post.deliver()

    _, withdrawal = school.effects()
    assert withdrawal["operation"] == "withdrawal"
    assert [type(each).__name__ for each in school.wire.outcomes] == ["Delivered", "Delivered"]
    assert notices(house, identity) == [("WITHDRAWAL", "WITHDRAW")]
    assert {each["id"]: each for each in house.view(WELFARE, name).json()["deliveries"]}
    assert request["message_id"] != withdrawal["message_id"]
    assert [kind for kind, _ in house.entries(identity)].count("notice.answered") == 1


def test_a_withdrawal_says_which_request_and_nothing_else(house: House, school: School) -> None:
    name, _, post = sent(house, school)
    house.call(WELFARE, "POST", f"/v1/referrals/{name}/withdrawal", json={"reason": "WRONG_CHILD"})
    post.deliver()
    request, withdrawal = school.effects()

    assert set(json.loads(withdrawal["body"])) == {"request_id", "state", "decided_at"}
    assert json.loads(withdrawal["body"])["request_id"] == request["message_id"]


def test_a_corrected_request_takes_the_place_of_the_one_that_is_withdrawn(house: House, school: School) -> None:
    """The language of a school cannot say that a request replaces another: the earlier one is withdrawn."""
    name, identity, post = sent(house, school)
    known = house.gateway.room.directory._agencies
    (agreement,) = known[SCHOOL].agreements
    narrower = replace(agreement, labels=agreement.labels - {Label.FAMILY})
    known[SCHOOL] = replace(known[SCHOOL], agreements=(narrower,))
    house.write(lambda connection: reevaluate(house.gateway.room, connection, identity, "AGREEMENT"))
    post.deliver()

    first, withdrawal, second = school.effects()
    assert [each["operation"] for each in (withdrawal, second)] == ["withdrawal", "reenrolment-request"]
    assert ("Farzi Baba" in first["body"], "Farzi Baba" in second["body"]) == (True, False)
    assert notices(house, identity) == [("CORRECTION", "WITHDRAW")]
    assert house.view(WELFARE, name).json()["deliveries"][0]["state"] == "DELIVERED"
