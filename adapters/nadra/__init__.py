"""The civil registry's door: SOAP 1.1 around an inner document (formats/nadra.md 7.1, 7.2, 7.5)."""

from adapters.nadra.adapter import NadraAdapter, Options

__all__ = ["NadraAdapter", "Options"]
