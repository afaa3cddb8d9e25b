"""The slices that are measured, and who translates each: the mapping engine and the hand-written translator.

A slice is a document with 15 to 40 values of its format; it lies in ``benchmarks/slices``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.handwritten import (
    crvs_dci,
    crvs_dci_writing,
    health_fhir,
    health_fhir_writing,
    nadra_crms,
    nadra_crms_writing,
    police_fir,
    police_fir_writing,
    police_psrms,
    school_oneroster,
    school_oneroster_writing,
    school_sis,
)
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.engine.trees import leaf_places, root
from mappings.engine.xml_reader import element_tree, parse_xml
from mappings.library import library

FOLDER = Path(__file__).parent.parent / "slices"


@dataclass(frozen=True, slots=True)
class Slice:
    """One document and its two hand-written functions."""

    name: str
    format: str
    file: str
    hand_read: Callable[[bytes], Any]
    hand_write: Callable[[Any], bytes]

    @property
    def data(self) -> bytes:
        """The document."""
        return (FOLDER / self.file).read_bytes()

    @property
    def mapping(self) -> Mapping:
        """The mapping of its format."""
        return library()[self.format]


SLICES = (
    Slice(
        "nadra_crms, registration", "nadra_crms", "nadra_crms.registration.xml", nadra_crms.read_registration,
        nadra_crms_writing.write_registration,
    ),
    Slice(
        "nadra_crms, notification", "nadra_crms", "nadra_crms.notification.xml", nadra_crms.read_notification,
        nadra_crms_writing.write_notification,
    ),
    Slice("crvs_dci, answer to a search", "crvs_dci", "crvs_dci.json", crvs_dci.read, crvs_dci_writing.write),
    Slice("police_fir, report", "police_fir", "police_fir.xml", police_fir.read, police_fir_writing.write),
    Slice("police_psrms, report", "police_psrms", "police_psrms.json", police_psrms.read, police_psrms.write),
    Slice("health_fhir, record", "health_fhir", "health_fhir.json", health_fhir.read, health_fhir_writing.write),
    Slice("school_sis, enrolment", "school_sis", "school_sis.json", school_sis.read, school_sis.write),
    Slice(
        "school_oneroster, roster", "school_oneroster", "school_oneroster.json", school_oneroster.read,
        school_oneroster_writing.write,
    ),
)  # fmt: skip


def values_in(value: Value) -> int:
    """Return how many values a canonical document holds; which kind of document it is, is none."""
    tree = canonical(value)
    return sum(1 for _ in leaf_places(tree, root(tree))) - 1


def read(mapping: Mapping, data: bytes) -> Value:
    """Return what the engine reads, unjudged: the one value of a slice."""
    (translation,) = mapping.interpret(*mapping.parse(data))
    return translation.value


def said(mapping: Mapping, data: bytes) -> Any:
    """Return what a document says, whatever the order of its JSON keys."""
    if mapping.codec.xml:
        return element_tree(parse_xml(data, mapping.limits)[0])
    return mapping.codec.parse(data, mapping.limits).raw


def disagreements(one: Slice) -> list[str]:
    """Return where engine and hand-written code do not agree on a slice; nothing, or the comparison is unfair."""
    mapping, data = one.mapping, one.data
    found = []
    value = read(mapping, data)
    if canonical(value) != canonical(one.hand_read(data)):
        found.append(f"{one.name}: read differently")
    ours, theirs = mapping.draft(value).value, one.hand_write(value)
    if ours != theirs and _plain(mapping, ours) != _plain(mapping, theirs):
        found.append(f"{one.name}: written differently")
    return found


def _plain(mapping: Mapping, data: bytes) -> Any:
    document = said(mapping, data)
    return getattr(document, "document", document)
