"""Texts that have broken other systems: Urdu with its marks, markup, quotes, emoji, combining letters."""

from __future__ import annotations

import unicodedata

from hypothesis import strategies as st

_LETTERS = "abcXYZéß ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیےآۂۓيكى"
_MARKUP = "<>&\"'`{}[]|\\/%;:,.=#@!?()*+-_~^$"
_MARKS = "\u200c\u200d\u200f\u200e\u202b\u202c\u064b\u0651\u0654"
_REST = "0123456789۰۱۲۳۴۵۶۷۸۹٠٩ 😀👩‍👧𝒜語ñ"

_character = st.one_of(st.sampled_from(_LETTERS), st.sampled_from(_LETTERS + _MARKUP + _MARKS + _REST))


def texts(longest: int = 60) -> st.SearchStrategy[str]:
    """Return NFC texts without white space at the ends and without control characters."""
    raw = st.text(_character, min_size=1, max_size=longest)
    return raw.map(lambda text: unicodedata.normalize("NFC", text).strip()).filter(bool)
