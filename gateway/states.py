"""The life of a referral at one receiver, and the referral's own state made of all of them.

Source: formats/case-management.md 6.2. An answer that repeats the present state changes nothing; one the state does not
permit is refused; nothing ever moves a referral out of a state that a person has closed.
"""

from __future__ import annotations

from collections.abc import Iterable

from mappings.vocabulary import ReplyKind, State

_S = State
ORDER = (
    _S.HELD, _S.DEAD_LETTER, _S.READY, _S.SENT, _S.DELIVERED, _S.ACKNOWLEDGED, _S.INFO_NEEDED, _S.ACCEPTED,
    _S.IN_SERVICE, _S.REJECTED, _S.NOT_COMPLETED, _S.COMPLETED, _S.FEEDBACK_ACCEPTED, _S.TRANSFERRED, _S.EXPIRED,
    _S.REVOKED, _S.CLOSED,
)  # fmt: skip
"""From what needs a person most to what is over: the referral's state is the first that any receiver is in."""

_OPEN = {_S.SENT, _S.DELIVERED, _S.ACKNOWLEDGED, _S.INFO_NEEDED, _S.DEAD_LETTER}
MOVES: dict[State, frozenset[State]] = {
    _S.SENT: frozenset({_S.DEAD_LETTER}),
    _S.DELIVERED: frozenset({_S.SENT, _S.DEAD_LETTER}),
    _S.ACKNOWLEDGED: frozenset({_S.SENT, _S.DELIVERED, _S.DEAD_LETTER, _S.INFO_NEEDED}),
    _S.INFO_NEEDED: frozenset(_OPEN - {_S.INFO_NEEDED} | {_S.ACCEPTED, _S.IN_SERVICE}),
    _S.ACCEPTED: frozenset(_OPEN),
    _S.REJECTED: frozenset(_OPEN),
    _S.IN_SERVICE: frozenset({_S.ACCEPTED, _S.INFO_NEEDED}),
    _S.COMPLETED: frozenset({_S.ACCEPTED, _S.IN_SERVICE, _S.INFO_NEEDED}),
    _S.NOT_COMPLETED: frozenset({_S.ACCEPTED, _S.IN_SERVICE, _S.INFO_NEEDED}),
    _S.TRANSFERRED: frozenset(_OPEN | {_S.ACCEPTED, _S.IN_SERVICE}),
    _S.REVOKED: frozenset(_OPEN | {_S.ACCEPTED, _S.IN_SERVICE, _S.HELD}),
    _S.CLOSED: frozenset({_S.COMPLETED, _S.NOT_COMPLETED, _S.REJECTED, _S.FEEDBACK_ACCEPTED}),
}
"""For each state, those it may follow."""

_OF_KIND = {
    ReplyKind.RECEIVE: _S.DELIVERED,
    ReplyKind.ACKNOWLEDGE: _S.ACKNOWLEDGED,
    ReplyKind.ACCEPT: _S.ACCEPTED,
    ReplyKind.REJECT: _S.REJECTED,
    ReplyKind.ASK: _S.INFO_NEEDED,
    ReplyKind.PROGRESS: _S.IN_SERVICE,
    ReplyKind.COMPLETE: _S.COMPLETED,
    ReplyKind.FAIL: _S.NOT_COMPLETED,
}
ANSWERS = frozenset(_OF_KIND.values()) | {_S.TRANSFERRED}
"""States a receiver may ask for; the others are the sender's or the gateway's to give."""
LATE = {_S.DELIVERED, _S.ACKNOWLEDGED}
"""States whose report may arrive after a later one, and is then simply out of date."""


def asked_for(kind: ReplyKind | None, state: State | None) -> State | None:
    """Return the state an answer asks for; an answer that only informs asks for none."""
    if state is not None:
        return state
    return _OF_KIND.get(kind) if kind is not None else None


def permits(present: State, wanted: State) -> bool:
    """Tell whether a receiver's answer may move the referral from one state to another."""
    return present in MOVES.get(wanted, frozenset())


def outdated(present: State, wanted: State) -> bool:
    """Tell whether a report has been overtaken by a later one."""
    return wanted in LATE and ORDER.index(present) > ORDER.index(wanted)


def overall(states: Iterable[State]) -> State:
    """Return the referral's state from those of its receivers."""
    found = set(states)
    return next((state for state in ORDER if state in found), _S.READY)
