"""OneRoster as bytes: a JSON document or a zip of CSV files, told apart by content.

Both become the same tree of collections; then one tree for each stay of each pupil (:mod:`.stays`). What rules write is
the JSON document; :mod:`.package` turns it into a zip where the CSV binding is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mappings.engine.codec import JsonCodec, Parsed, unmarked
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits, decode, read_json
from mappings.engine.schema import Check
from mappings.engine.trees import Node
from mappings.school_oneroster.archive import MAGIC, unpacked
from mappings.school_oneroster.converters import code_misfits
from mappings.school_oneroster.csv_objects import COLLECTIONS, objects
from mappings.school_oneroster.csv_rules import Table, across, read_table
from mappings.school_oneroster.csv_text import rows
from mappings.school_oneroster.finishing import finished
from mappings.school_oneroster.manifest import FILE, Manifest, read_manifest
from mappings.school_oneroster.marking import held
from mappings.school_oneroster.package import csv_package
from mappings.school_oneroster.rest import RestReading
from mappings.school_oneroster.stays import Roster
from mappings.school_oneroster.tables import FILES

ZIP = "application/zip"
"""Media type of the CSV binding."""
_TEXT = Limits(octets=16 * 1_048_576)
_MOST_STAYS = 5_000
"""Stays of one package; a district sends its schools apart."""


class OneRosterCodec(JsonCodec):
    """REST documents and CSV packages of OneRoster 1.2."""

    regards = frozenset({"enrolment"})

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the tree of collections.

        Raises:
            Refusal: those of :func:`~mappings.engine.json_reader.read_json`, of :func:`.archive.unpacked` and of the
                CSV binding's manifest.
        """
        if data.startswith(MAGIC):
            return _package(data, limits)
        value, warnings = read_json(data, limits)
        reading = RestReading(unmarked(value, data))
        mark = {"$roster": True} if reading.recognised else {}
        return Parsed({**mark, **reading.tree}, "", reading, [*warnings, *reading.warnings])

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return the findings of the schema or of the CSV rules, and what a school has marked as deleted."""
        reading = parsed.raw
        if isinstance(reading, RestReading):
            found = [_milder(reading, finding) for finding in schema(reading.document)] if schema else []
            found += [*_shapes(parsed.tree)]
        else:
            found = list(reading)
        places = {finding.path for finding in found}
        return found + [f for f in _remarks(parsed.tree) if f.path not in places]

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return one tree for each stay of each pupil.

        Raises:
            Refusal: NO_PUPIL, TOO_MANY.
        """
        if sum(len(parsed.tree.get(name, ())) for name in ("enrollments", "users", "demographics")) > 3 * _MOST_STAYS:
            raise Refusal.of("TOO_MANY")
        trees = Roster(parsed.tree).stays()
        if not trees:
            raise Refusal.of("NO_PUPIL")
        return trees

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the document with its identifiers, references and what OneRoster demands beside our values.

        Raises:
            Refusal: MISSING_REQUIRED, SCHOOL_CODE.
        """
        return finished(tree, ours)

    def bind(self, data: bytes, media_type: str) -> bytes:
        """Return the JSON document, or its CSV package, which keeps every rule we hold the packages of others to.

        Raises:
            Refusal: a cell of the package breaks a rule of the CSV binding.
        """
        if media_type != ZIP:
            return data
        package = csv_package(data)
        findings = self.check(self.parse(package, Limits()), "roster", None)
        if any(finding.severity is Severity.ERROR for finding in findings):
            raise Refusal(findings)
        return package


def _milder(reading: RestReading, finding: Finding) -> Finding:
    """Return a finding at the place in what was sent; a field nobody knows is left over and no reason to refuse."""
    known = Severity.WARNING if finding.code == "UNKNOWN_FIELD" else finding.severity
    return replace(finding, path=reading.path(finding.path), severity=known)


def _shapes(tree: Node) -> Iterator[Finding]:
    """Yield what would keep a document from being taken apart, should the schema be silent about it."""
    for name in COLLECTIONS:
        for node in tree.get(name, ()):
            metadata = node.get("metadata")
            for key, value in metadata.items() if isinstance(metadata, dict) else ():
                if value is None:
                    yield Finding("WRONG_TYPE", f"{node['$at']}/metadata/{key}")


def _remarks(tree: Node) -> Iterator[Finding]:
    """Yield a warning for what is to be deleted, and a finding for a school code that fits no authority."""
    for name in COLLECTIONS:
        for node in tree.get(name, ()):
            if node.get("status") == "tobedeleted":
                yield Finding("TO_BE_DELETED", f"{node['$at']}/status", Severity.WARNING)
            stamp = node.get("dateLastModified")
            if isinstance(stamp, str) and not stamp.endswith(("Z", "+00:00")):
                yield Finding("NOT_UTC", f"{node['$at']}/dateLastModified")
    for node in tree.get("orgs", ()):
        if code_misfits(held(node, "pk.schoolScheme"), node.get("identifier")):
            yield Finding("SCHOOL_CODE", f"{node['$at']}/identifier")


def _package(data: bytes, limits: Limits) -> Parsed:
    """Return the tree of a zip package, with the findings about its files."""
    files = {name: _rows(name, body) for name, body in unpacked(data, limits).items()}
    if FILE not in files:
        raise Refusal.of("MISSING_REQUIRED", f"/{FILE}")
    manifest = read_manifest(files.pop(FILE))
    findings = [*manifest.findings, *_members(manifest, files)]
    if any(f.severity is Severity.ERROR for f in findings):
        raise Refusal(findings)
    tables: dict[str, Table] = {
        name: read_table(name, mode, manifest.version, files[f"{name}.csv"]) for name, mode in manifest.modes.items()
    }
    findings += [finding for table in tables.values() for finding in table.findings]
    if not any(f.severity is Severity.ERROR for f in findings):
        findings += across(tables)
    return Parsed({"$roster": True, **objects(tables)}, "", findings, [])


def _rows(name: str, body: bytes) -> list[list[str]]:
    """Return a file's cells; a byte order mark is tolerated.

    Raises:
        Refusal: NOT_UTF8, BAD_TEXT, MALFORMED; a name that is none of the binding's is not repeated.
    """
    known = name == FILE or name.removesuffix(".csv") in FILES["1.2"]
    place = name if known else "?"
    try:
        text = decode(body, _TEXT)[0].decode("utf-8")
    except Refusal as refusal:
        raise Refusal.of(refusal.findings[0].code, f"/{place}") from None
    if "\x00" in text:
        raise Refusal.of("BAD_TEXT", f"/{place}")
    return rows(text, place)


def _members(manifest: Manifest, files: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding for every file that is named and not there, and one if a file is there that is not named."""
    wanted = {f"{name}.csv" for name in manifest.modes}
    for name in sorted(wanted - set(files)):
        yield Finding("MISSING_REQUIRED", f"/{name}")
    if set(files) - wanted:
        yield Finding("ZIP_FILES", f"/{FILE}")


CODEC = OneRosterCodec()
"""The codec of this folder."""
