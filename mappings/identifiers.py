"""Numbers that name people, schools and reports, and what can be said of their shape.

A CNIC, NICOP, CRC or B-Form number has 13 digits, shown 5-7-1; the first is a province 1 to 8 (8 is Azad Kashmir),
the last 1 to 9. There is no check digit, and neither sex, age nor kinship may be read from the digits
(formats/nadra.md section 4).
"""

from __future__ import annotations

import re
from enum import StrEnum

from mappings.text import fold_digits


class Scheme(StrEnum):
    """Which register issued a number."""

    BFORM = "pk-bform"
    """Child registration certificate (CRC, B-Form), 13 digits."""
    CNIC = "pk-cnic"
    """Computerised national identity card (also SNIC), 13 digits."""
    NICOP = "pk-nicop"
    POC = "pk-poc"
    OLD_NIC = "pk-old-nic"
    CRMS = "pk-crms"
    """Number of a birth certificate: ``B`` six digits, year, serial."""
    PASSPORT = "passport"
    POR = "pk-por"
    """Proof of Registration card of an Afghan refugee: opaque, never checked as a CNIC."""
    ACC = "pk-acc"
    """Afghan Citizen Card: opaque."""
    ARC = "pk-arc"
    UNHCR = "unhcr-individual"
    HOSPITAL = "hospital-mrn"
    SCHOOL = "school-sis"
    OTHER = "other"


THIRTEEN_DIGITS = frozenset({Scheme.BFORM, Scheme.CNIC, Scheme.NICOP, Scheme.POC})
"""Schemes whose numbers have the 13-digit shape."""
DISPLACEMENT = frozenset({Scheme.POR, Scheme.ACC, Scheme.ARC, Scheme.UNHCR})
"""Schemes whose very presence tells that somebody is displaced."""

_SEPARATORS = re.compile(r"[\s\u00a0\-\u2010-\u2015]+")
_CRMS = re.compile(r"^[BDMV]\d{6}-\d{2}-\d{5}$")


def thirteen_digits(value: str) -> str:
    """Return the 13 digits of a CNIC-like number without dashes, spaces, or foreign digits.

    Raises:
        ValueError: it does not have 13 digits, or the first or last one is not used.
    """
    digits = _SEPARATORS.sub("", fold_digits(value))
    if re.fullmatch(r"[1-8]\d{11}[1-9]", digits) is None:
        raise ValueError("a number of this kind has 13 digits, the first 1 to 8, the last 1 to 9")
    return digits


def dashed(digits: str) -> str:
    """Return 13 digits as people write them: 5-7-1."""
    return f"{digits[:5]}-{digits[5:12]}-{digits[12:]}"


def is_synthetic(digits: str) -> bool:
    """Tell whether a 13-digit number lies in the unassigned locality ``p9999`` that samples use."""
    return digits[1:5] == "9999"


def crms_number(value: str) -> str:
    """Return a birth certificate number in its one form.

    Raises:
        ValueError: it does not have the shape ``B999901-16-00017``.
    """
    number = fold_digits(value).strip().upper()
    if _CRMS.match(number) is None:
        raise ValueError("a certificate number is a letter, six digits, a year and a serial")
    return number


def normalise(scheme: str, value: str) -> str:
    """Return a number in the one form its scheme has; opaque schemes are returned trimmed.

    Raises:
        ValueError: the number does not have its scheme's shape.
    """
    if scheme in THIRTEEN_DIGITS:
        return thirteen_digits(value)
    if scheme == Scheme.CRMS:
        return crms_number(value)
    return value.strip()
