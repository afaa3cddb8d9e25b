"""What can go wrong with words.

::

    Exception
    └── WordsError
        ├── Refusal         the document (or what should be written) is refused: the sender must mend it
        ├── MappingMistake  a mapping file is wrong: the gateway does not start
        └── MappingDefect   a mapping wrote something its own schema refuses: a person must mend the mapping
"""

from __future__ import annotations

from collections.abc import Iterable

from mappings.engine.findings import Finding, Severity


class WordsError(Exception):
    """The root of all errors of this package."""


class Refusal(WordsError):
    """The document is refused; every finding says where and why, none repeats a value."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(", ".join(sorted({finding.code for finding in self.findings})))

    @classmethod
    def of(cls, code: str, path: str = "", ours: str = "") -> Refusal:
        """Return a refusal with one finding."""
        return cls([Finding(code, path, Severity.ERROR, ours)])


class MappingMistake(WordsError):
    """A mapping file is wrong.

    Attributes:
        file: the file's name below the package.
        line: 1-based line, or 0 when the mistake has no line.
    """

    def __init__(self, file: str, line: int, message: str) -> None:
        self.file = file
        self.line = line
        self.message = message
        super().__init__(f"{file}:{line}: {message}")


class MappingDefect(WordsError):
    """A mapping wrote a document that its own schema refuses."""

    def __init__(self, mapping: str, findings: Iterable[Finding]) -> None:
        self.mapping = mapping
        self.findings = tuple(findings)
        places = ", ".join(f"{f.code} at {f.path}" for f in self.findings)
        super().__init__(f"{mapping}: {places}")
