"""``manifest.csv``: which files a package holds, and whether each is the whole set or what changed.

Every data file is accounted for as ``absent``, ``bulk`` or ``delta``; an unknown or repeated property is an error
(formats/school.md 1.5). Packages of OneRoster 1.1 list fewer files and are read with a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.school_oneroster.tables import FILES

FILE = "manifest.csv"
_HEADER = ["propertyName", "value"]
_MODES = ("absent", "bulk", "delta")
_FREE = frozenset({"source.systemName", "source.systemCode"})
_FIXED = {"manifest.version": ("1.0",), "oneroster.version": ("1.2", "1.1")}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package says of itself."""

    version: str
    """Of OneRoster: ``1.2`` or ``1.1``."""
    modes: dict[str, str]
    """``bulk`` or ``delta`` for each data file that is there."""
    findings: list[Finding] = field(default_factory=list)
    """Errors and warnings."""


def read_manifest(rows: list[list[str]]) -> Manifest:
    """Return the manifest.

    Raises:
        Refusal: the header is another one, so that nothing can be said of the rest.
    """
    if not rows or rows[0] != _HEADER:
        raise Refusal.of("CSV_HEADER", f"/{FILE}/1")
    pairs: dict[str, str] = {}
    findings: list[Finding] = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != 2:
            findings.append(Finding("CSV_COLUMNS", f"/{FILE}/{number}"))
        elif row[0] in pairs:
            findings.append(Finding("REPEATED", f"/{FILE}/{number}/propertyName"))
        else:
            pairs[row[0]] = row[1]
            findings += _row(number, *row)
    version = pairs.get("oneroster.version", "1.2")
    version = version if version in FILES else "1.2"
    findings += _gaps(pairs, version)
    modes = {name: mode for name in FILES[version] if (mode := pairs.get(f"file.{name}", "absent")) in _MODES[1:]}
    return Manifest(version, modes, findings)


def _row(number: int, name: str, value: str) -> Iterator[Finding]:
    kind, _, file = name.partition(".")
    if kind == "file" and any(file in files for files in FILES.values()):
        allowed: tuple[str, ...] = _MODES
    elif name in _FIXED:
        allowed = _FIXED[name]
    elif name in _FREE:
        return
    else:
        yield Finding("UNKNOWN_FIELD", f"/{FILE}/{number}/propertyName")
        return
    if value not in allowed:
        yield Finding("UNKNOWN_CODE" if kind == "file" else "UNEXPECTED_VALUE", f"/{FILE}/{number}/value")
    elif value == "1.1":
        yield Finding("OLD_VERSION", f"/{FILE}/{number}/value", Severity.WARNING)


def _gaps(pairs: dict[str, str], version: str) -> Iterator[Finding]:
    wanted = [*_FIXED, *(f"file.{name}" for name in FILES[version])]
    for name in wanted:
        if name not in pairs:
            yield Finding("MISSING_REQUIRED", f"/{FILE}/{name}")
    for name in FILES["1.2"]:
        if f"file.{name}" in pairs and name not in FILES[version]:
            yield Finding("UNKNOWN_FIELD", f"/{FILE}/file.{name}")


def manifest_rows(modes: dict[str, str]) -> list[list[str]]:
    """Return the rows of a manifest of version 1.2; files that are not named are absent."""
    fixed = [[name, values[0]] for name, values in _FIXED.items()]
    return [_HEADER, *fixed, *([f"file.{name}", modes.get(name, "absent")] for name in FILES["1.2"])]
