"""Whether two names, dates or numbers are those of one child: YES, CLOSE, NO or NOT_HELD, and never a guess.

Pure functions over canonical values. Names are compared by :func:`mappings.text.match_key` and, where that differs, by
how freely names are spelled here (formats/nadra.md 6.6, 6.7) and the fuzziness of OpenCRVS (formats/nadra.md 5.2):
words of up to 3 letters with no slip, of 4 to 6 with one, of 7 or more with two. What is only alike is CLOSE: a person
decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from mappings.identifiers import THIRTEEN_DIGITS
from mappings.people import Child, Person
from mappings.referral import Record
from mappings.text import match_key


class Match(StrEnum):
    """How two values compare (formats/nadra.md 7.2)."""

    YES = "YES"
    CLOSE = "CLOSE"
    NO = "NO"
    NOT_HELD = "NOT_HELD"
    """One side holds no value, or none in the other's script."""


SPELLINGS: tuple[frozenset[str], ...] = tuple(
    frozenset(words.split())
    for words in (
        "muhammad mohammad mohammed muhammed mohamed mohamad mohd muhd md m",
        "hussain husain hussein husein hossain hosain",
        "hassan hasan",
        "ahmad ahmed ahmet",
        "syed sayyid sayed saiyid syeda sayyida",
        "bibi begum bi",
        "chaudhry chaudhary choudhry choudhary chaudhri choudhury ch",
        "sheikh shaikh shaykh",
        "khadija khadeeja khadijah",
        "fatima fatimah fatema",
        "aisha ayesha aysha",
        "usman othman uthman",
        "umar omar umer",
        "yousaf yusuf yousuf yusaf",
    )
)
"""Spellings of one word in Latin letters; any two of one group are CLOSE."""
_GROUP = {word: group for group, words in enumerate(SPELLINGS) for word in words}
_FEW_DAYS = timedelta(days=5)
_PREGNANCY = timedelta(days=270)
_THREE_YEARS = timedelta(days=3 * 365)


def compare_names(asked: str | None, held: str | None) -> Match:
    """Compare two names.

    Returns:
        YES if they differ at most in what a keyboard confuses; CLOSE if every word of the shorter one has its like in
        the other, where one word of three or more may be lacking; NOT_HELD if one is missing, or they are in different
        scripts.
    """
    if not asked or not held:
        return Match.NOT_HELD
    one, other = _key(asked), _key(held)
    if not one or not other or _arabic(one) != _arabic(other):
        return Match.NOT_HELD
    if one == other:
        return Match.YES
    return Match.CLOSE if _alike(one.split(), other.split()) else Match.NO


def _key(name: str) -> str:
    """Return a name for comparison: folded, without stops and hyphens between initials and parts."""
    return " ".join(match_key(name).translate(str.maketrans(".-,'", "    ")).split())


def _arabic(text: str) -> bool:
    return any("\u0600" <= letter <= "\u06ff" or "\u0750" <= letter <= "\u077f" for letter in text)


def _alike(one: list[str], other: list[str]) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < len(longer) and len(shorter) < 2:
        return False
    if len(longer) - len(shorter) > 1:
        return False
    rest = list(longer)
    for word in shorter:
        like = next((candidate for candidate in rest if words_alike(word, candidate)), None)
        if like is None:
            return False
        rest.remove(like)
    return True


def words_alike(one: str, other: str) -> bool:
    """Tell whether two folded words may be one: spellings of one word, or within the slips their length allows."""
    if one == other:
        return True
    if _GROUP.get(one, -1) == _GROUP.get(other, -2):
        return True
    return slips(one, other) <= fuzziness(min(len(one), len(other)))


def fuzziness(letters: int) -> int:
    """Return how many slips a word of so many letters may hold: none up to 3, one up to 6, then two."""
    return 0 if letters <= 3 else 1 if letters <= 6 else 2


def slips(one: str, other: str) -> int:
    """Return the number of letters inserted, left out, changed, or swapped with their neighbour between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, previous = row, before
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]


def compare_dates(asked: str | None, held: str | None, *, estimated: bool = False) -> Match:
    """Compare two dates of birth, each ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

    Args:
        asked: one date.
        held: the other.
        estimated: one of them is an estimate; they are then CLOSE within a year.

    Returns:
        YES for the same day; CLOSE if they agree as far as both are known, or lie at most 5 days apart.
    """
    if not asked or not held:
        return Match.NOT_HELD
    if estimated:
        return Match.CLOSE if abs(int(asked[:4]) - int(held[:4])) <= 1 else Match.NO
    if len(asked) == len(held) == 10:
        if asked == held:
            return Match.YES
        return Match.CLOSE if _apart(asked, held) <= _FEW_DAYS else Match.NO
    known = min(len(asked), len(held))
    return Match.CLOSE if asked[:known] == held[:known] else Match.NO


def _apart(one: str, other: str) -> timedelta:
    return abs(date.fromisoformat(one) - date.fromisoformat(other))


def compare_numbers(asked: str | None, held: str | None) -> Match:
    """Compare two numbers in the one form of their scheme: YES or NO, there is no close number."""
    if not asked or not held:
        return Match.NOT_HELD
    return Match.YES if asked == held else Match.NO


def together(matches: Iterable[Match]) -> Match:
    """Return what several comparisons say together: as good as the worst; NOT_HELD only if nothing else is there."""
    found = set(matches)
    return next((match for match in (Match.NO, Match.CLOSE, Match.YES) if match in found), Match.NOT_HELD)


def compare_children(asked: Child, held: Child) -> dict[str, Match]:
    """Compare name, birth and B-Form number of two children, by the register's field (formats/nadra.md 7.2, MATCH).

    A name counts in the script where both have it; where both have both, as the better of the two.
    """
    names = (compare_names(asked.name, held.name), compare_names(asked.name_ur, held.name_ur))
    order = (Match.YES, Match.CLOSE, Match.NO)
    estimated = bool(asked.birth_date_estimated or held.birth_date_estimated)
    return {
        "CHILD_NUMBER": compare_numbers(_number(asked), _number(held)),
        "CHILD_NAME": next((match for match in order if match in names), Match.NOT_HELD),
        "DATE_OF_BIRTH": compare_dates(asked.birth_date, held.birth_date, estimated=estimated),
    }


def _number(child: Child) -> str | None:
    return next((i.value for i in child.identifiers if i.scheme == "pk-bform"), None)


def possible_duplicate(one: Record, other: Record) -> bool:
    """Tell whether two entries of the register may be about the same child (OpenCRVS' rule, formats/nadra.md 5.2).

    The mothers are the same by number, or by name where a number is missing, and the children's names are alike; the
    births lie at most 270 days apart, or 3 years with the same name. Twins share date, parents and place: two entries
    that both say so are two children.
    """
    if _certificate(one) and _certificate(one) == _certificate(other):
        return True
    names = compare_children(one.child, other.child)["CHILD_NAME"]
    if names is Match.NO or names is Match.NOT_HELD or _twins(one, other) or not _same_mother(one, other):
        return False
    window = _THREE_YEARS if names is Match.YES else _PREGNANCY
    births = (one.child.birth_date, other.child.birth_date)
    if all(birth and len(birth) == 10 for birth in births):
        return _apart(str(births[0]), str(births[1])) <= window
    return compare_dates(*births) is Match.CLOSE


def duplicates(entries: tuple[Record, ...]) -> frozenset[int]:
    """Return the positions of entries that may be about the same child as another one of the same answer."""
    pairs = [(i, j) for i in range(len(entries)) for j in range(i + 1, len(entries))]
    return frozenset(n for i, j in pairs if possible_duplicate(entries[i], entries[j]) for n in (i, j))


def _certificate(record: Record) -> str | None:
    return record.registration.crms_number if record.registration else None


def _twins(one: Record, other: Record) -> bool:
    return all(record.registration is not None and record.registration.twins is True for record in (one, other))


def _mother(record: Record) -> Person | None:
    """Return the mother, unless her name may be fiction (formats/nadra.md 6.1)."""
    found = (p for p in record.persons if p.relation == "MOTHER" and p.status not in ("ASSIGNED", "UNKNOWN"))
    return next(found, None)


def _same_mother(one: Record, other: Record) -> bool:
    first, second = _mother(one), _mother(other)
    if first is None or second is None:
        return False
    numbers = [{i.value for i in p.identifiers if i.scheme in THIRTEEN_DIGITS} for p in (first, second)]
    if all(numbers):
        return bool(numbers[0] & numbers[1])
    names = (compare_names(first.name, second.name), compare_names(first.name_ur, second.name_ur))
    return Match.YES in names or Match.CLOSE in names
