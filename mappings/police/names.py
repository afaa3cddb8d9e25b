"""Names as police forms hold them: one field for both scripts, for aliases and sometimes for parentage too.

A name in both scripts is written ``فرضی گڑیا / Farzi Gurya``; aliases follow ``عرف``, ``urf`` or ``@``, parentage
follows ``ولد``, ``بنت``, ``زوجہ``, ``s/o`` … (formats/police.md A7.6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mappings.text import match_key

_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_BOTH = " / "
_MARKS = "\\s\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u061c\ufeff"
"""White space and the invisible marks that PSRMS leaves around words (formats/police.md A7.3)."""
_START, _GAP = f"(?<![{_MARKS}])", f"[{_MARKS}]"
_ENDS = re.compile(rf"^{_GAP}+|{_GAP}+$")
_ALIAS = re.compile(rf"{_START}(?:{_GAP}+(?:عرف|urf){_GAP}+|{_GAP}*@{_GAP}*)", re.IGNORECASE)
_PARENTAGE = re.compile(rf"{_START}{_GAP}+(ولد[یيى]ت|ولد|بنت|دختر|زوج[ہهة]|[sdw]\s?/\s?o\.?){_GAP}+", re.IGNORECASE)
_INITIALS = re.compile(r"[.\u06d4\s\-]+")
_BRACKETS = str.maketrans("", "", "[]()")
_WORD_END = str.maketrans("", "", ". ")
PARENTAGE = {
    "ولد": "SO", "s/o": "SO", "بنت": "DO", "دختر": "DO", "d/o": "DO", "زوجہ": "WO", "w/o": "WO", "ولدیت": "UNKNOWN",
}  # fmt: skip
"""What a parentage word means; ``ولدیت`` heads the field and leaves open whether a son or a daughter is meant."""
STATE = "سرکار"
"""The State as complainant; where nothing follows, no name is told."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name field taken apart."""

    arabic: str | None = None
    latin: str | None = None
    aliases: tuple[str, ...] = ()
    word: str | None = None
    """The parentage word that stood in the field."""
    parent: str | None = None


def is_arabic(text: str) -> bool:
    """Tell whether a text is in an Arabic script (Urdu, Sindhi, Pashto)."""
    return _ARABIC.search(text) is not None


def split_scripts(text: str) -> tuple[str | None, str | None]:
    """Return the (Arabic, Latin) forms of a name field."""
    first, bar, second = text.rpartition(_BOTH)
    if bar and is_arabic(first) and second and not is_arabic(second):
        return first, second
    return (text, None) if is_arabic(text) else (None, text)


def join_scripts(arabic: str | None, latin: str | None) -> str:
    """Return the one field for both forms of a name."""
    return _BOTH.join(part for part in (arabic, latin) if part)


def read_name(text: str) -> Name:
    """Return the parts of a name field that may hold aliases and parentage."""
    named, word, parent = text, None, None
    if match := _PARENTAGE.search(text):
        named, word, parent = text[: match.start()], parentage_word(match.group(1)), text[match.end() :]
    first, *aliases = _ALIAS.split(named)
    arabic, latin = split_scripts(first)
    return Name(arabic, latin, tuple(a for a in aliases if a), word, parent or None)


def parentage_word(word: str) -> str:
    """Return a parentage word in its one spelling: ``S/o.`` is ``s/o``, an Arabic he an Urdu one."""
    folded = match_key(word).replace("ۃ", "ہ")
    return folded.translate(_WORD_END) if "/" in folded else folded


def print_name(arabic: str | None, latin: str | None, aliases: list[str]) -> str:
    """Return a name field with its aliases."""
    return " عرف ".join([join_scripts(arabic, latin), *aliases])


def bare(text: str) -> str:
    """Return a name without the white space and invisible marks at its ends: a form takes them for its own."""
    return _ENDS.sub("", text)


def plain(text: str) -> bool:
    """Tell whether a name holds nothing the form would take for an alias, a parentage or a second script."""
    padded = f" {text} "
    return not (_BOTH in padded or _ALIAS.search(padded) or _PARENTAGE.search(padded)) and text == bare(text) != ""


def is_initials(text: str) -> bool:
    """Tell whether a name is withheld down to initials: ``م۔ف``, ``A.F.``, ``[ف۔ر]``."""
    parts = [part for part in _INITIALS.split(text.translate(_BRACKETS)) if part]
    return all(len(part) <= 2 for part in parts)


def is_state(text: str) -> bool:
    """Tell whether the complainant is the State: ``سرکار بذریعہ پولیس``."""
    words = match_key(text)
    return words == STATE or words.startswith(f"{STATE} ")
