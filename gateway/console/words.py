"""The words of the console, English and Urdu: `words.toml`."""

from __future__ import annotations

import tomllib
from importlib import resources

from gateway.accounts.words import Words

LANGUAGES = ("en", "ur")

_FILE = tomllib.loads(resources.files("gateway.console").joinpath("words.toml").read_text("utf-8"))
PHRASES: dict[str, Words] = {name: Words(*both) for name, both in _FILE["phrases"].items()}
FAILURES: dict[str, str] = _FILE["failures"]
"""In Urdu, by its code, what a problem document says in English."""
STATES: dict[str, Words] = {name: Words(*both) for name, both in _FILE["states"].items()}
"""Short names of states, of deliveries and of breakers."""

LOOKS = {
    "good": {"ACCEPTED", "IN_SERVICE", "COMPLETED", "FEEDBACK_ACCEPTED", "CLOSED", "DONE", "BREAKER_CLOSED"},
    "bad": {"DEAD_LETTER", "DEAD", "NOT_COMPLETED", "EXPIRED", "BREAKER_OPEN"},
    "wait": {"HELD", "INFO_NEEDED", "REJECTED", "REVOKED", "SKIPPED", "BREAKER_HALF_OPEN"},
}
"""How a state is coloured; the others are neutral. The word is always there too."""


def phrase(name: str, language: str) -> str:
    """Return a phrase; raises KeyError for one nobody has written."""
    return PHRASES[name].urdu if language == "ur" else PHRASES[name].english


def state(code: str, language: str) -> str:
    """Return the short name of a state, or its code."""
    words = STATES.get(code)
    if words is None:
        return code
    return words.urdu if language == "ur" else words.english


def look(code: str) -> str:
    """Return the name of a state's colour."""
    return next((name for name, codes in LOOKS.items() if code in codes), "plain")
