"""Text of people: kept as received, folded only for comparison.

The canonical text is NFC and otherwise as received: Arabic letter forms, bidirectional marks, ZWNJ and ZWJ stay.
Matching uses :func:`match_key`, which unifies what a keyboard confuses and never what a reader distinguishes
(formats/nadra.md 6.6: آ/ا, ے/ی, ھ/ہ and hamza carry meaning).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\u061c\ufeff\u0640]")
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ۃ", "\u00a0": " "})
_DIGITS = {ord(c): str(i) for block in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for i, c in enumerate(block)}


def clean(value: str) -> str:
    """Return the text in NFC.

    Raises:
        ValueError: it holds a control character, a lone surrogate or a noncharacter.
    """
    if value.isascii() and value.isprintable():
        return value
    if _FORBIDDEN.search(value):
        raise ValueError("text holds a character no document may carry")
    return unicodedata.normalize("NFC", value)


def fold_digits(value: str) -> str:
    """Return the text with Urdu (U+06F0) and Arabic (U+0660) digits as ASCII digits."""
    return value if value.isascii() else value.translate(_DIGITS)


def strip_bidi(value: str) -> str:
    """Return the text without bidirectional controls, for formats that forbid them."""
    return _BIDI.sub("", value)


def match_key(value: str) -> str:
    """Return the form under which two spellings of one Urdu or Latin text compare equal.

    Unifies Arabic and Urdu letter forms, digits, case and white space, and drops invisible marks. Keeps madda,
    hamza, bari ye and do-chashmi he, which change the word.
    """
    if value.isascii():
        return " ".join(value.casefold().split())
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", value).translate(_LETTERS))
    return " ".join(fold_digits(text).casefold().split())


Short = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(clean)]
"""A name, a label, a reference: 1 to 200 characters."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=2_000), AfterValidator(clean)]
"""An address, a remark, a raw source text: 1 to 2,000 characters."""
Prose = Annotated[str, StringConstraints(min_length=1, max_length=40_000), AfterValidator(clean)]
"""A narrative: 1 to 40,000 characters."""
Token = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
"""An opaque reference in printable ASCII without spaces: ids, codes of other systems."""
