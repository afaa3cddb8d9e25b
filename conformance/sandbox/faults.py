"""Faults on demand: a script of failures that the next calls consume in order.

A word is a kind with an optional number: `503`, `503:5` (Retry-After 5), `hang:30`, `slow:2`, `drop`,
`badreceipt`, `html`, `400`, `401`, `429:2`, `token`, `ok`, and `code:300` (civil registry: that business code);
`later:2` is a 503 whose Retry-After is a date two seconds ahead, `redirect` a 307 to an address that counts its calls.
"""

import threading
from dataclasses import dataclass

KINDS = {
    "503", "429", "400", "401", "hang", "slow", "drop", "badreceipt", "html", "token", "ok", "code", "later",
    "redirect",
}  # fmt: skip
NUMBERED = {"hang", "slow", "code", "later"}


class UnknownFaultError(Exception):
    """The script holds a word this simulator does not know."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One planned failure. `number` is seconds, a Retry-After in seconds, or a business code."""

    kind: str
    number: float | None = None

    def __str__(self) -> str:
        return self.kind if self.number is None else f"{self.kind}:{self.number:g}"


def parse(word: str) -> Fault:
    """Read one word of a script; raises `UnknownFaultError`."""
    kind, _, number = word.partition(":")
    if kind not in KINDS or (kind in NUMBERED and not number):
        raise UnknownFaultError("unknown fault")
    try:
        fault = Fault(kind, float(number) if number else None)
    except ValueError:
        raise UnknownFaultError("the number of a fault is not a number") from None
    if fault.number is not None and not 0 <= fault.number <= 3600:
        raise UnknownFaultError("the number of a fault is out of range")
    return fault


class Script:
    """What is still to fail, and whether the agency is down altogether.

    Resource calls take the first word that is not `token`. A token request is refused only while
    `token` stands first, so that `["401", "token"]` refuses the bearer, then the attempt to renew it.
    """

    def __init__(self) -> None:
        """Start with nothing planned."""
        self._lock = threading.Lock()
        self._left: list[Fault] = []
        self.down = False

    def plan(self, words: list[str]) -> None:
        """Replace the script; raises `UnknownFaultError` and then keeps the old one."""
        faults = [parse(word) for word in words]
        with self._lock:
            self._left = faults

    def left(self) -> list[str]:
        """List the words not yet consumed."""
        with self._lock:
            return [str(fault) for fault in self._left]

    def take(self) -> Fault:
        """Consume the fault of the next resource call; `ok` when none is planned."""
        with self._lock:
            for place, fault in enumerate(self._left):
                if fault.kind != "token":
                    return self._left.pop(place)
        return Fault("ok")

    def take_token(self) -> bool:
        """Consume a leading `token`: True when this token request must be refused."""
        with self._lock:
            planned = bool(self._left) and self._left[0].kind == "token"
            if planned:
                self._left.pop(0)
            return planned
