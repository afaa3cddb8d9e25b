"""The police's door: REST in JSON or XML with the PSRMS envelope (formats/police.md B2, B3, E5)."""

from adapters.police.adapter import Options, PoliceAdapter

__all__ = ["Options", "PoliceAdapter"]
