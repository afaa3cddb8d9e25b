"""What must go together in FHIR documents: concerns, a child that can be told from others, one result a finding."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a random tree one that a sender could mean."""
    concern = tree.get("concern", {})
    if "primary" in concern:
        concern["types"] = [concern["primary"], *(t for t in concern.get("types", []) if t != concern["primary"])]
    if document == "referral":
        child = tree.setdefault("child", {})
        if not {"name", "name_ur", "identifiers"} & set(child):
            child |= draw(st.sampled_from([{"name": "Farzi Misali"}, {"name_ur": "فرضی"}, {"unknown": True}]))
        receivers = tree.setdefault("recipients", [])
        if not any("agency" in receiver for receiver in receivers):
            receivers.append({"agency": draw(st.sampled_from(["welfare:pb-cpb", "police:pb"]))})
    for party in ("sender", "recipient"):
        if tree.get(party) and not {"agency", "name"} & set(tree[party]):
            tree[party]["agency"] = draw(st.sampled_from(["health:lhr-dhq", "welfare:pb-cpb"]))
    for finding in tree.get("clinical", {}).get("findings", ()):
        if "observed_at" in finding:
            finding.pop("observed_on", None)
        for one in (finding, *finding.get("components", ())):
            _one_result(draw, one)


def _one_result(draw: Any, holder: dict[str, Any]) -> None:
    """Keep one of the results R4 has one element for, and no unit's code without its system."""
    results = [kind for kind in (("text",), ("measure",), ("result_codes", "result_text")) if set(kind) & set(holder)]
    if len(results) > 1 and holder.get("kind") != "CONDITION":
        kept = draw(st.sampled_from(results))
        for name in {name for kind in results if kind != kept for name in kind}:
            holder.pop(name, None)
    if "unit_system" not in holder.get("measure", {}):
        holder.get("measure", {}).pop("unit_code", None)
