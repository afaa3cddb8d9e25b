"""On which line of a TOML file a value stands.

`tomllib` forgets lines. The text is searched for table headers and keys; what stands inside an inline table
or an array is found on the line of the key that holds it.
"""

import re
from collections import Counter

Step = str | int
"""A key, or the index of a table in an array of tables."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.\s-]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+|\"[^\"]+\"|'[^']+')\s*=")
_PARSER = re.compile(r"at line (\d+)")


class Lines:
    """The places of one TOML text."""

    def __init__(self, text: str) -> None:
        self._places: dict[tuple[Step, ...], int] = {(): 1}
        self._read(text)

    def line(self, path: tuple[Step, ...]) -> int:
        """Return the line (from 1) of the value at `path`, or of the nearest thing that holds it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self._places:
                return self._places[path[:length]]
        return 1

    def _read(self, text: str) -> None:
        table: tuple[Step, ...] = ()
        seen: Counter[tuple[Step, ...]] = Counter()
        for number, line in enumerate(text.splitlines(), start=1):
            header = _HEADER.fullmatch(line)
            if header:
                table = tuple(part.strip() for part in header[2].split("."))
                if header[1] == "[[":
                    self._places.setdefault(table, number)
                    seen[table] += 1
                    table = (*table, seen[table] - 1)
                self._places[table] = number
            elif key := _KEY.match(line):
                path = (*table, *key[1].strip("\"'").split("."))
                self._places.setdefault(path, number)


def parser_line(message: str, text: str) -> int:
    """Return the line that a `tomllib.TOMLDecodeError` speaks of; "at end of document" is the last."""
    found = _PARSER.search(message)
    return int(found[1]) if found else max(1, len(text.splitlines()))
