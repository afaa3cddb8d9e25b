"""A gateway with something to look at: referrals on their way, answered, refused and waiting, and people to look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.base import Envelope, Outcome, Refused, Unavailable
from gateway.sessions import Role, open_session
from tests.gateway.house import House, child, referral, running
from tests.gateway.manifests import HEALTH, NADRA, POLICE, SCHOOL, WELFARE
from tests.recall.post import Post, taken

CANARY = "Kanari Parinda"
"""The name of every child on this stage; it may be seen only where somebody gave a reason to see values."""


@dataclass(frozen=True)
class Stage:
    """A running gateway and what was sent through it."""

    house: House
    story: str
    """The gateway's id of a referral that went to three, one of whom refused it."""
    sender_ref: str
    """What its sender calls it."""

    def cookie(self, *roles: Role) -> dict[str, str]:
        """Let somebody in and return the cookie of the session."""
        room, actor = self.house.gateway.room, "person:" + "g" * 12
        secret = self.house.write(lambda c: open_session(room, c, actor, frozenset(roles), 60))
        return {"raabta-session": secret}

    def signed_in(self, *roles: Role) -> dict[str, str]:
        """Return the headers with which somebody who was let in asks for a page."""
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookie(*roles).items())}

    def delivery(self, recipient: str) -> str:
        """Return the delivery of the story's referral to somebody."""
        with self.house.reading() as connection:
            asked = "SELECT id FROM delivery WHERE referral = ? AND recipient = ? ORDER BY n"
            return str(connection.exec_driver_sql(asked, (self.story, recipient)).scalar_one())


def _refuses(_: Envelope) -> Outcome:
    return Refused(422, "HTTP_422")


def _closed(_: Envelope) -> Outcome:
    return Unavailable(503, "HTTP_503")


def sent(house: House, *receivers: str) -> str:
    said = child(name=CANARY, location={"province": "PB", "district": "PB-LHR"})
    return str(house.submit(POLICE, referral(*receivers, child=said))["id"])


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Run a gateway and play a little of its life."""
    with running(folder) as house:
        post = Post.of(house)
        post.doors[SCHOOL].judge = _refuses
        first = sent(house, HEALTH, WELFARE, SCHOOL)
        post.deliver()
        theirs = house.ref_of(WELFARE, POLICE, first)
        assert house.view(WELFARE, theirs).status_code == 200
        assert house.reply(WELFARE, theirs, kind="ACCEPT", state="ACCEPTED").status_code == 202
        for receivers in ((HEALTH,), (WELFARE, HEALTH), (WELFARE,)):
            sent(house, *receivers)
        post.doors[SCHOOL].judge, post.doors[HEALTH].judge = taken, _closed
        sent(house, SCHOOL, HEALTH)
        post.deliver()
        house.gateway.sign(None)
        yield Stage(house, house.id_of(POLICE, first), first)


__all__ = ["HEALTH", "NADRA", "POLICE", "SCHOOL", "WELFARE", "Stage", "sent", "staged"]
