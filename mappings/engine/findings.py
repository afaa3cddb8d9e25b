"""Findings: what is wrong with a document, where, in a fixed sentence (English and Urdu).

A finding never repeats a value of the document: it names a place and a code of the catalogue ``findings.toml``.
A mapping folder may add codes of its own in ``[findings]`` of its mapping file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from collections.abc import Mapping as MappingABC
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Severity(StrEnum):
    """Whether a finding stops the document."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a document."""

    code: str
    path: str
    """XPath with indices and local names for XML, JSON Pointer for JSON; empty for the whole document."""
    severity: Severity = Severity.ERROR
    ours: str = ""
    """Our own path, where the finding is about one of our leaves."""

    @property
    def message(self) -> str:
        """The catalogue's English sentence."""
        return sentence(self.code)[0]

    @property
    def message_ur(self) -> str:
        """The catalogue's Urdu sentence."""
        return sentence(self.code)[1]

    def as_json(self) -> dict[str, str]:
        """Return the finding as design/decisions.md 8 prints it."""
        body = {
            "path": self.path,
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "message_ur": self.message_ur,
        }
        return {**body, "ours": self.ours} if self.ours else body


@cache
def _catalogue() -> dict[str, tuple[str, str]]:
    return _own()


def _own() -> dict[str, tuple[str, str]]:
    """Return the engine's own sentences, as a fresh table."""
    text = resources.files("mappings.engine").joinpath("findings.toml").read_text("utf-8")
    return {code: (pair[0], pair[1]) for code, pair in tomllib.loads(text).items()}


def register(sentences: MappingABC[str, list[str]]) -> None:
    """Add a mapping folder's own codes to the catalogue.

    Raises:
        ValueError: a code is already known with another sentence.
    """
    for code, (english, urdu) in sentences.items():
        known = _catalogue().setdefault(code, (english, urdu))
        if known != (english, urdu):
            raise ValueError(f"finding {code} has another sentence already")


@contextmanager
def catalogue_aside() -> Iterator[None]:
    """Let a changed mapping register other sentences while the block lasts; afterwards the catalogue is as it was."""
    catalogue = _catalogue()
    kept = dict(catalogue)
    catalogue.clear()
    catalogue.update(_own())
    try:
        yield
    finally:
        catalogue.clear()
        catalogue.update(kept)


def sentence(code: str) -> tuple[str, str]:
    """Return the English and Urdu sentence of a code.

    Raises:
        KeyError: the catalogue does not know the code, which a test prevents.
    """
    return _catalogue()[code]
