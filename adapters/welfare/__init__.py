"""The welfare side's door: canonical JSON over HTTP to a child protection case management system."""

from adapters.welfare.adapter import Options, WelfareAdapter

__all__ = ["Options", "WelfareAdapter"]
