"""Writing by the rules of a document: the short way, and the long way with its account, as in reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mappings.engine.account import Account, untouched
from mappings.engine.codec import Codec
from mappings.engine.document import Document
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.generated.marks import unwritten, written
from mappings.engine.lineage import Drop, How, Later, Line, Note, Translation
from mappings.engine.passage import Passage
from mappings.engine.reading import Value, distinct, pruned, selector
from mappings.engine.trees import Node, dotted, generic, root
from mappings.plain import plain

_INDEX = re.compile(r"\[\d+\]")


def canonical(value: Value) -> Node:
    """Return a canonical value as a tree: absent leaves are absent."""
    return plain(value)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the documents of one format; nobody has judged them yet."""

    format: str
    digest: str
    """Digest of the mapping."""
    codec: Codec

    def write(self, value: Value, document: Document, *, allow_partial: bool) -> Translation[bytes]:
        """Return a value as a document.

        Args:
            value: what shall be said.
            document: as which document.
            allow_partial: write what there is although a demanded value is missing; the result is marked.

        Raises:
            Refusal: a value does not fit, or a demanded one is missing.
        """
        return self.shortly(value, document) or self.at_length(value, document, allow_partial=allow_partial)

    def shortly(self, value: Value, document: Document) -> Translation[bytes] | None:
        """Return a value as a document, or ``None`` where only the long way can tell, or say what is wrong."""
        found = document.generated.write(value)
        if found is None:
            return None
        seen = self.codec.regards
        ours = {name: part for name, part in plain(value).items() if name in seen} if seen else {}
        try:
            tree = self.codec.finish(pruned(found.tree) if found.hollow else found.tree, document.name, ours)
            data = self.codec.print(tree, document.name)
        except Refusal:
            return None
        return Translation(
            data, self.format, document.name, self.digest,
            Later(lambda: self.at_length(value, document, allow_partial=False).lines), (),
            Later(lambda: _undone(value, document, found.used)), tree=tree, written=Later(lambda: written(found.used)),
        )  # fmt: skip

    def at_length(self, value: Value, document: Document, *, allow_partial: bool) -> Translation[bytes]:
        """Return a value as a document, with the account already made; raises what :meth:`write` raises."""
        ours = canonical(value)
        tree: Node = {}
        passage = Passage(ours, xml=self.codec.xml)
        account = passage.account
        document.write(ours, tree, passage)
        dropped = _dropped(ours, document, account)
        partial = _judge(account.findings, allow_partial=allow_partial)
        tree, unfinished = self._finished(pruned(tree), document, ours, account, allow_partial=allow_partial)
        data = self.codec.print(tree, document.name)
        return Translation(
            data, self.format, document.name, self.digest, Later(lambda: _told(tree, document, passage)), (),
            tuple(dropped), warnings=tuple(distinct(account.findings)), complete=not (partial or unfinished),
            tree=tree, written=tuple(line.ours for line in account.lines if line.our_trail),
        )  # fmt: skip

    def _finished(
        self, tree: Node, document: Document, ours: Node, account: Account, *, allow_partial: bool
    ) -> tuple[Node, bool]:
        """Let the codec complete the tree; returns whether it could not for want of a demanded value."""
        try:
            return self.codec.finish(tree, document.name, ours), False
        except Refusal as refusal:
            if not allow_partial or any(f.code != "MISSING_REQUIRED" for f in refusal.findings):
                raise
            account.findings += [Finding("PARTIAL", f.path, Severity.WARNING, f.ours) for f in refusal.findings]
            return tree, True


def _undone(value: Value, document: Document, used: list[Any]) -> Iterator[Drop]:
    """Yield what the short way has not written, and why."""
    for path in unwritten(canonical(value), used):
        reason = document.drop_reason(_INDEX.sub("[]", path))
        if reason is not None:
            yield Drop(path, reason)


def _dropped(ours: Node, document: Document, account: Account) -> list[Drop]:
    drops = []
    for hit in untouched(ours, root(ours), account.touched):
        path = dotted(hit.trail)
        if path == "type":
            continue
        reason = document.drop_reason(_INDEX.sub("[]", path))
        if reason is None:
            account.findings.append(Finding("UNACCOUNTED", "", Severity.ERROR, path))
        else:
            drops.append(Drop(path, reason))
    return drops


def _told(tree: Node, document: Document, passage: Passage) -> Iterator[Line]:
    """Yield a line for every written value: those of the rules, selectors, and what is declared as structure."""
    account, xml = passage.account, passage.theirs.xml
    yield from account.lines
    for hit in passage.theirs.made:
        if account.touch(hit):
            yield Line(selector(xml=xml), None, hit.trail)
    note = Note("structure", "", How.DERIVED, xml)
    for hit in untouched(tree, root(tree), account.touched):
        if document.structural(generic(hit.trail, xml=xml)) is not None:
            yield Line(note, None, hit.trail)


def _judge(findings: list[Finding], *, allow_partial: bool) -> bool:
    """Refuse on errors; with ``allow_partial`` missing values become warnings. Returns whether any is missing."""
    errors = [f for f in findings if f.severity is Severity.ERROR]
    missing = [f for f in errors if f.code == "MISSING_REQUIRED"]
    if errors and not (allow_partial and len(missing) == len(errors)):
        raise Refusal(distinct(findings))
    for finding in missing:
        findings.remove(finding)
        findings.append(Finding("PARTIAL", finding.path, Severity.WARNING, finding.ours))
    return bool(missing)
