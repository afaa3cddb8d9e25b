"""A gateway with five agencies of every kind whose agreements are drawn, and all it says."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.policy import Agreement
from mappings.engine.mapping import canonical
from mappings.referral import Referral
from tests.clocks import FixedClock
from tests.gateway.house import AGENCIES, NADRA, POLICE, SCHOOL, WELFARE, House, Profile
from tests.gateway.indoors import indoors
from tests.logbook import logbook
from tests.policy.cases import KINDS, PURPOSES
from tests.recall.post import Post

CANARY = re.compile(r"K\d{4}n\d{4}|0399888\d{4}|39999888\d{5}")
"""What `tests.laws.secrecy.marked` plants with the prefix of a draw: a text, a telephone, a number of a register."""
EACH = 5
"""Agencies of each kind: four are told in the canonical language, one in its kind's own."""
OWN = {"POLICE": POLICE, "HEALTH": "health-lhr-dhq", "EDUCATION": SCHOOL, "CIVIL_REG": NADRA, "SOCIAL_WELFARE": WELFARE}


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


@dataclass
class Village:
    """The gateway, the doors of all agencies, and what was logged."""

    house: House
    post: Post
    clock: FixedClock
    log: io.StringIO
    said: list[str] = field(default_factory=list)
    """What was said to nobody in particular: headers and addresses of every answer."""

    def agree(self, agency: str, agreement: Agreement) -> None:
        """Let an agency have one agreement and no other, from now on."""
        known = self.house.gateway.room.directory._agencies
        known[agency] = replace(known[agency], agreements=(replace(agreement, agency=agency),))

    def call(self, agency: str, method: str, path: str, **options: Any) -> httpx.Response:
        """Call as an agency; what stands outside the body is kept to be searched."""
        answer = self.house.call(agency, method, path, **options)
        self.said.append(f"{answer.request.url} {answer.headers}")
        return answer

    def submit(self, value: Referral, agencies: list[str]) -> str:
        """Send a referral to some agencies; returns the sender's name of it."""
        recipients = [{"agency": name} for name in agencies]
        document = {**canonical(value), "message_id": str(uuid.uuid4()), "recipients": recipients}
        headers = {"Content-Type": "application/json"}
        answer = self.call(WELFARE, "POST", "/v1/referrals", content=json.dumps(document).encode(), headers=headers)
        assert answer.status_code == 202, answer.text
        self.said.append(answer.text)
        return str(answer.json()["id"])

    def deliver(self) -> None:
        """Send what waits."""
        self.post.deliver()

    def refused(self) -> None:
        """Send what every door refuses, with canaries in every place; what is said of it holds none."""
        headers = {"Content-Type": "application/json"}
        for body in ({"child": {"name": ["K9998n0001"], "sex": "K9998n0002"}}, ["K9998n0003"], {"type": "K9998n0004"}):
            content = json.dumps(body).encode()
            for path in ("/v1/referrals", "/v1/translations", "/fhir/r4"):
                answer = self.call(WELFARE, "POST", path, content=content, headers=headers)
                assert 400 <= answer.status_code < 500
                self.said.append(answer.text)

    def everywhere_else(self) -> dict[str, str]:
        """Return all that may hold no canary at all: logs, metrics, ledger and the database as raw files."""
        self.house.gateway.sign(None)
        files = {file.name: file.read_bytes().decode("latin-1") for file in self.house.folder.glob("raabta.sqlite*")}
        metrics = self.house.http.get("/metrics").text
        entries = str(self.house.entries())
        return {
            **files,
            "log": self.log.getvalue(),
            "metrics": metrics,
            "ledger": entries,
            "answers": " ".join(self.said),
        }


@contextmanager
def village(folder: Path) -> Iterator[Village]:
    """Lend a gateway whose log goes where a test can read it, through the sieve every gateway has."""
    clock = FixedClock()
    with pytest.MonkeyPatch.context() as patch:
        for name, profile in profiles().items():
            patch.setitem(AGENCIES, name, profile)
        with indoors(folder, clock) as house, logbook() as log:
            yield Village(house, Post.of(house), clock, log)
