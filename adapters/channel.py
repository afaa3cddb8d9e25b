"""One attempt at one agency: transport, token, the headers every call carries, and a time budget."""

import time
import uuid
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from adapters.base import NOT_RECEIVED, Delivered, Envelope, Outcome, Refused, Unavailable, Unknown
from adapters.manifest import Manifest
from adapters.statuses import judge_fault
from adapters.tokens import AccessToken, TokenSource
from adapters.transport import Answer, Call, Fault, Transport, tls_context
from auth.clock import Clock

Reply = Answer | Unavailable | Unknown
"""What a call gives: an HTTP answer of any status, or what came of it when there was none."""


class Channel:
    """The authorised way to one agency. Safe for many tasks of one event loop."""

    def __init__(self, transport: Transport, tokens: TokenSource, attempt_seconds: float) -> None:
        self.transport = transport
        self.tokens = tokens
        self.attempt_seconds = attempt_seconds

    @classmethod
    def to(cls, manifest: Manifest, now: Clock) -> "Channel":
        """Make the channel a manifest describes; connects to nothing yet.

        Raises:
            OSError: a file of `[tls]` cannot be used.

        """
        private, limits, tls = manifest.allow_private, manifest.limits, tls_context(manifest.tls)
        url = urlsplit(manifest.auth.token_url)
        door = Transport(f"{url.scheme}://{url.netloc}", limits, allow_private=private, tls=tls)
        resource = Transport(manifest.base_url, limits, allow_private=private, tls=tls)
        return cls(resource, TokenSource(manifest.auth, door, now), limits.attempt_seconds)

    def open(self, envelope: Envelope) -> "Conversation":
        """Begin an attempt to send `envelope`."""
        return Conversation(self, envelope)

    async def close(self) -> None:
        """Close every connection."""
        await self.tokens.close()
        await self.transport.close()


class Conversation:
    """The calls of one attempt: within one time budget, with at most one fresh token after a refusal."""

    def __init__(self, channel: Channel, envelope: Envelope) -> None:
        self.envelope = envelope
        self._channel = channel
        self._ends = time.monotonic() + channel.attempt_seconds
        self._refreshed = False

    async def deliver(
        self, path: str, headers: Mapping[str, str], question: str | None, read: Callable[[Answer], Outcome]
    ) -> Outcome:
        """Send the envelope's body to `path`; in doubt, ask at `question` whether the agency has it.

        `headers` hold Content-Type and Accept; `read` judges the answer to either.
        """
        reply = await self.post(path, self.envelope.body, headers)
        outcome = read(reply) if isinstance(reply, Answer) else reply
        if question is None or not isinstance(outcome, Unknown):
            return outcome
        return await self.settle(outcome, question, headers["Accept"], read)

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a document; `headers` hold at least its Content-Type and Accept."""
        return await self._call("POST", path, body, headers)

    async def get(self, path: str, accept: str) -> Reply:
        """Ask for something."""
        return await self._call("GET", path, None, {"Accept": accept})

    async def settle(self, doubt: Unknown, path: str, accept: str, read: Callable[[Answer], Outcome]) -> Outcome:
        """Ask the agency whether it has the message; what it does not answer clearly stays in doubt.

        A 404 says that it has not; a 200 is judged by `read`, which may say so too with `NOT_RECEIVED`.
        """
        answer = await self.get(path, accept)
        if not isinstance(answer, Answer):
            return doubt
        if answer.status == 404:
            return not_received(doubt)
        return cleared(doubt, read(answer)) if answer.status == 200 else doubt

    async def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        token = await self._channel.tokens.token()
        if isinstance(token, Unavailable):
            return token
        answer = await self._exchange(method, path, body, headers, token)
        if not isinstance(answer, Answer) or self._refreshed or not _token_refused(answer):
            return answer
        self._refreshed = True
        self._channel.tokens.invalidate(token)
        fresh = await self._channel.tokens.token()
        if isinstance(fresh, Unavailable):
            return fresh
        return await self._exchange(method, path, body, headers, fresh)

    async def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], token: AccessToken
    ) -> Reply:
        left = self._ends - time.monotonic()
        if left <= 0:
            return judge_fault(Fault("OUT_OF_TIME", sent=False))
        carried = {
            **headers,
            "Authorization": f"Bearer {token.value}",
            "Idempotency-Key": self.envelope.message_id,
            "X-Request-Id": str(uuid.uuid4()),
            "X-Correlation-Id": self.envelope.correlation,
        }
        answer = await self._channel.transport.exchange(Call(method, path, carried, body), left)
        return judge_fault(answer) if isinstance(answer, Fault) else answer


def not_received(doubt: Unknown) -> Unavailable:
    """Return the outcome when the agency says it does not have the message that was in doubt."""
    return Unavailable(doubt.status, NOT_RECEIVED, transport_fault=doubt.transport_fault)


def cleared(doubt: Unknown, found: Outcome) -> Outcome:
    """Return what became of `doubt` when the agency's answer to our question was judged as `found`."""
    if isinstance(found, Unavailable) and found.code == NOT_RECEIVED:
        return not_received(doubt)
    return found if isinstance(found, Delivered | Refused) else doubt


def _token_refused(answer: Answer) -> bool:
    """Tell whether a fresh token could help: 401, or a 403 that speaks of the token (RFC 6750 section 3)."""
    challenge = answer.headers.get("www-authenticate", "").lower()
    return answer.status == 401 or (answer.status == 403 and challenge.startswith("bearer"))
