"""A full name and its two halves: the last word is the family name, a single name stands in both (design decision 7).

``pk.singleName`` says that the family name repeats the given name, because OneRoster demands one and a dash is no name
(formats/school.md 4.5). A name in Arabic script without a Latin letter is the name in Urdu.
"""

from __future__ import annotations

import re
from typing import Any

from mappings.engine.converters import STANDARD, Coarse, Converter, Unfit
from mappings.engine.trees import Node

_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_LETTER = re.compile(r"\w")
_NO_NAME = frozenset({"", "-", "--", ".", "—", "–"})
"""What systems write where they demand a family name and there is none."""
_text = STANDARD["text"].parse


def arabic(text: str) -> bool:
    """Tell whether a text is written in Arabic script alone."""
    return _ARABIC.search(text) is not None and _LATIN.search(text) is None


def urdu(node: Node) -> bool:
    """Tell whether the name in a user's members is written in Arabic script alone."""
    return arabic(" ".join(str(node.get(key, "")) for key in ("givenName", "middleName", "familyName")))


def _parse(node: Node) -> str:
    given, middle, family = (_text(node.get(key, "")).strip() for key in ("givenName", "middleName", "familyName"))
    if _single(node) and given == family:
        family = ""
    words = [part for part in (given, middle, "" if family in _NO_NAME else family) if part]
    if not words:
        raise Unfit("INVALID_VALUE")
    return " ".join(words)


def _single(node: Node) -> bool:
    metadata = node.get("metadata", {})
    return any(str(value).lower() == "true" for key, value in metadata.items() if key.endswith("pk.singleName"))


def _halves(text: str) -> Node:
    given, _, family = text.rpartition(" ")
    if given and _LETTER.search(family) and given not in _NO_NAME:
        return {"givenName": given, "familyName": family}
    return {"givenName": text, "familyName": text, "metadata": {"pk.singleName": "true"}}


def _printer(*, in_arabic: bool) -> Any:
    def write(value: str) -> Any:
        text = " ".join(_text(value).split())
        if not text or text in _NO_NAME:
            raise Unfit("CANNOT_HOLD")
        node = _halves(text)
        return node if text == value and arabic(text) is in_arabic else Coarse(node)

    return write


CONVERTERS = [
    Converter("person_name", _parse, _printer(in_arabic=False)),
    Converter("person_name_ur", _parse, _printer(in_arabic=True)),
]
"""Name in Latin script, and in Urdu where no other is known."""
