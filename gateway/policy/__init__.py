"""Need to know: what may leave, for whom, for which purpose.

Three layers (design/decisions.md 2): what a language cannot carry is the mapping's business (drops); the *floor* is
what a kind of agency must never learn, always applied; the *agreement* grants labels for a purpose. Pure: values in,
values out.
"""

from gateway.policy.agreements import Agreement, Basis, basis_of
from gateway.policy.projection import Projection, project, project_tree
from gateway.policy.sieve import Entitlement

__all__ = ["Agreement", "Basis", "Entitlement", "Projection", "basis_of", "project", "project_tree"]
