"""The register itself: a handful of invented births, one file each, and how they are found."""

import copy
import unicodedata
from collections.abc import Iterable
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

from lxml import etree

from conformance.sandbox.documents import read_xml
from conformance.sandbox.seeded import Child, letter

CLOSE = 0.8
"""Similarity from which two names are reported as CLOSE, never as equal."""
BIDI = dict.fromkeys([0x200C, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
LETTERS = str.maketrans({"ي": "ی", "ك": "ک", "\u00a0": " "})

PartialDate = tuple[int, int | None, int | None]
"""Year, month, day; the latter two may be unknown."""


class BadDateError(Exception):
    """A date that is impossible or has no known form (code 906)."""


def digits(text: str) -> str:
    """Fold Urdu and Arabic digits, drop dashes and spaces."""
    folded = "".join(str(unicodedata.digit(letter, letter)) for letter in text)
    return folded.replace("-", "").replace(" ", "")


def folded(name: str) -> str:
    """Fold a name for comparison: letter forms and invisible marks, never vowels or aspirates."""
    text = unicodedata.normalize("NFC", name).translate(BIDI).translate(LETTERS)
    return " ".join(text.casefold().split())


def read_date(text: str) -> PartialDate:
    """Read `d-M-yyyy` (also with / or .), `yyyy-MM-dd`, `M-yyyy` or `yyyy`; raises `BadDateError`."""
    parts = digits_of_date(text)
    if parts and len(parts[0]) == 4:
        parts = parts[::-1]
    if not 1 <= len(parts) <= 3 or not all(part.isdigit() for part in parts) or len(parts[-1]) != 4:
        raise BadDateError
    numbers = [int(part) for part in parts]
    year = numbers[-1]
    month = numbers[-2] if len(numbers) > 1 else None
    day = numbers[0] if len(numbers) == 3 else None
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise BadDateError from None
    return year, month, day


def digits_of_date(text: str) -> list[str]:
    """Split a date at its dashes, slashes or dots, with its digits folded."""
    plain = "".join(str(unicodedata.digit(letter, letter)) for letter in text.strip())
    return plain.replace("/", "-").replace(".", "-").split("-")


class Register:
    """Every birth the simulated registry holds."""

    def __init__(self, folder: Path, children: Iterable[Child] = ()) -> None:
        """Load `folder/births/*.xml`, each one BIRTH_REGISTRATION, and the births of the children of a seed."""
        self._births = [read_xml(file.read_bytes()) for file in sorted((folder / "births").glob("*.xml"))]
        told = (read_xml(letter(folder, child)[1]).find(".//BIRTH_REGISTRATION") for child in children)
        self._births += [birth for birth in told if birth is not None]

    def by_number(self, crms: str, child: str) -> etree._Element | None:
        """Find one birth by its certificate number or the child's number; "" means not asked."""
        for birth in self._births:
            if crms and birth.findtext("CRMS_NUMBER") == crms:
                return copy.deepcopy(birth)
            if child and digits(birth.findtext("CHILD/CHILD_NUMBER") or "") == digits(child):
                return copy.deepcopy(birth)
        return None

    def search(self, name: str, first: PartialDate, last: PartialDate, keys: dict[str, str]) -> list[etree._Element]:
        """Find births by name and range of dates, and every further key that is given."""
        return [
            copy.deepcopy(birth)
            for birth in self._births
            if _named(birth, name) and _between(birth, first, last) and _has(birth, keys)
        ]


def compare_names(birth: etree._Element, name: str) -> str:
    """Say YES, CLOSE, NO or NOT_HELD for a name against every spelling held."""
    held = [folded(one.text or "") for one in birth.findall("CHILD/NAME")]
    if not held:
        return "NOT_HELD"
    if folded(name) in held:
        return "YES"
    best = max(SequenceMatcher(None, folded(name), one).ratio() for one in held)
    return "CLOSE" if best >= CLOSE else "NO"


def compare_dates(birth: etree._Element, wanted: PartialDate) -> str:
    """Say YES, CLOSE (same year, or only the year is held), NO or NOT_HELD."""
    text = birth.findtext("CHILD/DATE_OF_BIRTH")
    if not text:
        return "NOT_HELD"
    held = read_date(text)
    if held == wanted:
        return "YES"
    return "CLOSE" if held[0] == wanted[0] else "NO"


def _named(birth: etree._Element, name: str) -> bool:
    return compare_names(birth, name) == "YES"


def _between(birth: etree._Element, first: PartialDate, last: PartialDate) -> bool:
    year, month, day = read_date(birth.findtext("CHILD/DATE_OF_BIRTH") or "")
    earliest, latest = (year, month or 1, day or 1), (year, month or 12, day or 31)
    return latest >= (first[0], first[1] or 1, first[2] or 1) and earliest <= (
        last[0],
        last[1] or 12,
        last[2] or 31,
    )


def _has(birth: etree._Element, keys: dict[str, str]) -> bool:
    checks = {
        "FATHER_ID": lambda value: digits(birth.findtext("FATHER/ID") or "") == digits(value),
        "MOTHER_ID": lambda value: digits(birth.findtext("MOTHER/ID") or "") == digits(value),
        "MOTHER_NAME": lambda value: folded(value) in [folded(one.text or "") for one in birth.findall("MOTHER/NAME")],
        "DISTRICT": lambda value: folded(value) in [folded(one.text or "") for one in birth.findall("OFFICE/DISTRICT")],
    }
    return all(checks[name](value) for name, value in keys.items())
