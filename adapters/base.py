"""What crosses a wall, how an attempt can end, and what every door offers (architecture page, section 3)."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

Kind = Literal["referral", "reply"]
"""What an envelope carries: a referral (or a lookup that serves one), or an answer to one."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9.+-]{1,64}/[A-Za-z0-9.+-]{1,96}(; ?[a-zA-Z]{1,32}=[A-Za-z0-9.+-]{1,32})*")


class EnvelopeError(ValueError):
    """An envelope of ours contradicts itself or could not stand in a header: a mistake in the gateway."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One document on its way to one agency.

    - `message_id`: UUID, lower case with dashes; constant through every retry, the agency's dedupe key.
    - `referral`: our id of the referral; `ref`: the pairwise reference this recipient knows it by.
    - `sender`, `recipient`: agency ids; `purpose`: the agreement's purpose code.
    - `format`, `document`: a format's id and which document of it (`lookup`, `notification`, …).
    - `digest`: of the mapping that wrote `body`; `body_digest`: SHA-256 of `body`, lower-case hex.
    - `media_type`: of `body`; `correlation`: of the referral, sent as `X-Correlation-Id`.
    - `attempt`: 1 for the first.

    Raises:
        EnvelopeError: an id could not stand in a header, or `body_digest` is not that of `body`.

    """

    message_id: str
    referral: str
    ref: str
    sender: str
    recipient: str
    purpose: str
    kind: Kind
    format: str
    document: str
    digest: str
    media_type: str
    body: bytes = field(repr=False)
    body_digest: str
    correlation: str
    attempt: int

    def __post_init__(self) -> None:
        if not _is_uuid(self.message_id):
            raise EnvelopeError("A message id is a UUID in lower case with dashes.")
        if not _ID.fullmatch(self.correlation):
            raise EnvelopeError("A correlation id is letters, digits, dots, colons, dashes and underscores.")
        if not _MEDIA_TYPE.fullmatch(self.media_type):
            raise EnvelopeError("A media type is type/subtype with plain parameters.")
        if self.attempt < 1:
            raise EnvelopeError("Attempts are counted from 1.")
        if hashlib.sha256(self.body).hexdigest() != self.body_digest:
            raise EnvelopeError("The body is not the one the digest was taken of.")

    @property
    def essence(self) -> str:
        """The media type without parameters, in lower case."""
        return self.media_type.partition(";")[0].strip().lower()


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Delivered:
    """The agency has it, and said so with a receipt that names it.

    `receipt_ref` is the agency's own reference (E-Tag, receipt id, notification number). `answer` is the
    document it answered with, for the mapping of its format to read. `duplicate`: it had it before.
    """

    status: int
    receipt_ref: str | None
    answer: bytes | None = field(default=None, repr=False)
    answer_media_type: str | None = None
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The agency will not take it: no automatic retry, a person is told.

    `permanent`: the document itself is poison and goes to the dead letters. Otherwise it was refused for a
    reason outside the document (authority, an unknown code), and may pass unchanged once that is settled.
    `status` is None when nothing was sent because the door knows that the agency takes no such thing.
    """

    status: int | None
    code: str
    permanent: bool = True


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The agency does not have it, and may take it later.

    `retry_after`: seconds it asked us to wait. `transport_fault`: the destination as a whole is in trouble
    (counts for its breaker), rather than busy or closed for the night. `pause`: hold the whole endpoint
    until a person acts (credentials refused, address gone); it is no fault of the message.
    """

    status: int | None
    code: str
    retry_after: float | None = None
    transport_fault: bool = False
    pause: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The agency may have it: the line broke after sending, or the answer was no receipt. Same id again."""

    code: str
    status: int | None = None
    transport_fault: bool = False


Outcome = Delivered | Refused | Unavailable | Unknown
"""How one attempt ended."""

CREDENTIALS = "CREDENTIALS"
"""`Unavailable.code` when our login is refused, also after one fresh token; always with `pause`."""

PEER_PROTOCOL = "PEER_PROTOCOL"
"""The answer was not what the agency's own protocol says (an HTML page, a receipt for something else)."""

NOT_RECEIVED = "NOT_RECEIVED"
"""After an ambiguous exchange the agency was asked and said that it does not have the message."""


class Adapter(Protocol):
    """A door to one agency. Safe to use from many tasks of one event loop."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Make one attempt; never raises for what an agency does, never retries on its own schedule.

        Within the attempt: at most one token refresh after a 401, and at most one question whether the
        agency has the message when the exchange left that open and the agency can tell.
        """
        ...

    async def close(self) -> None:
        """Close the connections; the adapter is not used afterwards."""
        ...
