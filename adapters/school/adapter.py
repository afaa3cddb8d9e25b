"""Sends re-enrolment requests to a school information system, and withdraws them (formats/school.md 4, profile A)."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from adapters.base import Envelope, Outcome, Refused
from adapters.channel import Channel
from adapters.manifest_values import CLOSED, UrlPath
from adapters.school.receipts import judge, judge_withdrawal, withdrawn_request
from adapters.transport import Answer
from auth.clock import Clock


@dataclass(frozen=True, slots=True)
class Options:
    """`[options]` of a school manifest: where requests go, under the base URL."""

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    requests: UrlPath = "/sis/v1/reenrolment-requests"


class SchoolAdapter:
    """The door to one school information system; it takes requests and their withdrawal, and nothing else."""

    def __init__(self, channel: Channel, options: Options, now: Clock) -> None:
        self._channel = channel
        self._options = options
        self._now = now

    async def send(self, envelope: Envelope) -> Outcome:
        """Make one attempt; a doubtful one is settled by asking for the request's state."""
        if envelope.kind == "reply":
            return await self._withdraw(envelope)

        def read(answer: Answer) -> Outcome:
            return judge(answer, envelope, self._now())

        path = self._options.requests
        question = f"{path}/{envelope.message_id}"
        return await self._channel.open(envelope).deliver(path, _headers(envelope), question, read)

    async def _withdraw(self, envelope: Envelope) -> Outcome:
        """Tell the school that a request no longer stands; in doubt, its state tells whether that arrived."""
        request = withdrawn_request(envelope.body)
        if request is None:
            return Refused(None, "REPLIES_NOT_TAKEN")

        def read(answer: Answer) -> Outcome:
            return judge_withdrawal(answer, request, self._now())

        path = f"{self._options.requests}/{request}"
        return await self._channel.open(envelope).deliver(f"{path}/withdrawal", _headers(envelope), path, read)

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()


def _headers(envelope: Envelope) -> dict[str, str]:
    return {"Content-Type": envelope.media_type, "Accept": "application/json, application/problem+json"}
