"""Inspect a mapping folder: every mistake at once, each with file, line and a suggestion.

The loader stops at the first mistake, because a gateway must not start on it; an author wants them all. What stands in
the files is judged here, what they do to the samples in :mod:`mappings.trial`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from dataclasses import replace as changed
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from mappings.engine.accounting import value_rules
from mappings.engine.converters import STANDARD
from mappings.engine.errors import MappingMistake
from mappings.engine.load import MODELS, Folder
from mappings.engine.rules import Rule, parse_rule
from mappings.labels import leaves

_AT_LINE = re.compile(r"line (\d+)")
_KEYS = ("id", "ours", "theirs", "as", "each", "always", "only", "why", "need", "rules", "unless")
_HEAD = ("format", "version", "syntax", "media_types")


@dataclass(frozen=True)
class Problem:
    """Something to mend in a mapping folder."""

    file: str
    """Below ``mappings/``."""
    line: int
    """1-based; 0 where no line is to blame."""
    message: str
    suggestion: str = ""
    grave: bool = True
    """False: worth knowing, no mistake."""

    def as_json(self) -> dict[str, Any]:
        """Return the problem as JSON values."""
        return asdict(self)


def inspect(folder: Folder) -> list[Problem]:
    """Return what is wrong in the files of a folder, in the order of the files."""
    try:
        head = folder.toml("mapping.toml")
    except MappingMistake as mistake:
        return [_not_toml(mistake)]
    found = [
        Problem(f"{folder.name}/mapping.toml", 1, f"{key!r} is missing", f'add {key} = "…" at the top of the file')
        for key in _HEAD
        if key not in head
    ]
    found += _listed(folder, head)
    for name in _documents(folder, head):
        found += _Document(folder, f"{name}.toml", head).problems()
    return found


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a suggestion: the known words most like one that is not known; empty if none is alike."""
    near = get_close_matches(word, sorted(known), n=3, cutoff=0.55)
    return f"did you mean {' or '.join(near)}?" if near else ""


def _not_toml(mistake: MappingMistake) -> Problem:
    line = _AT_LINE.search(mistake.message)
    advice = "an inline table stands on one line; keys of a table stand once"
    return Problem(mistake.file, int(line.group(1)) if line else mistake.line, mistake.message, advice)


def _documents(folder: Folder, head: dict[str, Any]) -> list[str]:
    """Return the documents whose files are there: those of the list, or else every file of rules."""
    there = [name.removesuffix(".toml") for name in folder.documents()]
    return [name for name in there if name in head.get("documents", there)]


def _listed(folder: Folder, head: dict[str, Any]) -> Iterator[Problem]:
    """Compare the list of documents with the files there are."""
    there = [name.removesuffix(".toml") for name in folder.documents()]
    listed = head.get("documents", there)
    file = f"{folder.name}/mapping.toml"
    line = folder.line_of("mapping.toml", "documents")
    for name in listed:
        if name not in there:
            yield Problem(file, line, f"there is no {name}.toml", nearest(name, there))
    for name in there:
        if name not in listed and "\nrules = [" in folder.text(f"{name}.toml"):
            yield Problem(file, line, f"{name}.toml is no document of the list, so it is never used", f"add {name!r}")


class _Document:
    """One document's file under inspection."""

    def __init__(self, folder: Folder, file: str, head: dict[str, Any]) -> None:
        self._folder = folder
        self._file = file
        self._head = head

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the document."""
        try:
            table = self._folder.toml(self._file)
        except MappingMistake as mistake:
            yield _not_toml(mistake)
            return
        model = table.get("model", "")
        if model not in MODELS:
            suggestion = f"model is one of {', '.join(MODELS)}"
            yield self._problem('model = "', f"{model!r} is no canonical document", suggestion)
            return
        known = leaves(MODELS[model])
        rules = list(self._rules(table.get("rules", ())))
        yield from (rule for rule in rules if isinstance(rule, Problem))
        sound = tuple(rule for rule in rules if isinstance(rule, Rule))
        yield from self._ids(sound)
        for rule, path in value_rules(sound):
            yield from self._value_rule(rule, path, set(known))
        yield from self._silent(sound, table, set(known))
        yield from self._idle_drops(table, set(known))

    def _problem(self, needle: str, message: str, suggestion: str = "", *, grave: bool = True) -> Problem:
        line = self._folder.line_of(self._file, needle)
        return Problem(f"{self._folder.name}/{self._file}", line, message, suggestion, grave)

    def _rules(self, tables: Iterable[dict[str, Any]]) -> Iterator[Rule | Problem]:
        """Yield each rule that can be parsed, and a problem for each that cannot; the inside of ``each`` one by one."""
        for table in tables:
            if "each" not in table or not table.get("rules"):
                yield self._rule(table)
                continue
            inner = list(self._rules(table["rules"]))
            yield from (rule for rule in inner if isinstance(rule, Problem))
            whole = self._rule({**table, "rules": [{"id": "x", "ours": "x", "theirs": "x"}]})
            sound = tuple(rule for rule in inner if isinstance(rule, Rule))
            yield whole if isinstance(whole, Problem) else changed(whole, rules=sound)

    def _rule(self, table: dict[str, Any]) -> Rule | Problem:
        try:
            return parse_rule(table)
        except ValueError as error:
            needle = f'id = "{table["id"]}"' if "id" in table else f'each = "{table.get("each", "")}"'
            unknown = min(set(table) - set(_KEYS), default="")
            return self._problem(needle, f"{table.get('id', 'each')}: {error}", nearest(unknown, _KEYS))

    def _ids(self, rules: tuple[Rule, ...]) -> Iterator[Problem]:
        seen: set[str] = set()
        for rule in _every(rules):
            if rule.id and rule.id in seen:
                yield self._problem(
                    f'id = "{rule.id}"', f"{rule.id}: this id stands twice", "ids are stable and unique"
                )
            seen.add(rule.id)

    def _value_rule(self, rule: Rule, path: str, known: set[str]) -> Iterator[Problem]:
        needle = f'id = "{rule.id}"'
        if path not in known and not any(leaf.startswith(f"{path}.") for leaf in known):
            suggestion = nearest(path, known) or "see mappings/referral.py"
            yield self._problem(needle, f"{rule.id}: {path} is no leaf of ours", suggestion)
        names = self._converters()
        if rule.converter and rule.converter not in names:
            message = f"{rule.id}: converter {rule.converter!r} is unknown"
            yield self._problem(needle, message, nearest(rule.converter, names) or self._how_to_add(rule.converter))

    def _converters(self) -> set[str]:
        module = self._folder.module("converters")
        own = {converter.name for converter in module.CONVERTERS} if module else set()
        return {*STANDARD, *own, *(f"code({table})" for table in self._head.get("codes", {}))}

    def _how_to_add(self, name: str) -> str:
        table = name.removeprefix("code(").removesuffix(")")
        return f"add [codes.{table}] to mapping.toml" if name.startswith("code(") else "add it to converters.py"

    def _silent(self, rules: tuple[Rule, ...], table: dict[str, Any], known: set[str]) -> Iterator[Problem]:
        """Yield every leaf about which the document has decided nothing."""
        mapped = {path for _, path in value_rules(rules)}
        patterns = [*table.get("drops", {}), *self._head.get("drops", {})]
        for path in sorted(known - {"type"}):
            if path in mapped or any(path.startswith(f"{m}.") for m in mapped) or _matched(path, patterns):
                continue
            suggestion = f'map it, or say why not: [drops] "{path}" = "…"'
            yield self._problem("[drops]", f"{path} is neither mapped nor dropped", suggestion)

    def _idle_drops(self, table: dict[str, Any], known: set[str]) -> Iterator[Problem]:
        for pattern in table.get("drops", {}):
            if not any(_matched(path, [pattern]) for path in known):
                yield self._problem(f'"{pattern}"', f"the drop {pattern!r} fits no leaf", nearest(pattern, known))


def _matched(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(path, pattern.replace("[]", "[[]]")) for pattern in patterns)


def _every(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _every(rule.rules)
