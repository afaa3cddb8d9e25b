"""What can go wrong inside; ``problems.py`` alone knows how it is shown.

::

    GatewayError
    ├── NotUnderstood        the document is refused: findings say where and why
    ├── UnknownLanguage      the media type is none we read
    ├── NotAcceptable        the caller asked for a language it cannot have
    ├── KeyMissing           a referral came without an idempotency key and without a message id
    ├── KeyReused            the same key came with another body
    ├── UnknownRecipient     the referral names an agency nobody has registered
    ├── SyntheticInProduction  a sample number reached a production gateway
    ├── NotFound             there is no such thing, or the caller is no party to it
    ├── Gone                 it was erased
    │   └── Withdrawn        the sender has taken it back
    ├── KeysKeptElsewhere    the key-encryption key is not ours to replace
    ├── NotRevocable         the referral does not rest on consent
    ├── NotAllowed           the caller's scopes do not reach this far
    │   ├── NotThisRole      a page is for people with another role
    │   └── Forged           a form did not come from a page of ours
    ├── NotAuthenticated     no token, or one that does not hold
    │   └── NotLoggedIn      no session, or one that has ended
    ├── IllegalMove          an answer that the referral's state does not permit
    ├── PreconditionRequired  the caller must say which version it has seen
    ├── PreconditionFailed  the caller has seen an older version
    ├── TooLarge             the body is over the limit
    ├── TooOften             a client calls more often than its limit allows
    └── Busy                 more work waits than is accepted; come back

Each class's docstring begins with the sentence that is shown; no instance carries a value of a document.
"""

from __future__ import annotations

from collections.abc import Iterable

from mappings.engine.findings import Finding


class GatewayError(Exception):
    """Something went wrong."""

    code = "INTERNAL"

    def __init__(self, code: str | None = None, findings: Iterable[Finding] = ()) -> None:
        if code is not None:
            self.code = code
        self.findings = tuple(findings)
        super().__init__(self.title)

    @property
    def title(self) -> str:
        """The fixed sentence: the first line of the docstring."""
        return (self.__doc__ or "").partition("\n")[0]


class NotUnderstood(GatewayError):
    """The document cannot be accepted as it is."""

    code = "DOCUMENT_REFUSED"


class UnknownLanguage(GatewayError):
    """This media type is not one the gateway reads here."""

    code = "UNSUPPORTED_MEDIA_TYPE"


class NotAcceptable(GatewayError):
    """None of the languages asked for can be given."""

    code = "NOT_ACCEPTABLE"


class KeyMissing(GatewayError):
    """An Idempotency-Key header or a message id in the document is needed."""

    code = "IDEMPOTENCY_KEY_REQUIRED"


class KeyReused(GatewayError):
    """This idempotency key was already used with another document."""

    code = "IDEMPOTENCY_KEY_REUSED"


class UnknownRecipient(GatewayError):
    """The referral names a recipient that is not connected."""

    code = "UNKNOWN_RECIPIENT"


class SyntheticInProduction(GatewayError):
    """The document holds a number that only samples use."""

    code = "SYNTHETIC_IDENTIFIER"


class NotFound(GatewayError):
    """There is no such resource."""

    code = "NOT_FOUND"


class Gone(GatewayError):
    """The content was erased; its trace remains."""

    code = "ERASED"


class Withdrawn(Gone):
    """The sender has taken this referral back."""

    code = "WITHDRAWN"


class KeysKeptElsewhere(GatewayError):
    """The key that wraps the others is kept outside this gateway; replace it there, restart, and rewrap."""

    code = "KEYS_KEPT_ELSEWHERE"


class NotRevocable(GatewayError):
    """This referral rests on an order or a duty to report, not on consent."""

    code = "NOT_ON_CONSENT"


class NotAllowed(GatewayError):
    """The token does not hold the scope this needs."""

    code = "INSUFFICIENT_SCOPE"


class NotAuthenticated(GatewayError):
    """A valid access token is needed."""

    code = "NOT_AUTHENTICATED"


class NotThisRole(NotAllowed):
    """This page is for people with another role."""

    code = "OTHER_ROLE"


class Forged(NotAllowed):
    """This did not come from a page of the gateway's own; open the page again."""

    code = "FORGED_REQUEST"


class NotLoggedIn(NotAuthenticated):
    """You are not logged in, or your session has ended."""

    code = "NOT_LOGGED_IN"


class IllegalMove(GatewayError):
    """The referral's present state does not permit this answer."""

    code = "ILLEGAL_MOVE"


class PreconditionRequired(GatewayError):
    """An If-Match header must name the version this changes."""

    code = "PRECONDITION_REQUIRED"


class PreconditionFailed(GatewayError):
    """This was changed by somebody else meanwhile; read it again."""

    code = "PRECONDITION_FAILED"


class TooLarge(GatewayError):
    """The body is larger than this gateway accepts."""

    code = "TOO_LARGE"


class TooOften(GatewayError):
    """This client calls too often; come back when Retry-After says."""

    code = "RATE_LIMITED"


class Busy(GatewayError):
    """The gateway has more waiting than it accepts; try again shortly."""

    code = "BUSY"
