"""Which concerns a report names, each once and with the place that names it."""

from __future__ import annotations

from collections.abc import Iterable

from mappings.police.offences import concern_of


def first_of_each(categories: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the (category, path) pairs that name a concern no earlier pair named."""
    seen: set[str] = set()
    kept = []
    for category, path in categories:
        concern = concern_of().get(category)
        if concern and concern not in seen:
            seen.add(concern)
            kept.append((category, path))
    return kept
