"""What checks put into documents on purpose, so that it can be found again."""

NO_CODE = "CONF_NO_SUCH_CODE"
"""A code that stands in no table."""
DEEP = "[" * 90 + "]" * 90
"""More levels than any document may have."""
