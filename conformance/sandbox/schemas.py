"""Compiles an agency's JSON Schema once and reports where a document breaks it, never with what."""

import json
from pathlib import Path

import jsonschema_rs

MAX_FINDINGS = 50


class JsonSchema:
    """One compiled schema file; formats such as date and date-time are checked."""

    def __init__(self, file: Path) -> None:
        """Compile the file."""
        schema = json.loads(file.read_text(encoding="utf-8"))
        self._validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    def findings(self, value: object) -> list[tuple[str, str]]:
        """List (JSON Pointer, keyword) of every failure; both come from the schema's own words.

        Members that the schema does not know are reported at the object that holds them, so that a
        key chosen by the sender is not repeated.
        """
        errors = self._validator.iter_errors(value)
        found = (("".join(f"/{step}" for step in error.instance_path), _keyword(error.schema_path)) for error in errors)
        return list(dict.fromkeys(found))[:MAX_FINDINGS]


def _keyword(path: list[str | int]) -> str:
    words = [str(step) for step in path if not str(step).isdigit()]
    return words[-1] if words else "false"
