"""A provincial school information system (school.md 4.1, profile A)."""
