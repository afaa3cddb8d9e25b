"""The section grammar: ``376(iii)/377-B/34 ت پ`` becomes offences (formats/police.md B2).

An act binds backwards to all sections since the previous act. Where no act is named at all, the Penal Code is meant
and the reading says so (POL-W03); where some are named, sections after the last act are of an unknown act.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from mappings.police.offences import categories, lookup
from mappings.text import fold_digits

DEFAULT_ACT = "PPC"
UNKNOWN_ACT = "UNKNOWN"
ATTEMPT = "511"

_INVISIBLE = re.compile("[\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\u061c\ufeff]")
_FOLD = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "\u00a0": " ", "،": ",", "–": "-", "—": "-"})
_SUFFIX = {"اے": "A", "بی": "B", "سی": "C", "ڈی": "D", "ایف": "F", "جے": "J", "ایل": "L"}
_URDU_SUFFIX = re.compile(r"(?<=\d)\s*-?\s*(" + "|".join(_SUFFIX) + r")(?![\u0600-\u06ff])")
_SECTION = re.compile(
    r"(?P<number>\d{1,3})(?:(?:\s?(?P<joint>[-/]?)\s?(?P<suffix>[A-Z]{1,2})|-?(?P<small>[a-z]))(?![A-Za-z]))?"
    r"(?P<clauses>(?:\((?:[ivx]+|\d+|[a-z])\))*)"
)
_SEPARATOR = re.compile(r"[\s/,+&]+|و(?=\s|\d)")
_CLAUSE = re.compile(r"\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Section:
    """One section as the grammar read it."""

    act: str
    section: str
    clause: str
    categories: tuple[str, ...]
    attempted: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text of sections says."""

    sections: tuple[Section, ...]
    act_defaulted: bool
    unread: bool
    """Something in the text is neither a section, an act nor a separator, or may mean two things (``365/B``)."""


@cache
def _words() -> dict[str, list[str]]:
    text = resources.files("mappings.police").joinpath("acts.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _act_of() -> dict[str, str]:
    return {word: act for act, words in _words().items() for word in words}


@cache
def _acts() -> re.Pattern[str]:
    """Return the pattern of every word for an act, the longest first."""
    words = sorted(_act_of(), key=len, reverse=True)
    return re.compile(rf"({'|'.join(re.escape(word) for word in words)})(?![^\W\d_])", re.IGNORECASE)


def _normal(text: str) -> str:
    folded = fold_digits(_INVISIBLE.sub("", text)).translate(_FOLD)
    return _URDU_SUFFIX.sub(lambda m: f"-{_SUFFIX[m.group(1)]}", folded)


def read_sections(text: str) -> Reading:
    """Return the sections of a text, in their order."""
    text = _normal(text)
    found: list[Section] = []
    open_from, named, unread, position = 0, False, False, 0
    while position < len(text):
        if separator := _SEPARATOR.match(text, position):
            position = separator.end()
        elif named_act := _acts().match(text, position):
            act = _act_of()[named_act[1].casefold()]
            found[open_from:] = [_of_act(s, act) for s in found[open_from:]]
            open_from, named, position = len(found), True, named_act.end()
        elif match := _SECTION.match(text, position):
            found.append(_section(match))
            unread = unread or match["joint"] == "/"
            position = match.end()
        else:
            unread = True
            position += 1
    last = DEFAULT_ACT if not named else UNKNOWN_ACT
    found[open_from:] = [_of_act(s, last) for s in found[open_from:]]
    return Reading(_attempts(tuple(found)), not named and bool(found), unread)


def _section(match: re.Match[str]) -> Section:
    """Return one section; ``365/B`` is 365-B, since no section is a bare letter, and is warned of."""
    suffix = (match["suffix"] or match["small"] or "").upper()
    section = f"{match['number']}-{suffix}" if suffix else match["number"]
    return Section("", section, "".join(_CLAUSE.findall(match["clauses"]))[:6], ())


def _of_act(section: Section, act: str) -> Section:
    return Section(act, section.section, section.clause, categories(act, section.section, section.clause))


def _attempts(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Mark the offences beside 511 PPC as attempted; 511 itself is AUX."""
    if not any((s.act, s.section) == ("PPC", ATTEMPT) for s in sections):
        return sections
    return tuple(
        s if s.categories == ("AUX",) else Section(s.act, s.section, s.clause, s.categories, attempted=True)
        for s in sections
    )


def known(section: Section) -> bool:
    """Tell whether the offence table has the section."""
    return lookup(section.act, section.section, section.clause) is not None


def print_sections(sections: list[tuple[str, str, str]]) -> str:
    """Return (act, section, clause) triples as a text the grammar reads back: acts after their sections.

    Raises:
        KeyError: ``acts.toml`` has no word for an act.
    """
    groups: list[tuple[str, list[str]]] = []
    for act, section, clause in sections:
        if not groups or groups[-1][0] != act:
            groups.append((act, []))
        groups[-1][1].append(f"{section}({clause})" if clause else section)
    return ", ".join(f"{'/'.join(parts)} {_words()[act][0].upper()}" for act, parts in groups)
