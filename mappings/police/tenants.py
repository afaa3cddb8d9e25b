"""Role codes of legacy police systems, by the system that sends them (``tenants.toml``; police.md A7.8, D23)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def _tables() -> dict[str, dict[str, str]]:
    text = resources.files("mappings.police").joinpath("tenants.toml").read_text("utf-8")
    return {system: dict(table["person_type"]) for system, table in tomllib.loads(text).items()}


def role_of(system: str, person_type: str) -> str | None:
    """Return the role a system's code stands for, or none: nobody's role is guessed."""
    return _tables().get(system, {}).get(person_type.strip().upper())
