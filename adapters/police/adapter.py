"""Sends referrals and status updates to a police record system (formats/police.md B2)."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from adapters.base import Envelope, Outcome
from adapters.channel import Channel
from adapters.manifest_values import CLOSED, UrlPath
from adapters.police.receipts import judge
from adapters.transport import Answer
from auth.clock import Clock


@dataclass(frozen=True, slots=True)
class Options:
    """`[options]` of a police manifest: where things are under the base URL."""

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    referrals: UrlPath = "/police/v1/referrals"
    status_updates: UrlPath = "/police/v1/status-updates"
    messages: UrlPath = "/police/v1/messages"


class PoliceAdapter:
    """The door to one police record system; JSON or XML, as the envelope's media type says."""

    def __init__(self, channel: Channel, options: Options, now: Clock) -> None:
        self._channel = channel
        self._options = options
        self._now = now

    async def send(self, envelope: Envelope) -> Outcome:
        """Make one attempt; a doubtful one is settled by asking for the receipt."""
        path = self._options.status_updates if envelope.kind == "reply" else self._options.referrals
        headers = {"Content-Type": envelope.media_type, "Accept": f"{envelope.essence}, application/json;q=0.9"}

        def read(answer: Answer) -> Outcome:
            return judge(answer, envelope.message_id, self._now())

        question = f"{self._options.messages}/{envelope.message_id}/receipt"
        return await self._channel.open(envelope).deliver(path, headers, question, read)

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()
