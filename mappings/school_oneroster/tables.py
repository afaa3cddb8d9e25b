"""The CSV binding's tables (``tables.toml``) as values; the sources are in formats/school.md 1.5 and 1.6."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

_TABLES: dict[str, Any] = tomllib.loads(resources.files(__package__).joinpath("tables.toml").read_text("utf-8"))

HEADERS: dict[str, list[str]] = _TABLES["headers"]
"""Columns in their order, for each of the files that are read."""
REQUIRED: dict[str, frozenset[str]] = {name: frozenset(columns) for name, columns in _TABLES["required"].items()}
"""Columns that hold something in every row, beside ``sourcedId``."""
FILES: dict[str, list[str]] = _TABLES["files"]
"""The data files a manifest accounts for, by version of OneRoster."""
REFERENCES: dict[str, str] = _TABLES["references"]
"""Columns that point to a row of another file."""
KINDS: dict[str, str] = _TABLES["kinds"]
"""What a column's cells are; a column that is not named here holds text."""
CODES: dict[str, frozenset[str]] = {name: frozenset(words) for name, words in _TABLES["codes"].items()}
"""Code lists, by column or ``file.column``."""
OLD_NAMES: dict[str, str] = _TABLES["old_names"]
"""``file.column`` of older versions, and the name of today."""
COMMON = ("sourcedId", "status", "dateLastModified")
"""The columns every data file begins with."""
