"""The control surface for what an agency starts by itself: letters about the children of the seed, sent until taken."""

from dataclasses import asdict

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict

from conformance.sandbox.officer import Officer
from conformance.sandbox.outbox import Outbox
from conformance.sandbox.store import Store


class Wanted(BaseModel):
    """`POST /_sandbox/send`: a child of the seed by its number, the next one by default; or a sample by its name."""

    model_config = ConfigDict(extra="forbid")
    child: int = 0
    sample: str = ""


def router(officer: Officer, outbox: Outbox, store: Store) -> APIRouter:
    """Make the routes under `/_sandbox`."""
    surface = _Starting(officer, outbox, store)
    routes = APIRouter(prefix="/_sandbox")
    routes.add_api_route("/send", surface.send, methods=["POST"], status_code=202)
    routes.add_api_route("/sent", surface.sent, methods=["GET"])
    routes.add_api_route("/children", surface.children, methods=["GET"])
    return routes


class _Starting:
    """The handlers, bound to one simulator."""

    def __init__(self, officer: Officer, outbox: Outbox, store: Store) -> None:
        self._officer = officer
        self._outbox = outbox
        self._store = store

    async def send(self, wanted: Wanted | None = None) -> dict[str, str]:
        """Write a new letter and send it until the gateway takes or refuses it."""
        asked = wanted or Wanted()
        known = self._officer.population.children
        if asked.sample:
            letter = self._officer.sample(asked.sample, fresh=True)
        else:
            n = asked.child or len(self._store.letters()) % len(known) + 1
            letter = self._officer.about(known[n - 1]) if 0 < n <= len(known) else None
        if letter is None:
            raise HTTPException(404, "no such child, and no such sample")
        self._outbox.put(letter)
        return {"message_id": letter.message_id, "content_type": letter.media_type}

    def sent(self) -> dict[str, object]:
        """Show every letter of the agency's own: how often it was sent, the last answer, and whether it was taken."""
        letters = [
            {"message_id": one.message_id, "content_type": one.content_type, "attempts": one.attempts,
             "status": one.status, "state": one.state, "body": one.body.decode("utf-8", "replace")}
            for one in self._store.letters()
        ]  # fmt: skip
        return {"letters": letters}

    def children(self) -> dict[str, object]:
        """Show the children and schools of this sandbox's seed."""
        known = self._officer.population
        return {
            "seed": known.seed,
            "schools": [asdict(one) for one in known.schools],
            "children": [asdict(one) for one in known.children],
        }
