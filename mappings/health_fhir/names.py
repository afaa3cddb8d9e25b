"""Which of several HumanNames is which: the Latin name, the Urdu name, aliases (formats/health.md 9.1).

A name says its language in HL7's ``language`` extension; without one its script decides. Names are never split, joined
or transliterated.
"""

from __future__ import annotations

import re
from typing import Any

from mappings.fhir_r4.walk import items
from mappings.health_fhir import systems

_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_ARABIC_LANGUAGES = frozenset({"ur", "sd", "ps", "pa", "bal", "skr", "ks", "brh", "fa", "prs", "ar"})
_OTHER_USES = frozenset({"nickname", "anonymous", "old", "maiden", "temp"})
UNDETERMINED = "und"
"""Language tag for a Latin-script leaf whose text is in another script: nothing is claimed."""


def language(name: dict[str, Any]) -> str:
    """Return the language a name declares, or an empty text."""
    found = [e.get("valueCode") for e in items(name, "extension") if e.get("url") == systems.LANGUAGE]
    return str(found[0]) if found else ""


def in_arabic_script(text: str) -> bool:
    """Tell whether a text holds letters of the Arabic script, which Urdu is written in."""
    return bool(_ARABIC.search(text))


def _is_urdu(name: dict[str, Any]) -> bool:
    declared = language(name).partition("-")[0].lower()
    return declared in _ARABIC_LANGUAGES if declared else in_arabic_script(str(name.get("text", "")))


def join_parts(node: dict[str, Any], key: str, separator: str) -> None:
    """Make several given names, or several lines of an address, one text; a ``null`` among them is no part."""
    parts = node.get(key)
    if isinstance(parts, list) and (len(parts) > 1 or None in parts):
        words = [part for part in parts if isinstance(part, str)]
        node[key] = [separator.join(words)] if words else []


def mark_names(person: dict[str, Any]) -> None:
    """Mark every name of a Patient or RelatedPerson as ``latin``, ``urdu`` or ``alias``."""
    taken: set[str] = set()
    for name in items(person, "name"):
        kind = "urdu" if _is_urdu(name) else "latin"
        if name.get("use") in _OTHER_USES or kind in taken:
            kind = "alias"
        taken.add(kind)
        name["$kind"] = kind
        join_parts(name, "given", " ")


def complete_names(person: dict[str, Any]) -> None:
    """Give the names we write their use, and their language where the leaf demands one."""
    for name in items(person, "name"):
        kind = name.get("$kind")
        name["use"] = "nickname" if kind == "alias" else "official"
        tag = "ur" if kind == "urdu" else UNDETERMINED if in_arabic_script(str(name.get("text", ""))) else ""
        if tag and kind != "alias":
            name["extension"] = [{"url": systems.LANGUAGE, "valueCode": tag}]
