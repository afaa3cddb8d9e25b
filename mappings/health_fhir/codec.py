"""The codec: a Bundle is judged, taken apart for the rules, and put together again."""

from __future__ import annotations

from typing import Any

from mappings.engine.codec import JsonCodec, Parsed
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits
from mappings.engine.schema import Check
from mappings.engine.trees import Node
from mappings.fhir_r4.walk import resources
from mappings.health_fhir.agreement import check_agreement
from mappings.health_fhir.answers import regroup_outcome
from mappings.health_fhir.reasons import mixed
from mappings.health_fhir.record_bundle import write_record
from mappings.health_fhir.referral_bundle import write_referral
from mappings.health_fhir.regroup import regroup
from mappings.health_fhir.status_bundle import write_status
from mappings.health_fhir.structure import warm
from mappings.health_fhir.validate import validate

_KINDS = {
    "transaction": "referral",
    "message": "status",
    "transaction-response": "outcome",
    "collection": "record",
}
_WRITERS = {"referral": write_referral, "status": write_status, "record": write_record}


class FhirCodec(JsonCodec):
    """Bundles of R4."""

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the document, marked with what it is.

        Raises:
            Refusal: those of strict JSON; UNKNOWN_DOCUMENT for a resource or Bundle type this format does not know.
        """
        parsed = super().parse(data, limits)
        return Parsed({f"${_kind(parsed.tree)}": True}, "", parsed.raw, parsed.warnings)

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return the findings of the pipeline, and what only this document can contradict."""
        found = validate(parsed.raw, document)
        if any(finding.severity is Severity.ERROR for finding in found):
            return found
        if document == "referral" and mixed(parsed.raw):
            found.append(Finding("FHIR_SUSPICION_KEPT", "/entry", Severity.WARNING))
        found += check_agreement(parsed.raw, document)
        return found

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return the tree of the document's parts: one child."""
        raw: dict[str, Any] = parsed.raw
        return [regroup_outcome(raw) if document == "outcome" else regroup(raw, document)]

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the Bundle of the parts the rules filled."""
        return _WRITERS[document](tree)


def _kind(value: Node) -> str:
    kind = value.get("resourceType")
    if kind == "OperationOutcome":
        return "outcome"
    if kind != "Bundle":
        raise Refusal.of("UNKNOWN_DOCUMENT", "/resourceType")
    document = _KINDS.get(str(value.get("type")))
    if document == "status" and not any(r.get("resourceType") == "Task" for _, r in resources(value)):
        return "outcome"
    if document is None:
        raise Refusal.of("UNKNOWN_DOCUMENT", "/type")
    return document


CODEC = FhirCodec()
warm()
