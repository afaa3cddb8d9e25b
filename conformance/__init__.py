"""The inspector: judges agencies and gateways from the outside, and imports nothing of the house."""
