"""Routing: which agencies, for which purpose, under which agreement, and by when. Pure: values in, a plan out."""

from gateway.routing.directory import Agency, Directory
from gateway.routing.plan import Hold, Plan, Routed, route, route_to
from gateway.routing.table import Destination, Route, RoutingTable, When

__all__ = [
    "Agency", "Destination", "Directory", "Hold", "Plan", "Route", "Routed", "RoutingTable", "When", "route",
    "route_to",
]  # fmt: skip
