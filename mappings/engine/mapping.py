"""A mapping: one format, read and written, with a complete account (design: architecture.md section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mappings.engine.codec import Codec, Parsed
from mappings.engine.document import Document
from mappings.engine.errors import MappingDefect, Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits
from mappings.engine.lineage import Translation
from mappings.engine.reading import Reader, Value, distinct
from mappings.engine.writing import Writer, canonical

__all__ = ["Mapping", "Value", "canonical"]


@dataclass(frozen=True, slots=True)
class Mapping:
    """One format, compiled from its folder."""

    format: str
    version: str
    kind: str
    """The agency kind whose floor applies to what is written in this format (design/decisions.md 2)."""
    media_types: tuple[str, ...]
    """The first is the one it is served under."""
    digest: str
    """SHA-256 over every file of the folder, hexadecimal."""
    codec: Codec
    limits: Limits
    documents: tuple[Document, ...]

    @property
    def directions(self) -> tuple[str, ...]:
        """``read``, ``write`` or both, over all documents."""
        return tuple(
            name
            for name, can in (
                ("read", any(d.reads for d in self.documents)),
                ("write", any(d.writes for d in self.documents)),
            )
            if can
        )

    def parse(self, data: bytes) -> tuple[Parsed, Document]:
        """Return a document's tree and which document it is.

        Raises:
            Refusal: it cannot be read, or the format knows no such document.
        """
        parsed = self.codec.parse(data, self.limits)
        for document in self.documents:
            if document.matches(parsed.tree):
                return parsed, document
        raise Refusal.of("UNKNOWN_DOCUMENT")

    def validate(self, data: bytes) -> list[Finding]:
        """Return every finding about a document, errors and warnings; never raises for what the document is."""
        try:
            translations = self.read(data)
        except Refusal as refusal:
            return list(refusal.findings)
        return distinct(w for t in translations for w in t.warnings)

    def read(self, data: bytes) -> tuple[Translation[Value], ...]:
        """Return what a document says: one value for each child it is about.

        Raises:
            Refusal: with every finding that could be made.
        """
        parsed, document = self.parse(data)
        schema = document.schema if document.schema_reads else None
        findings = self.codec.check(parsed, document.name, schema)
        if any(f.severity is Severity.ERROR for f in findings):
            raise Refusal(distinct([*parsed.warnings, *findings]))
        return self.interpret(parsed, document, findings)

    def interpret(
        self, parsed: Parsed, document: Document, findings: Iterable[Finding] = ()
    ) -> tuple[Translation[Value], ...]:
        """Return what a parsed document says, by the rules alone: nothing is judged by its schema.

        Args:
            parsed: the document, as :meth:`parse` returned it.
            document: which one it is.
            findings: warnings made before; they join those of the rules.

        Raises:
            Refusal: a value does not fit, or a demanded one is missing.
        """
        warnings = [*parsed.warnings, *findings]
        trees = self.codec.split(parsed, document.name)
        return tuple(self.reader.read(tree, document, warnings) for tree in trees)

    @property
    def reader(self) -> Reader:
        """What reads a document's trees by its rules."""
        return Reader(self.format, self.digest, self.codec.xml)

    @property
    def writer(self) -> Writer:
        """What writes values by the rules of a document."""
        return Writer(self.format, self.digest, self.codec)

    def document_for(self, value: Value) -> Document:
        """Return the document a value is written as.

        Raises:
            Refusal: CANNOT_WRITE.
        """
        for document in self.documents:
            if document.can_write(value):
                return document
        raise Refusal.of("CANNOT_WRITE")

    def write(self, value: Value, *, allow_partial: bool = False) -> Translation[bytes]:
        """Return a value as a document of this format, proved by the format's own schema.

        Args:
            value: what shall be said, already projected to what the receiver may know.
            allow_partial: write what there is although a demanded value is missing; the result is marked.

        Raises:
            Refusal: the format has no document for it, cannot hold a value, or a demanded value is missing.
            MappingDefect: the result breaks the format's own schema.
        """
        written = self.draft(value, allow_partial=allow_partial)
        said = self.codec.unwritable(written.tree, written.document)
        if any(f.code != "MISSING_REQUIRED" or not allow_partial for f in said):
            raise Refusal(distinct(said))
        if written.complete and not said:
            self._prove(written)
            return written
        partial = [Finding("PARTIAL", f.path, Severity.WARNING, f.ours) for f in said]
        return replace(written, complete=False, warnings=tuple(distinct([*written.warnings, *partial])))

    def draft(self, value: Value, *, allow_partial: bool = False) -> Translation[bytes]:
        """Return a value as a document that nobody has judged yet; raises what :meth:`write` raises."""
        return self.writer.write(value, self.document_for(value), allow_partial=allow_partial)

    def _prove(self, written: Translation[bytes]) -> None:
        """Judge what was written by the format's own schema and rules, as a receiver would."""
        place = f"{self.format}/{written.document}"
        document = next(d for d in self.documents if d.name == written.document)
        try:
            parsed = self.codec.parse(written.value, self.limits)
        except Refusal as refusal:
            raise MappingDefect(place, refusal.findings) from None
        errors = [f for f in self.codec.check(parsed, document.name, document.schema) if f.severity is Severity.ERROR]
        if errors:
            raise MappingDefect(place, errors)
