"""Which language a caller speaks: media types to mappings, and back."""

from __future__ import annotations

import re
from typing import Any

from gateway.errors import NotAcceptable, NotUnderstood, UnknownLanguage
from mappings.canonical import MEDIA_TYPE, canonical_mapping
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping, Value
from mappings.library import by_media_type, library

_ANY = frozenset({"*/*", "application/*", ""})
_FHIR_VERSION = re.compile(r";\s*fhirversion\s*=\s*\"?([^\s;\"]*)", re.IGNORECASE)
"""FHIR R4, section 3.1.0.1.10: the parameter with which a client names the version it speaks."""
_R4 = frozenset({"4.0", "4.0.1"})
REPORT = "application/vnd.raabta.report+json"


def spoken(content_type: str | None) -> Mapping:
    """Return the mapping of a request's Content-Type.

    Raises:
        UnknownLanguage: there is none, it is not one we read, or it is of a version of FHIR other than R4.
    """
    mapping = by_media_type(content_type or "")
    if (version := _FHIR_VERSION.search(content_type or "")) and version[1] not in _R4:
        raise UnknownLanguage
    if mapping is None or "read" not in mapping.directions:
        raise UnknownLanguage
    return mapping


def wanted(accept: str | None, default: Mapping) -> Mapping:
    """Return the mapping an Accept header asks for first among those we write; ``*/*`` means the default.

    A media type with ``q=0`` is refused by the caller, also where ``*/*`` would have meant it (RFC 9110 12.5.1).

    Raises:
        NotAcceptable: it asks only for languages we do not write.
    """
    offers = _offers(accept)
    refused = {media_type for media_type, quality in offers if quality <= 0}
    for media_type, quality in offers:
        mapping = default if media_type in _ANY else by_media_type(media_type)
        if quality <= 0 or mapping is None or "write" not in mapping.directions:
            continue
        if not refused & set(mapping.media_types):
            return mapping
    raise NotAcceptable


def binding(accept: str | None, mapping: Mapping) -> str:
    """Return which media type of a mapping an Accept header asks for first; by default the one it is served under."""
    named = (media_type for media_type, quality in _offers(accept) if quality > 0)
    return next((media_type for media_type in named if media_type in mapping.media_types), media_type_of(mapping))


def bound(mapping: Mapping, written: Translation[bytes], media_type: str) -> bytes:
    """Return a written document as one of its format's media types has it.

    Raises:
        NotUnderstood: that binding cannot hold it, or the document is not complete and that binding needs it to be.
    """
    if media_type == media_type_of(mapping):
        return written.value
    missing = [Finding("MISSING_REQUIRED", f.path, ours=f.ours) for f in written.warnings if f.code == "PARTIAL"]
    if missing:
        raise NotUnderstood(findings=missing)
    try:
        return mapping.codec.bind(written.value, media_type)
    except Refusal as refusal:
        raise NotUnderstood(findings=refusal.findings) from None


def _offers(accept: str | None) -> list[tuple[str, float]]:
    """Return the media types of an Accept header with their weights, the heaviest first (RFC 9110 12.5.1)."""
    parts = (part.partition(";") for part in (accept or "*/*").split(","))
    weighed = [(media_type.strip().lower(), _quality(parameters)) for media_type, _, parameters in parts]
    return sorted(weighed, key=lambda offer: -offer[1])


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def read(mapping: Mapping, data: bytes) -> tuple[Translation[Value], ...]:
    """Return what a document says.

    Raises:
        NotUnderstood: it is refused; the findings say why.
    """
    try:
        return mapping.read(data)
    except Refusal as refusal:
        raise NotUnderstood(findings=refusal.findings) from None


def warnings(reading: Translation[Any]) -> tuple[Finding, ...]:
    """Return what a sender is told of a document that was taken: its warnings, and every value no rule read."""
    told = {finding.path.replace("[1]", "") for finding in reading.warnings}
    unread = (
        Finding("NOT_CARRIED", path, Severity.WARNING)
        for path in reading.leftover
        if path.replace("[1]", "") not in told
    )
    return (*reading.warnings, *unread)


def format_named(name: str) -> Mapping | None:
    """Return a mapping by its format id."""
    return library().get(name)


def ours() -> Mapping:
    """Return the canonical language."""
    return canonical_mapping()


def media_type_of(mapping: Mapping) -> str:
    """Return the media type a mapping is served under."""
    return mapping.media_types[0] if mapping.media_types else MEDIA_TYPE
