"""Checks at load: every rule fits the canonical language, and every leaf of it is mapped or dropped with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Protocol, get_args

from mappings.engine.converters import Converter
from mappings.engine.document import Document
from mappings.engine.errors import MappingMistake
from mappings.engine.paths import generic
from mappings.engine.rules import Rule
from mappings.labels import Leaf, leaves
from mappings.labels import Node as Model


class Files(Protocol):
    """The part of a mapping folder these checks need."""

    name: str

    def line_of(self, name: str, needle: str) -> int:
        """Return the 1-based line where a text stands, or 0."""


def value_rules(rules: tuple[Rule, ...], prefix: str = "") -> Iterator[tuple[Rule, str]]:
    """Yield every rule that names one of our leaves, with the leaf's generic path."""
    for rule in rules:
        if rule.each:
            yield from value_rules(rule.rules, f"{prefix}{generic(rule.each)}.")
        elif rule.ours:
            yield rule, f"{prefix}{generic(rule.ours)}"


def resolve_converters(
    files: Files, file: str, rules: tuple[Rule, ...], model: type[Model], known: dict[str, Converter], *, xml: bool
) -> dict[int, Converter]:
    """Return the converter of every value rule by the rule's identity.

    Raises:
        MappingMistake: a path is none of the canonical language, or a converter is unknown.
    """
    ours = leaves(model)
    resolved: dict[int, Converter] = {}
    for rule, path in value_rules(rules):
        if path not in ours and not any(leaf.startswith(f"{path}.") for leaf in ours):
            raise _mistake(files, file, rule, f"{path} is no leaf of {model.__name__}; {_nearest(path, ours)}")
        name = rule.converter or _default(ours.get(path), xml=xml)
        if name not in known:
            raise _mistake(files, file, rule, f"converter {name!r} is unknown")
        resolved[id(rule)] = known[name]
    return resolved


def _default(leaf: Leaf | None, *, xml: bool) -> str:
    kind: Any = leaf.type if leaf else str
    bare = get_args(kind)[0] if get_args(kind) else kind
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return "text"
    name = {bool: "boolean", int: "integer", float: "decimal"}.get(bare, "text")
    return f"{name}_text" if xml and name != "text" else name


def _nearest(path: str, ours: dict[str, Leaf]) -> str:
    tail = path.rpartition(".")[2]
    near = [leaf for leaf in ours if leaf.rpartition(".")[2].startswith(tail[:4])][:3]
    return f"did you mean {' or '.join(near)}?" if near else "see mappings/referral.py"


def _mistake(files: Files, file: str, rule: Rule, message: str) -> MappingMistake:
    return MappingMistake(f"{files.name}/{file}", files.line_of(file, f'id = "{rule.id}"'), f"{rule.id}: {message}")


def check_document(files: Files, file: str, document: Document) -> None:
    """Refuse a document that is silent about a leaf of the canonical language, or names a rule twice.

    Raises:
        MappingMistake: the leaf is neither mapped nor dropped; or two rules share an id.
    """
    seen: set[str] = set()
    for rule in _all(document.rules):
        if rule.id in seen:
            raise _mistake(files, file, rule, "this id stands twice")
        if rule.id:
            seen.add(rule.id)
    mapped = {path for _, path in value_rules(document.rules)}
    for path in leaves(document.model):
        if path == "type" or path in mapped or any(path.startswith(f"{m}.") for m in mapped):
            continue
        if document.drop_reason(path) is None:
            raise MappingMistake(f"{files.name}/{file}", 0, f"{path} is neither mapped nor dropped")


def _all(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _all(rule.rules)
