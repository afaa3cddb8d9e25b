"""Sends transaction Bundles and status messages to a hospital's FHIR server (formats/health.md 9.3, 9.4)."""

from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from adapters.base import Envelope, Outcome, Refused
from adapters.channel import Channel
from adapters.health.answers import MEDIA_TYPE, judge
from adapters.health.bundles import outgoing
from adapters.manifest_values import CLOSED, UrlPath
from adapters.transport import Answer
from auth.clock import Clock

HEADERS = {"Content-Type": f"{MEDIA_TYPE}; fhirVersion=4.0", "Accept": f"{MEDIA_TYPE}; fhirVersion=4.0"}


@dataclass(frozen=True, slots=True)
class Options:
    """`[options]` of a hospital's manifest: the FHIR base under the base URL."""

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    base: UrlPath = "/fhir"


class HealthAdapter:
    """The door to one FHIR server. A transaction goes to its base, a message to `$process-message`."""

    def __init__(self, channel: Channel, options: Options, now: Clock) -> None:
        self._channel = channel
        self._base = options.base
        self._now = now

    async def send(self, envelope: Envelope) -> Outcome:
        """Make one attempt; a doubtful transaction is settled by searching for its Task.

        A message leaves nothing behind that could be searched for: in doubt it stays Unknown and is sent
        again with the same id, which the server drops.
        """
        sent = outgoing(envelope.body)
        if sent is None:
            return Refused(None, "DOCUMENT_INVALID")
        path = self._base if sent.type == "transaction" else f"{self._base}/$process-message"
        question = f"{self._base}/{sent.question}" if sent.question else None

        def read(answer: Answer) -> Outcome:
            return judge(answer, sent, self._now())

        return await self._channel.open(envelope).deliver(path, HEADERS, question, read)

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()
