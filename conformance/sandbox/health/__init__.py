"""A hospital's FHIR R4 server: transaction Bundles in, status messages both ways (health.md section 9)."""
