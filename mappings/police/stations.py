"""A registry of police stations, where one is configured: nobody publishes one (formats/police.md F2).

``stations.csv`` beside this file, with the columns ``province,code,name,district`` and, after further columns named
``alias``, other spellings of the station's name. Without the file nothing is said about stations.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from mappings.engine.findings import Finding
from mappings.police.report import Station
from mappings.text import match_key


@dataclass(frozen=True, slots=True)
class Entry:
    """One station: its names and its district, folded for comparison."""

    names: frozenset[str]
    district: str


class Stations:
    """The stations that are known, by province and number."""

    def __init__(self, lines: Iterable[str]) -> None:
        """Take the lines of a registry in CSV, the first of which names the columns."""
        self._entries = {(row[0], row[1]): _entry(row) for row in _rows(lines)}

    def judge(self, station: Station) -> Iterator[Finding]:
        """Yield POL-E04 where a station is unknown, has another name, or lies in another district."""
        if not station.code:
            return
        entry = self._entries.get((station.province, station.code))
        if entry is None or entry.district != match_key(station.district):
            yield Finding("POL-E04", station.path)
        elif match_key(station.name) not in entry.names:
            yield Finding("POL-E04", station.name_path)


def _rows(lines: Iterable[str]) -> Iterator[list[str]]:
    rows = csv.reader(lines)
    next(rows, None)
    return (row for row in rows if len(row) >= 4)


def _entry(row: list[str]) -> Entry:
    return Entry(frozenset(match_key(name) for name in (row[2], *row[4:]) if name), match_key(row[3]))


@cache
def configured() -> Stations | None:
    """Return the registry that stands beside this file, or none."""
    file = resources.files("mappings.police").joinpath("stations.csv")
    return Stations(file.read_text("utf-8").splitlines()) if file.is_file() else None
