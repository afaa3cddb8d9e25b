"""Reading by the rules of a document: the short way, and the long way with its account.

The short way is code generated from the rules (:mod:`mappings.engine.generated`): it finds the value and which places
it read. The long way runs the rules' closures: it finds the same value, every line of the account, and what is wrong.
It is gone when the short way gives up, and when somebody asks for the lines of a reading that went the short way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import ValidationError

from mappings.engine.account import Account, Touched, untouched
from mappings.engine.document import Document
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.lineage import How, Later, Line, Note, Translation
from mappings.engine.passage import Passage
from mappings.engine.trees import Node, generic, render, root
from mappings.referral import Record, Referral
from mappings.reply import Reply

Value: TypeAlias = Record | Referral | Reply
"""What a document says, in the canonical language."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the trees of one format."""

    format: str
    digest: str
    """Digest of the mapping."""
    xml: bool
    """The format is XML."""

    def read(self, tree: Node, document: Document, warnings: Iterable[Finding]) -> Translation[Value]:
        """Return what a tree says; ``warnings`` were made before.

        Raises:
            Refusal: with every finding of the rules.
        """
        return self.shortly(tree, document, warnings) or self.at_length(tree, document, warnings)

    def shortly(self, tree: Node, document: Document, warnings: Iterable[Finding]) -> Translation[Value] | None:
        """Return what a tree says, or ``None`` where only the long way can tell, or say what is wrong."""
        told = document.generated.read(tree)
        if told is None:
            return None
        try:
            value: Any = document.model.model_validate(told.ours)
        except ValidationError:
            return None
        return Translation(
            value, self.format, document.name, self.digest,
            Later(lambda: _passed(tree, document, xml=self.xml)[0].account.lines),
            Later(lambda: _leftover(tree, document, {(id(node), key) for node, key in told.read}, xml=self.xml)),
            warnings=tuple(distinct(warnings)), tree=tree,
        )  # fmt: skip

    def at_length(self, tree: Node, document: Document, warnings: Iterable[Finding]) -> Translation[Value]:
        """Return what a tree says, with the account already made; raises what :meth:`read` raises."""
        passage, ours = _passed(tree, document, xml=self.xml)
        account = passage.account
        value = _build(document, ours, account)
        return Translation(
            value, self.format, document.name, self.digest, tuple(account.lines),
            tuple(_leftover(tree, document, account.touched, xml=self.xml)),
            warnings=tuple(distinct([*warnings, *account.findings])), tree=tree,
        )  # fmt: skip


def _passed(tree: Node, document: Document, *, xml: bool) -> tuple[Passage, Node]:
    """Run the rules' closures; returns the passage with its account, and our tree."""
    ours: Node = {}
    passage = Passage(tree, xml=xml)
    document.read(tree, ours, passage)
    for hit in passage.ours.made:
        passage.account.line(selector(xml=xml), hit.trail, None)
    return passage, ours


def selector(*, xml: bool) -> Note:
    """Return what is noted of a value that stands in an item because a predicate demands it."""
    return Note("each", "", How.SELECTOR, xml)


def _leftover(tree: Node, document: Document, touched: Touched, *, xml: bool) -> Iterator[str]:
    """Yield the places that were not read and are not declared as structure."""
    for hit in untouched(tree, root(tree), touched):
        if document.structural(generic(hit.trail, xml=xml)) is None:
            yield render(hit.trail, xml=xml)


def _build(document: Document, ours: Node, account: Account) -> Value:
    """Return the canonical value, or refuse with every finding so far."""
    errors = [f for f in account.findings if f.severity is Severity.ERROR]
    if errors:
        raise Refusal(distinct(account.findings))
    try:
        value: Any = document.model.model_validate(pruned(ours))
    except ValidationError as error:
        raise Refusal(_misfits(error, account.lines)) from None
    return value  # type: ignore[no-any-return]  # the model is one of the three


def _misfits(error: ValidationError, lines: Iterable[Line]) -> Iterator[Finding]:
    """Yield our model's complaints at the places of theirs that caused them."""
    by_ours = {line.ours: line.theirs for line in lines if line.ours}
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        path = ""
        for part in item["loc"]:
            path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
        theirs = by_ours.get(path) or next((t for o, t in by_ours.items() if o.startswith(f"{path}.")), "")
        code = "TOO_MANY" if item["type"] == "too_long" else "INVALID_VALUE"
        yield Finding(code, theirs, Severity.ERROR, path)


def distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings without repetitions, in their order."""
    return list(dict.fromkeys(findings))


def pruned(value: Any) -> Any:
    """Take out, in place, objects and lists in which nothing stands."""
    if isinstance(value, dict):
        for key in [k for k, v in value.items() if isinstance(v, dict | list) and not _kept(v)]:
            del value[key]
    return value


def _kept(value: Any) -> bool:
    if isinstance(value, list):
        for item in value:
            if isinstance(item, dict):
                pruned(item)
        return bool(value)
    return bool(pruned(value))
