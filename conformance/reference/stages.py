"""The systems that checks are proved on, by profile."""

from conformance.reference.agencies import agency_target
from conformance.reference.stage import gateway_target
from conformance.target import Target


def target_of(profile: str, flaws: frozenset[str]) -> Target:
    """Make a new system of a profile, broken in some ways."""
    return gateway_target(flaws) if profile == "gateway" else agency_target(profile, flaws)
