"""An account as tables for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from gateway.accounts import words
from gateway.accounts.rows import Account, Fate, LeftBehind, Ours, Place, Source, Written
from mappings.engine.findings import Finding

_COLOURS = {"carried": "green", "coarsened": "yellow", "constant": "dim", "selector": "dim", "derived": "cyan"}
_FATES = {Fate.DROPPED: "yellow", Fate.WITHHELD: "magenta", Fate.LEFTOVER: "red"}
_HARMLESS = frozenset("\u200c\u200d")
"""Joiners that Urdu words need."""


def plain(value: str) -> str:
    """Return a text that cannot steer a terminal: control, format and bidi characters are shown as codes."""
    return "".join(c if c in _HARMLESS or unicodedata.category(c) not in ("Cc", "Cf") else _code(c) for c in value)


def _code(character: str) -> str:
    return f"<U+{ord(character):04X}>"


def show(account: Account, console: Console, *, values: bool = True) -> None:
    """Print an account.

    Args:
        account: what is shown.
        console: where.
        values: show the values too, not only their places.
    """
    console.print(Text(f"{account.source or '?'}  ->  {account.target}", style="bold"), soft_wrap=False)
    if not account.complete:
        console.print(Text(words.INCOMPLETE.english, style="red"))
    console.print(_written(account, values=values), soft_wrap=False)
    if account.left_behind:
        console.print(_left_behind(account, values=values), soft_wrap=False)
    for finding in account.findings:
        console.print(_finding(finding))
    for held in account.conditional:
        console.print(Text(plain(f"{held.rule} {held.path} ({held.label})"), style="dim"))


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", show_lines=True, expand=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _written(account: Account, *, values: bool) -> Table:
    heads = (words.SOURCE.english, words.OURS.english, words.RULE.english, words.TARGET.english)
    table = _table(words.WRITTEN.english, *heads)
    for row in account.written:
        table.add_row(
            Group(*_sources(row, values=values)), Group(*(_ours(o, values=values) for o in row.ours)), _rule(row),
            _place(row.place, values=values),
        )  # fmt: skip
    return table


def _sources(row: Written, *, values: bool) -> Iterator[RenderableType]:
    if not row.ours:
        yield Text(words.CONSTANT.english if row.outcome == "constant" else row.outcome, style="dim")
    for ours in row.ours:
        if not ours.sources:
            yield Text(words.GIVEN.english, style="dim")
        for source in ours.sources:
            yield _source(source, values=values)


def _source(source: Source, *, values: bool) -> Text:
    by = Text(plain(f"  {source.rule} {source.converter}".rstrip()), style="dim")
    return _place(source.place, values=values) + by if source.place.path else by


def _place(place: Place, *, values: bool) -> Text:
    text = Text(plain(place.path), style="cyan")
    return text + Text(f" {plain(place.value)}", style="default") if values and place.value else text


def _ours(ours: Ours, *, values: bool) -> Text:
    text = Text(plain(ours.path))
    if values and ours.value:
        text += Text(f" {plain(ours.value)}", style="bold")
    return text + Text(f"  {ours.label}", style="dim")


def _rule(row: Written) -> Text:
    outcome = Text(row.outcome, style=_COLOURS.get(row.outcome, "default"))
    return Text(f"{row.rule} {row.converter} ".replace("  ", " ")) + outcome


def _left_behind(account: Account, *, values: bool) -> Table:
    heads = (words.SOURCE.english, words.OURS.english, words.FATE.english)
    table = _table(words.LEFT.english, *heads)
    for row in account.left_behind:
        places = Group(*(_place(place, values=values) for place in row.places if place.path))
        table.add_row(places, _ours(row.ours, values=values) if row.ours else Text(), _fate(row))
    return table


def _fate(row: LeftBehind) -> Text:
    said = Text(words.FATES[row.fate.value].english, style=_FATES.get(row.fate, "dim"))
    return said + Text(plain(f": {row.reason}"), style="default") if row.reason else said


def _finding(finding: Finding) -> Text:
    return Text(f"{finding.severity.value} {finding.code} {plain(finding.path)} {finding.message}", style="yellow")
