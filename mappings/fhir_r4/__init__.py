"""FHIR R4 4.0.1 by its own general rules: any single resource, without a profile of ours (contract.md 3)."""
