"""The simulated officer: answers what the agency received, and submits what the agency starts itself."""

import asyncio
import uuid
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool

from conformance.sandbox.agency import Agency, CannotAnswerError, Decision, Letter
from conformance.sandbox.gateway_login import GatewayClient, Posted
from conformance.sandbox.seeded import Child, Population, letter
from conformance.sandbox.store import Effect, Store, instant

DELAY = 0.3
"""Seconds between an effect and the officer's own answer to it."""
ATTEMPTS = 6
"""How often an automatic answer is offered to a gateway that is not ready for it."""


class Officer:
    """Works for one agency, through the agency's own client at the gateway."""

    def __init__(
        self, agency: Agency, store: Store, client: GatewayClient, folder: Path, population: Population
    ) -> None:
        """Answer from `store`; `folder` holds the documents the agency can start with, about the `population`."""
        self._agency = agency
        self._store = store
        self._client = client
        self._folder = folder
        self._samples = folder / "samples"
        self.population = population
        self._tasks: set[asyncio.Task[None]] = set()
        self.auto: str | None = None
        """The decision given to every new effect by itself, or None."""
        self.auto_reason = ""
        self._last: tuple[Effect, Letter, Decision] | None = None
        self.answers: list[dict[str, object]] = []
        """Every answer posted: message_id, reply_id, decision, status; oldest first."""

    async def answer(self, message_id: str, kind: str, reason: str = "") -> dict[str, object]:
        """Answer one received document; raises `CannotAnswerError` for an unknown or unanswerable one."""
        effect = await run_in_threadpool(self._store.effect, message_id)
        if effect is None:
            raise CannotAnswerError("no such message was received")
        letter, decision = self._write(effect, kind, reason)
        self._last = effect, letter, decision
        posted = await self._post(effect, letter, decision)
        return {**posted.as_json(), "message_id": letter.message_id, "content_type": letter.media_type}

    async def repeat(self) -> dict[str, object]:
        """Post the last answer again, octet for octet; raises `CannotAnswerError` when there is none."""
        if self._last is None:
            raise CannotAnswerError("nothing was answered yet")
        posted = await self._post(*self._last)
        return {**posted.as_json(), "message_id": self._last[1].message_id}

    async def submit(self, letter: Letter) -> dict[str, object]:
        """Post a new referral as this agency."""
        posted = await self._client.post("/v1/referrals", letter)
        return {**posted.as_json(), "message_id": letter.message_id}

    async def token(self, scope: str) -> str:
        """Log in at the gateway and give the access token; empty when the login is refused."""
        return await self._client.bearer(scope)

    def sample(self, name: str, *, fresh: bool) -> Letter | None:
        """Read a sample by its file name or stem; `fresh` gives it a message id of its own."""
        found = sorted(file for file in self._samples.iterdir() if name in {file.name, file.stem})
        if not found:
            return None
        media_type = self._agency.media_type(found[0])
        found_letter = self._agency.read_letter(found[0].read_bytes(), media_type)
        return _renewed(found_letter) if fresh else found_letter

    def about(self, child: Child) -> Letter:
        """Write a new letter of the agency's own about a child of the seed."""
        sample, body = letter(self._folder, child)
        return _renewed(self._agency.read_letter(body, self._agency.media_type(self._samples / sample)))

    def sample_names(self) -> list[str]:
        """List the file names of the samples."""
        return sorted(file.name for file in self._samples.iterdir() if file.suffix != ".md")

    def notice(self, effect: Effect) -> None:
        """Answer a new effect by itself, shortly after, when automatic answers are on."""
        if self.auto is None or effect.operation not in self._agency.answerable:
            return
        task = asyncio.get_running_loop().create_task(self._answer_soon(effect, self.auto, self.auto_reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Drop the answers that are still waiting and close the client."""
        for task in tuple(self._tasks):
            task.cancel()
        await self._client.close()

    async def _answer_soon(self, effect: Effect, kind: str, reason: str) -> None:
        """Offer one answer, with one message id, until the gateway takes or refuses it."""
        try:
            letter, decision = self._write(effect, kind, reason)
        except CannotAnswerError as error:
            self._remember(effect, "", kind, Posted(0, body=str(error)))
            return
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(DELAY * 2**attempt)
            posted = await self._post(effect, letter, decision)
            if posted.status not in {0, 404, 409, 425, 429} and posted.status < 500:
                return

    def _write(self, effect: Effect, kind: str, reason: str) -> tuple[Letter, Decision]:
        if effect.operation not in self._agency.answerable:
            raise CannotAnswerError("this kind of document takes no answer")
        decision = Decision(kind, reason, str(uuid.uuid4()), instant())
        letter = self._agency.reply(effect, decision)
        if not letter.reference:
            raise CannotAnswerError("the document names no referral to answer")
        return letter, decision

    async def _post(self, effect: Effect, letter: Letter, decision: Decision) -> Posted:
        path = f"/v1/referrals/{quote(letter.reference, safe='')}/replies"
        posted = await self._client.post(path, letter)
        self._remember(effect, letter.message_id, decision.kind, posted)
        if 200 <= posted.status < 300:
            await run_in_threadpool(self._store.set_state, effect.message_id, decision.kind)
        return posted

    def _remember(self, effect: Effect, reply_id: str, kind: str, posted: Posted) -> None:
        answer = {"message_id": effect.message_id, "reply_id": reply_id, "decision": kind}
        self.answers.append({**answer, "status": posted.status})


def _renewed(old: Letter) -> Letter:
    new = _new_id(old.message_id)
    return Letter(new, old.media_type, old.body.replace(old.message_id.encode(), new.encode()))


def _new_id(old: str) -> str:
    if old.isdigit():
        return old[:4] + str(uuid.uuid4().int)[: len(old) - 4]
    return str(uuid.uuid4())
