"""The words delivery uses: the life of a delivery, what it carries, how an attempt can end.

    OPEN --delivered--> DONE
    OPEN --refused, or attempts used up--> DEAD --replay--> OPEN
    OPEN --skip--> SKIPPED <--skip-- DEAD

Waiting for a retry, for a breaker or behind an earlier message of the same case are not states of a delivery:
they are the lane's `next_at`, the endpoint's breaker and the lane's order.
"""

from enum import StrEnum


class DeliveryState(StrEnum):
    """The life of a delivery."""

    #: To be sent, now or later; includes one that is being sent at this moment.
    OPEN = "OPEN"
    #: The receiver's receipt is stored.
    DONE = "DONE"
    #: Given up; the lane is held until a person replays or skips it.
    DEAD = "DEAD"
    #: A person decided that it will not be sent.
    SKIPPED = "SKIPPED"


class DeliveryKind(StrEnum):
    """What a delivery carries."""

    #: The referral, projected for its recipient.
    REFERRAL = "REFERRAL"
    #: A recipient's answer, for the sender.
    REPLY = "REPLY"
    #: A withdrawal or another change, for a recipient that already has the referral.
    NOTICE = "NOTICE"


class OutcomeClass(StrEnum):
    """How one attempt ended, the closed union of the adapters."""

    #: The receiver has it.
    DELIVERED = "DELIVERED"
    #: The receiver will never take it as it is: no retry.
    REFUSED = "REFUSED"
    #: The receiver does not have it: retry.
    UNAVAILABLE = "UNAVAILABLE"
    #: The receiver may have it: retry with the same message id.
    UNKNOWN = "UNKNOWN"
