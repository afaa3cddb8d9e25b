"""A gateway with five agencies of every kind whose agreements are drawn, and all it says."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import select, update

from adapters.base import Delivered, Envelope, Outcome
from auth import client_secrets
from gateway.policy import Agreement
from gateway.store.tables import delivery, lane
from tests.clocks import FixedClock
from tests.gateway.house import House
from tests.gateway.indoors import Indoors, indoors
from tests.gateway.manifests import AGENCIES, NADRA, POLICE, SCHOOL, WELFARE, Profile
from tests.logbook import logbook
from tests.policy.cases import KINDS, PURPOSES
from tests.recall.post import Post, taken
from tests.spans import collected

CANARY = re.compile(r"k\d{4}n\d{4}|0399888\d{4}|39999888\d{5}", re.IGNORECASE)
"""What `tests.laws.secrecy.marked` plants with the prefix of a draw: a text, a telephone, a number of a register."""
CLEAR_OF = [re.compile(each) for each in (rb"k\d{4}n\d", rb"0399-?888\d", rb"39999-?888\d")]
"""The same in small letters, with the dashes that people write, in the bytes of a file: each alone is found fastest."""
EACH = 5
"""Agencies of each kind: four are told in the canonical language, one in its kind's own."""
OWN = {"POLICE": POLICE, "HEALTH": "health-lhr-dhq", "EDUCATION": SCHOOL, "CIVIL_REG": NADRA, "SOCIAL_WELFARE": WELFARE}
NEVER = 4_000_000_000.0
Request = tuple[str, str, str, dict[str, Any]]
"""Who calls, how, where, and httpx's options."""


def names(kind: str) -> list[str]:
    """Return the agencies of a kind; the last speaks the kind's own language."""
    return [f"{kind.lower().replace('_', '-')}-{number}" for number in range(EACH)]


def profiles() -> dict[str, Profile]:
    """Return what the configuration says of every agency but the sender."""
    found = {}
    for kind in KINDS:
        for name in names(kind)[:-1]:
            found[name] = Profile(kind, "welfare", "raabta", PURPOSES[kind])
        found[names(kind)[-1]] = replace(AGENCIES[OWN[kind]], purpose=PURPOSES[kind])
    return found


def canaries(text: str) -> set[str]:
    """Return every canary in a text, written with dashes or without."""
    return set(CANARY.findall(text)) | set(CANARY.findall(text.replace("-", "")))


def canaries_anywhere(octets: bytes) -> set[bytes]:
    """Return the canaries in bytes that should hold none, in letters of any size, with dashes or without."""
    small = octets.lower()
    return {found for pattern in CLEAR_OF for found in pattern.findall(small)}


@dataclass
class Village:
    """The gateway, the doors of all agencies, and what was logged."""

    house: House
    post: Post
    clock: FixedClock
    log: io.StringIO
    spans: InMemorySpanExporter
    said: list[str] = field(default_factory=list)
    """What was said to nobody in particular: headers and addresses of every answer."""
    records: dict[str, bytes] = field(default_factory=dict)
    """What a civil register answers at once about a referral: the record of another child."""

    def agree(self, agency: str, agreement: Agreement) -> None:
        """Let an agency have one agreement and no other, from now on."""
        known = self.house.gateway.room.directory._agencies
        known[agency] = replace(known[agency], agreements=(replace(agreement, agency=agency),))

    def call(self, requests: Iterable[Request]) -> list[httpx.Response]:
        """Call as agencies, all at once; what stands outside the bodies is kept to be searched."""
        wanted = []
        for agency, method, path, options in requests:
            headers = {"Authorization": f"Bearer {self.house.token(agency)}", **options.pop("headers", {})}
            wanted.append((method, path, {"headers": headers, **options}))
        answers = cast("Indoors", self.house.http).together(wanted)
        self.said.extend(f"{answer.request.url} {answer.headers}" for answer in answers)
        return answers

    def submit(self, documents: Iterable[tuple[dict[str, Any], list[str]]]) -> list[str]:
        """Send referrals to some agencies each; returns the sender's names of them."""
        requests = []
        for tree, agencies in documents:
            recipients = [{"agency": name} for name in agencies]
            requests.append(
                posted("/v1/referrals", {**tree, "message_id": str(uuid.uuid4()), "recipients": recipients})
            )
        answers = self.call(requests)
        assert {answer.status_code for answer in answers} <= {202}, [answer.text for answer in answers]
        self.said.extend(answer.text for answer in answers)
        return [str(answer.json()["id"]) for answer in answers]

    def deliver(self, after_registers: Iterable[str] = ()) -> None:
        """Send what waits; of some referrals first what goes to a register, and the rest when it has answered."""
        others = (
            select(delivery.c.lane)
            .where(delivery.c.referral.in_(list(after_registers)))
            .where(delivery.c.recipient.not_in(names("CIVIL_REG")))
        )
        held = update(lane).where(lane.c.id.in_(others))
        self.house.write(lambda connection: connection.execute(held.values(next_at=NEVER)))
        self.post.deliver()
        released = update(lane).where(lane.c.next_at == NEVER).values(next_at=0.0)
        if self.house.write(lambda connection: connection.execute(released).rowcount):
            self.post.deliver()

    def answer(self, envelope: Envelope) -> Outcome:
        """Answer as a register does that knows the child, or takes it for one it knows."""
        record = self.records.get(envelope.referral)
        if record is None or envelope.kind != "referral":
            return taken(envelope)
        return Delivered(200, f"receipt-{envelope.message_id[:8]}", record, "application/json")

    def refused(self) -> None:
        """Send what every door refuses, with canaries in every place; what is said of it holds none."""
        bodies: list[Any] = [
            {"child": {"name": ["K9998n0001"], "sex": "K9998n0002"}}, ["K9998n0003"], {"type": "K9998n0004"},
        ]  # fmt: skip
        doors = ("/v1/referrals", "/v1/translations", "/fhir/r4")
        for answer in self.call([posted(door, body) for body in bodies for door in doors]):
            assert 400 <= answer.status_code < 500
            self.said.append(answer.text)

    def everywhere_else(self) -> dict[str, bytes]:
        """Return all that may hold no canary at all: logs, metrics, spans, ledger and the database as raw files."""
        self.house.gateway.sign(None)
        files = {file.name: file.read_bytes() for file in self.house.folder.glob("raabta.sqlite*")}
        return {
            **files,
            "log": self.log.getvalue().encode(),
            "metrics": self.house.http.get("/metrics").content,
            "spans": " ".join(each.to_json(None) for each in self.spans.get_finished_spans()).encode(),
            "ledger": str(self.house.entries()).encode(),
            "answers": " ".join(self.said).encode(),
        }

    def forget(self) -> None:
        """Let go of what has been searched and cannot change."""
        self.said.clear()
        self.spans.clear()
        self.log.seek(0)
        self.log.truncate()


def posted(path: str, document: Any) -> Request:
    """Return a call in which the sender sends a document."""
    return (
        WELFARE, "POST", path,
        {"content": json.dumps(document).encode(), "headers": {"Content-Type": "application/json"}},
    )  # fmt: skip


@contextmanager
def village(folder: Path) -> Iterator[Village]:
    """Lend a gateway whose log goes where a test can read it, through the sieve every gateway has."""
    clock = FixedClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client_secrets, "_LOG_N", 4)  # what a password hash costs is no question here
        for name, profile in profiles().items():
            patch.setitem(AGENCIES, name, profile)
        with indoors(folder, clock) as house, logbook() as log, collected() as spans:
            found = Village(house, Post.of(house), clock, log, spans)
            for name in names("CIVIL_REG")[:-1]:
                found.post.doors[name].judge = found.answer
            yield found
