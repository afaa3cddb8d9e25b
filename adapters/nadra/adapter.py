"""Asks the civil registry and notifies it of births (formats/nadra.md 7)."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from adapters.base import CREDENTIALS, PEER_PROTOCOL, Delivered, Envelope, Outcome, Refused, Unavailable, Unknown
from adapters.channel import Channel, Conversation, cleared
from adapters.hardened_xml import XmlError
from adapters.manifest_values import CLOSED, Code, Secret, Text, UrlPath
from adapters.nadra import codes, soap
from adapters.nadra.inner import Credentials, InnerAnswer, Request
from adapters.secret_refs import SecretError
from adapters.statuses import judge_status
from adapters.transport import Answer
from auth.clock import Clock

Operation = Literal[
    "GetBirthRegistration", "SearchBirthRegistration", "VerifyChildRegistration", "SubmitBirthNotification"
]
LAST_RESULT = "GetLastResult"


@dataclass(frozen=True, slots=True)
class Options:
    """`[options]` of a registry's manifest.

    `operations`: which operation carries which document of the format (`lookup`, `notification`, …).
    """

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    franchise_id: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    username: Text
    password: Secret
    operations: Annotated[Mapping[Code, Operation], Field(min_length=1)]
    body_style: soap.BodyStyle = "legacy"
    path: UrlPath = "/nadra/crms/v1/soap"


class NadraAdapter:
    """The door to one civil registry."""

    def __init__(self, channel: Channel, options: Options, now: Clock) -> None:
        self._channel = channel
        self._options = options
        self._now = now

    async def send(self, envelope: Envelope) -> Outcome:
        """Make one attempt; a doubtful one is settled by GetLastResult before anything is sent again."""
        operation = self._options.operations.get(envelope.document)
        if envelope.kind == "reply" or operation is None:
            return Refused(None, "DOCUMENT_NOT_TAKEN")
        try:
            request = Request(envelope.body)
            password = await asyncio.to_thread(self._options.password.read)
        except XmlError:
            return Refused(None, "DOCUMENT_INVALID")
        except SecretError:
            return Unavailable(None, CREDENTIALS, pause=True)
        attempt = _Attempt(self._channel.open(envelope), self._options, password, self._now)
        return await attempt.run(request, operation)

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()


class _Attempt:
    """One attempt: the call, the one silent retry of an ended session, the one question in doubt."""

    def __init__(self, talk: Conversation, options: Options, password: str, now: Clock) -> None:
        self._talk = talk
        self._options = options
        self._credentials = Credentials(options.username, password)
        self._now = now

    async def run(self, request: Request, operation: str) -> Outcome:
        inner = await self._call(request, operation)
        if isinstance(inner, InnerAnswer) and codes.session_ended(inner):
            inner = await self._call(request.without_session(), operation)
        if not isinstance(inner, InnerAnswer):
            return await self._settle(inner, request) if isinstance(inner, Unknown) else inner
        outcome = codes.judge(inner, 200, request.transaction, self._now())
        if codes.id_is_taken(inner) and self._talk.envelope.attempt > 1:
            # An earlier attempt of ours may have used the id: its stored answer tells.
            replayed = await self._settle(Unknown("DUPLICATE_175", 200), request)
            return replace(replayed, duplicate=True) if isinstance(replayed, Delivered) else outcome
        return outcome

    async def _settle(self, doubt: Unknown, request: Request) -> Outcome:
        inner = await self._call(request.last_result(), LAST_RESULT)
        if not isinstance(inner, InnerAnswer):
            return doubt
        return cleared(doubt, codes.judge_replay(inner, 200, request.transaction, self._now()))

    async def _call(self, request: Request, operation: str) -> InnerAnswer | Outcome:
        style = self._options.body_style
        document = request.signed(self._credentials)
        body = soap.wrapped(style, operation, self._options.franchise_id, document)
        answer = await self._talk.post(self._options.path, body, soap.headers(style, operation))
        if not isinstance(answer, Answer):
            return answer
        if answer.status != 200:
            return self._failure(answer)
        inner = soap.unwrapped(style, operation, answer)
        if inner is None or (inner.transaction or request.transaction) != request.transaction:
            return self._failure(answer)
        return inner

    def _failure(self, answer: Answer) -> Outcome:
        """Judge what holds no inner answer: a Fault, an error status, or a page of something else."""
        fault = soap.fault_code(answer) if answer.status in (200, 500) else None
        if fault == "Client":
            return Refused(answer.status, "SOAP_CLIENT")
        if fault is not None:
            return Unavailable(answer.status, "SOAP_SERVER", transport_fault=True)
        if answer.status == 200:
            return Unknown(answer.flaw or PEER_PROTOCOL, answer.status)
        return judge_status(answer, self._now())
