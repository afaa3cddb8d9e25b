"""The words of the rendering, in English and Urdu. Values and rule names are shown as they are."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One heading in both languages."""

    english: str
    urdu: str


TITLE = Words("Account of a translation", "ترجمے کا حساب")
SOURCE = Words("Theirs", "ان کی دستاویز")
OURS = Words("Ours", "ہماری زبان")
TARGET = Words("Written", "لکھی گئی دستاویز")
RULE = Words("Rule", "قاعدہ")
WRITTEN = Words("What was written", "جو لکھا گیا")
LEFT = Words("What was not written, and why", "جو نہیں لکھا گیا، اور کیوں")
FATE = Words("What became of it", "نتیجہ")
FINDINGS = Words("Findings", "جانچ کے نتائج")
CONDITIONAL = Words("Only under an agreement", "صرف معاہدے کے تحت")
INCOMPLETE = Words("Not complete: a demanded value is missing.", "نامکمل: ایک لازمی قدر موجود نہیں۔")
REFUSED = Words("Refused: nothing was written.", "مسترد: کچھ نہیں لکھا گیا۔")
GIVEN = Words("given by the gateway", "گیٹ وے کی طرف سے")
CONSTANT = Words("stands in every such document", "ہر ایسی دستاویز میں موجود")

FATES = {
    "dropped": Words("dropped", "چھوڑا گیا"),
    "withheld": Words("withheld", "روکا گیا"),
    "replaced": Words("said by the gateway itself", "گیٹ وے نے خود بدلا"),
    "checked": Words("read, says nothing by itself", "پڑھا گیا، خود کوئی قدر نہیں"),
    "leftover": Words("no rule reads it", "کسی قاعدے نے نہیں پڑھا"),
}
"""What became of a value that was not written."""
