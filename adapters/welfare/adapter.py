"""Sends canonical referrals and replies to a child protection case management system (CP-CMRS)."""

import re
from dataclasses import dataclass
from typing import ClassVar

from pydantic import ConfigDict

from adapters.base import PEER_PROTOCOL, Delivered, Envelope, Outcome, Unknown
from adapters.channel import Channel
from adapters.manifest_values import CLOSED, UrlPath
from adapters.peers import JSON_TYPES, code, json_body, json_object, member, reference, same_id
from adapters.statuses import judge_status
from adapters.transport import Answer
from auth.clock import Clock

_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,39}")


@dataclass(frozen=True, slots=True)
class Options:
    """`[options]` of a welfare manifest: where things are under the base URL."""

    __pydantic_config__: ClassVar[ConfigDict] = CLOSED

    referrals: UrlPath = "/cpcmrs/v1/referrals"
    replies: UrlPath = "/cpcmrs/v1/replies"
    messages: UrlPath = "/cpcmrs/v1/messages"


class WelfareAdapter:
    """The door to one case management system."""

    def __init__(self, channel: Channel, options: Options, now: Clock) -> None:
        self._channel = channel
        self._options = options
        self._now = now

    async def send(self, envelope: Envelope) -> Outcome:
        """Make one attempt; a doubtful one is settled by asking for the message's receipt."""
        path = self._options.replies if envelope.kind == "reply" else self._options.referrals
        headers = {"Content-Type": envelope.media_type, "Accept": "application/json, application/problem+json"}

        def read(answer: Answer) -> Outcome:
            return judge(answer, envelope.message_id, self._now())

        question = f"{self._options.messages}/{envelope.message_id}"
        return await self._channel.open(envelope).deliver(path, headers, question, read)

    async def close(self) -> None:
        """Close the connections."""
        await self._channel.close()


def judge(answer: Answer, message_id: str, now: float) -> Outcome:
    """Judge the answer to a document or to a question for its receipt `{receipt_id, message_id, state}`."""
    if not 200 <= answer.status < 300:
        return judge_status(answer, now, code(member(json_body(answer), "code"), _CODE))
    receipt = json_object(answer, JSON_TYPES)
    named = reference(member(receipt, "receipt_id"))
    if receipt is None or named is None or not same_id(receipt.get("message_id"), message_id):
        return Unknown(answer.flaw or PEER_PROTOCOL, answer.status)
    return Delivered(answer.status, named, answer.body, answer.media_type)
