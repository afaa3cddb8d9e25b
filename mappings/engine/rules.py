"""Rules as they stand in a mapping file, checked as far as one rule can be checked alone.

Grammar of one rule (an inline table):

=========  ==========================================================================================================
``id``     stable name of the rule; it stands in every account
``ours``   our path (:mod:`mappings.engine.paths`), relative inside ``each``
``theirs`` their path
``as``     converter: a name of the standard set or of the folder, or ``code(TABLE)``; by default the leaf's own type
``each``   our path of an object or of the items of a list; ``rules`` then relate its inside to that of ``theirs``
``always`` a constant: with ``theirs`` it is written (and demanded on reading), with ``ours`` it is what reading says
``only``   ``read`` or ``write``; needs ``why``
``need``   ``true``: without it there is no document of this kind (MISSING_REQUIRED)
``unless`` our paths from the root: writing skips the rule where one of them leads somewhere; reading is not touched
=========  ==========================================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mappings.engine.paths import Path, parse

_KEYS = {"id", "ours", "theirs", "as", "each", "always", "only", "why", "need", "rules", "unless"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a mapping file."""

    id: str
    ours: Path = ()
    theirs: Path = ()
    converter: str = ""
    each: Path = ()
    always: Any = None
    only: str = ""
    why: str = ""
    need: bool = False
    rules: tuple[Rule, ...] = ()
    unless: tuple[Path, ...] = ()
    above: Path = ()
    """Steps of ours that stand before ``ours`` when the rule is run from further down; findings say them."""

    @property
    def two_way(self) -> bool:
        """The rule is used in both directions."""
        return not self.only


def parse_rule(table: dict[str, Any]) -> Rule:
    """Return a rule from its inline table.

    Raises:
        ValueError: a key is unknown or missing, a path does not parse, or the keys contradict each other.
    """
    unknown = set(table) - _KEYS
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r}; known are {', '.join(sorted(_KEYS))}")
    rule = Rule(
        id=str(table.get("id", "")),
        ours=parse(table["ours"], ".") if "ours" in table else (),
        theirs=parse(table["theirs"], "/") if "theirs" in table else (),
        converter=str(table.get("as", "")),
        each=parse(table["each"], ".") if "each" in table else (),
        always=table.get("always"),
        only=str(table.get("only", "")),
        why=str(table.get("why", "")),
        need=bool(table.get("need", False)),
        rules=tuple(parse_rule(inner) for inner in table.get("rules", ())),
        unless=tuple(parse(path, ".") for path in _several(table.get("unless", ()))),
    )
    _check(rule)
    return rule


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _check(rule: Rule) -> None:
    if rule.each:
        if not rule.rules or not rule.theirs or rule.ours:
            raise ValueError("'each' needs 'theirs' and 'rules', and no 'ours'")
        return
    if not rule.id:
        raise ValueError("a rule needs an 'id'")
    if rule.rules:
        raise ValueError("'rules' belong to 'each'")
    if rule.always is None and not (rule.ours and rule.theirs):
        raise ValueError("a rule relates 'ours' to 'theirs'")
    if rule.always is not None and bool(rule.ours) == bool(rule.theirs):
        raise ValueError("'always' stands with either 'ours' or 'theirs'")
    if rule.only not in ("", "read", "write"):
        raise ValueError("'only' is 'read' or 'write'")
    if rule.only and not rule.why:
        raise ValueError("'only' needs 'why'")
