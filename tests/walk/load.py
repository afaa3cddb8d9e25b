"""Clients that send referrals to a gateway which may die at any moment, as careful clients would.

Each client repeats a referral under the same Idempotency-Key until it gets an answer, and keeps an account of what was
accepted. A client sends one referral after the other, so that the order of acceptance within its cases is known.
"""

import json
import random
import threading
import uuid
from dataclasses import dataclass, field

import httpx

from gateway.demo.callers import Agency
from gateway.demo.processes import Stage
from tests.walk import letters
from tests.walk.looking import AGENCY_IDS

CASES = 3
"""Cases each client writes about, so that several referrals share one."""


@dataclass(frozen=True)
class Sent:
    """A referral that was accepted."""

    sender: str
    key: str
    case: str
    mark: str
    """Letters that stand in the child's name and nowhere else."""
    receivers: tuple[str, ...]
    """Simulators it is routed to."""
    tries: int


@dataclass
class Client(threading.Thread):
    """One task of an agency: sends until told to stop, then finishes what it has begun."""

    stage: Stage
    sender: str
    number: int
    seed: int
    pace: tuple[float, float]
    """Seconds between referrals, from and to."""
    accepted: list[Sent] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._random = random.Random(f"{self.seed}/{self.number}")  # noqa: S311 - repeatable, not secret

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Send one referral after the other."""
        agency = Agency(self.stage, self.sender)
        while not self.stopping.is_set():
            self._send(agency)
            self.stopping.wait(self._random.uniform(*self.pace))

    def _send(self, agency: Agency) -> None:
        key = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        mark = "".join(self._random.choices("abcdefghijkmnopqrstuvwxyz", k=14))
        case = f"CASE-{self.number}-{self._random.randrange(CASES)}"
        body, media_type, receivers = self._letter(key, f"Misali {mark.title()}", case)
        for tries in range(1, 2_000):
            try:
                answer = letters.post(agency, body, media_type, key)
            except httpx.HTTPError:
                threading.Event().wait(0.2)
                continue
            if answer.status_code == 202:
                self.accepted.append(Sent(AGENCY_IDS[self.sender], key, case, mark, receivers, tries))
                return
            if answer.status_code != 503:
                self.refused.append(f"{answer.status_code} {answer.text}")
                return

    def _letter(self, key: str, name: str, case: str) -> tuple[str, str, tuple[str, ...]]:
        if self.sender == "police":
            return letters.fir(key, name), letters.FIR_XML, ("health", "school", "welfare")
        if self.sender == "health":
            return letters.bundle(key, name, case), letters.FHIR, ("welfare", "police")
        child = {"name": name, "sex": "MALE", "birth_date": "2015-08-14", "location": {"province": "PB"}}
        receivers = ("police", "health", "school", "nadra")
        names = [AGENCY_IDS[each] for each in receivers]
        document = letters.canonical(*names, message_id=key, case_ref=case, child=child)
        return json.dumps(document), letters.JSON, receivers
