"""RFC 4180 text, and cells that no spreadsheet takes for a formula.

A cell that a spreadsheet would compute (it begins with ``= + - @``, a tab or a carriage return) is written with an
apostrophe before it; on reading one apostrophe is taken off where such a cell could have got it, so that nothing is
lost either way. Identifiers, dates and codes cannot begin a formula that does anything and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mappings.engine.errors import Refusal

_CELL = re.compile(r'"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)')
_END = re.compile(r"\r?\n")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r'[",]|^\s|\s$')
_BREAK = re.compile(r"[\r\n]")


def rows(text: str, file: str) -> list[list[str]]:
    """Return the cells of every row, the header included; quotes are taken off.

    Args:
        text: the file.
        file: its name, for findings.

    Raises:
        Refusal: MALFORMED, at the row whose quoting is wrong.
    """
    found: list[list[str]] = []
    row: list[str] = []
    position = 0
    while position < len(text):
        cell = _CELL.match(text, position)
        if cell is None:
            raise Refusal.of("MALFORMED", f"/{file}/{len(found) + 1}")
        quoted, plain = cell.groups()
        row.append(quoted.replace('""', '"') if quoted is not None else plain)
        position = cell.end()
        if text.startswith(",", position):
            position += 1
            if position < len(text):
                continue
            row.append("")
        elif position < len(text):
            end = _END.match(text, position)
            if end is None:
                raise Refusal.of("MALFORMED", f"/{file}/{len(found) + 1}")
            position = end.end()
        found.append(row)
        row = []
    return found


def broken(cell: str) -> bool:
    """Tell whether a cell holds a line break, which the CSV binding forbids."""
    return _BREAK.search(cell) is not None


def formula(cell: str) -> bool:
    """Tell whether a spreadsheet would compute a cell."""
    return cell[:1] in ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Return a text as a cell that no spreadsheet computes."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell: the reverse of :func:`guarded`."""
    return cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell


def written(table: Iterable[Iterable[str]]) -> str:
    """Return rows as RFC 4180 text with CRLF."""
    return "".join(",".join(_cell(cell) for cell in row) + "\r\n" for row in table)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
