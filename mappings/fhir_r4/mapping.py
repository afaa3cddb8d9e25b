"""The format ``fhir_r4``: validate only (contract.md section 3); it is neither read into our language nor written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from mappings.engine.codec import JsonCodec
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.json_reader import Limits, read_json
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping, Value
from mappings.fhir_r4.pipeline import check_resource

FORMAT = "fhir_r4"
VERSION = "1.0.0"
LIMITS = Limits(items=2_000)
"""One MiB and 64 levels as everywhere; lists may be longer, since catalogues and code systems are resources too."""


@dataclass(frozen=True, slots=True)
class R4Mapping(Mapping):
    """Judges any single R4 4.0.1 resource by the general rules of FHIR."""

    @property
    def directions(self) -> tuple[str, ...]:
        """Neither read nor written: only judged."""
        return ("validate",)

    def validate(self, data: bytes) -> list[Finding]:
        """Return every finding about a resource, errors and warnings."""
        try:
            value, warnings = read_json(data, self.limits)
        except Refusal as refusal:
            return list(refusal.findings)
        return [*warnings, *check_resource(value)]

    def read(self, data: bytes) -> tuple[Translation[Value], ...]:
        """Refuse: a resource without our profile says nothing we could be sure of.

        Raises:
            Refusal: UNKNOWN_DOCUMENT.
        """
        raise Refusal.of("UNKNOWN_DOCUMENT")

    def write(self, value: Value, *, allow_partial: bool = False) -> Translation[bytes]:
        """Refuse: Bundles are written as ``health_fhir``.

        Raises:
            Refusal: CANNOT_WRITE.
        """
        raise Refusal.of("CANNOT_WRITE")


@cache
def r4_mapping() -> R4Mapping:
    """Return the one instance; its digest is that of the definitions and the rules."""
    files = resources.files("mappings.fhir_r4")
    total = hashlib.sha256()
    for file in sorted(files.iterdir(), key=lambda f: f.name):
        if file.name.endswith((".py", ".json", ".toml")):
            total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return R4Mapping(FORMAT, VERSION, "HEALTH", (), total.hexdigest(), JsonCodec(), LIMITS, ())
