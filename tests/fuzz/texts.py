"""Texts that have broken other systems, half of them with a planted value."""

from __future__ import annotations

from random import Random

from tests.fuzz import canary

ODD = [
    "", " ", "\t", "\n", "\r\n", "\u0000", "\u0001", "\u200f", "\u202e", "\u2066",
    "\ufeff", "\ufffe", "\uffff", "\ud800",
    "\u0301", "\u200d", "\u00ad", "\u0640", "👩‍👧", "𝒜", "ﷺ", "۱۲۳", "٣٩٩٩٩", "İ", "ß", "ﬁ", "Ａ", "\u2028", "\u00a0",
    "<", "&amp;", "]]>", "<!--", "'", '"', "\\", "\\u0000", "{", "[", "%s", "${x}", "../../x", "=1+1", "@x", "null",
    "2016-02-30", "0000-00-00", "9999-12-31", "2016-13", "31-02-2016", "2026-02-30T25:61:61+99:99", "-1", "1e999",
    "39999-0000017-2", "3999900000170", "B999901-16-00017", "urn:uuid:0", "123/25", "302/34 PPC", "18/19 years",
]  # fmt: skip


def text(random: Random) -> str:
    """Return one odd text, a planted value, both, or something very long."""
    odd = random.choice(ODD)
    if random.random() < 0.5:
        odd = random.choice([f"{canary.WORD}{odd}", f"{odd}{canary.WORD}", str(canary.NUMBER)])
    if random.random() < 0.05:
        odd = (odd or "x") * random.choice([50, 1_000, 20_000])
    return odd[:200_000]
