"""R4's own constraints, as HL7 wrote them in FHIRPath, on every node they are about.

A constraint that Python already judges at a finer place is left to it; one that needs what only a server knows
(``resolve()``) is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mappings.engine.findings import Finding
from mappings.fhir_r4.definitions import Constraint, definitions
from mappings.fhir_r4.elements import Node
from mappings.fhir_r4.fhirpath.evaluate import Scope, compiled, holds
from mappings.fhir_r4.fhirpath.syntax import Unsupported

ELSEWHERE = frozenset(
    {
        ("Task", "inv-1"), ("ServiceRequest", "prr-1"), ("Observation", "obs-6"), ("Condition", "con-5"),
        ("Consent", "ppc-1"), *(("Bundle", f"bdl-{n}") for n in (1, 2, 3, 4, 7, 9, 10, 11, 12)),
        ("Bundle.entry", "bdl-5"), ("Bundle.entry", "bdl-8"),
    }
)  # fmt: skip
"""Judged by :mod:`mappings.fhir_r4.bundles` and :mod:`mappings.fhir_r4.invariants`."""


def code_of(type_name: str, key: str) -> str:
    """Return the finding's code of a constraint: ``FHIR_PAT_1``; ``inv-1`` is several, told apart by their type."""
    owner = f"{type_name.partition('.')[0]}_" if key.startswith("inv-") else ""
    return f"FHIR_{owner}{key}".upper().replace("-", "_")


def sentences() -> dict[str, list[str]]:
    """Return a sentence in English (HL7's own) and Urdu for every constraint that is judged here."""
    known = definitions()
    found: dict[str, list[str]] = {}
    for name, kind in sorted((name, known.type(name)) for name in known.names):
        for constraint in (*kind.constraints, *(c for e in kind.elements.values() for c in e.constraints)):
            urdu = f"FHIR کا قاعدہ {constraint.key} پورا نہیں ہوتا۔"
            found.setdefault(code_of(name, constraint.key), [_sentence(constraint), urdu])
    return found


def _sentence(constraint: Constraint) -> str:
    text = " ".join(constraint.human.split()).encode("ascii", "ignore").decode().rstrip(".")
    return f"{text} ({constraint.key})."


def check_constraints(node: Node) -> Iterator[Finding]:
    """Yield every constraint of a node's type, and of the element that holds it, that is broken."""
    for code, expression in _of_type(node.type.name):
        if not holds(expression, Scope(node.value, node.resource, node.root)):
            yield Finding(code, node.pointer)
    if node.element is not None and node.element.constraints and node.holder is not None:
        for constraint in _judged(node.holder.name, node.element.constraints):
            if not holds(constraint.expression, Scope(node.value, node.resource, node.root)):
                yield Finding(code_of(node.holder.name, constraint.key), node.pointer)


@cache
def _of_type(name: str) -> tuple[tuple[str, str], ...]:
    constraints = definitions().type(name).constraints
    return tuple((code_of(name, c.key), c.expression) for c in _judged(name, constraints))


@cache
def _judged(name: str, constraints: tuple[Constraint, ...]) -> tuple[Constraint, ...]:
    return tuple(c for c in constraints if (name, c.key) not in ELSEWHERE and understood(c.expression))


@cache
def understood(expression: str) -> bool:
    """Tell whether a constraint uses only what is understood here."""
    try:
        compiled(expression)
    except Unsupported:
        return False
    return True
