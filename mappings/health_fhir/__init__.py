"""The hospital's language: FHIR R4 4.0.1 Bundles (formats/health.md)."""
