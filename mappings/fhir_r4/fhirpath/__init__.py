"""The part of FHIRPath N1 in which R4 writes its constraints (https://hl7.org/fhirpath/N1)."""
