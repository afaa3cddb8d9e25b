"""``raabta mappings diff``: what a changed mapping would change, and who has approved it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from gateway.accounts.terminal import plain
from gateway.changes import Replay, Replayed, sample_files
from gateway.cli.explaining import reading_room
from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, misused, out, print_json
from gateway.store.errors import StoreError
from gateway.store.opening import reading_sqlite
from mappings.dates import KARACHI
from mappings.engine.comparison import Change, Group
from mappings.engine.errors import MappingMistake, WordsError
from mappings.engine.load import SIGN_OFF
from mappings.engine.overlay import Overlay, overlay
from mappings.engine.signoff import DIGEST_LENGTH, SignOff, read_sign_offs, unsigned
from mappings.library import library

MOST_SHOWN = 3
"""Values shown of one change."""


@dataclass(frozen=True)
class Difference:
    """What would change in one format, and which changes nobody has approved."""

    found: Replayed
    digest: str
    open: tuple[Change, ...]

    def as_json(self, *, values: bool) -> dict[str, Any]:
        """Return the difference as JSON values."""
        groups = self.found.groups
        return {
            "format": self.found.format,
            "installed": library()[self.found.format].digest,
            "changed": self.digest,
            "documents": self.found.documents,
            "unreadable": self.found.unreadable,
            "changes": [{**g.as_json(values=values), "signed_off": g.change not in self.open} for g in groups],
        }


def changed_folder(folder: Path) -> Overlay:
    """Return the mappings of a folder outside the package, or say what is wrong and end with status 2."""
    if not folder.is_dir():
        misused("there is no such folder")
    try:
        return overlay(folder.resolve())
    except WordsError as error:
        misused(str(error))


def diffed(  # noqa: PLR0917 - the options of a command, given by name
    to: Annotated[Path, typer.Option(help="The changed mapping folder, or a folder of several.")],
    format_id: Annotated[str | None, typer.Option("--format", help="Only this format.")] = None,
    since: Annotated[str | None, typer.Option(help="Stored messages since this day, YYYY-MM-DD.")] = None,
    samples: Annotated[Path | None, typer.Option(help="Replay the documents of this folder instead.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="raabta.toml, whose database is replayed.")] = None,
    values: Annotated[bool, typer.Option(help="Show values before and after; they may be a child's.")] = False,
    sign: Annotated[str | None, typer.Option(metavar="NAME", help="Approve every change under this name.")] = None,
    why: Annotated[str | None, typer.Option(help="Why; goes with --sign.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replay stored messages or documents on a changed mapping, dry, and show what would come out differently."""
    if (sign is None) != (why is None):
        misused("--sign and --why go together")
    changed = changed_folder(to)
    names = [name for name in changed.folders if name in library()]
    if format_id is not None and format_id not in names:
        misused(f"the folder changes no such format; it holds {', '.join(changed.folders)}")
    wanted = [format_id] if format_id else names
    with err.status("replaying"):
        found = [_difference(changed, name, _replayed(changed, name, since, samples, config)) for name in wanted]
    if sign is not None and why is not None:
        found = [_signed(changed, each, sign, why) for each in found]
    if json:
        print_json([each.as_json(values=values) for each in found])
    else:
        for each in found:
            _show(each, values=values)
    if any(each.open for each in found):
        bad()


def _replayed(changed: Overlay, name: str, since: str | None, samples: Path | None, config: Path | None) -> Replayed:
    installed = library()[name]
    try:
        replay = Replay(installed, changed.mapping(name))
    except Exception as error:  # noqa: BLE001 - a changed mapping is foreign code: loading it may raise anything
        said = str(error) if isinstance(error, MappingMistake) else type(error).__name__
        err.print(Text(f"{name} does not load: {said}; see raabta mappings check --folder", style="red"))
        bad()
    if samples is not None:
        if not samples.is_dir():
            misused("there is no such folder of samples")
        replay.samples(sample_files(samples))
    elif config is not None or Path("raabta.toml").is_file():
        _stored(replay, config, _instant(since))
    else:
        inside = changed.folders[name].joinpath("samples")
        replay.samples(sample_files(inside) if inside.is_dir() else ())
    return replay.result()


def _stored(replay: Replay, config: Path | None, since: float) -> None:
    settings = settings_of(config)
    try:
        room = reading_room(settings)
        with reading_sqlite(settings.path(settings.gateway.database)) as readers, readers.connection() as connection:
            replay.stored(room, connection, since)
    except StoreError as error:
        err.print(f"[red]{error}[/red]")
        bad()


def _instant(since: str | None) -> float:
    """Return when a day begins in Asia/Karachi, Unix seconds."""
    if since is None:
        return 0.0
    try:
        day = date.fromisoformat(since)
    except ValueError:
        misused("--since takes a day, YYYY-MM-DD")
    return datetime(day.year, day.month, day.day, tzinfo=KARACHI).timestamp()


def _difference(changed: Overlay, name: str, found: Replayed) -> Difference:
    digest = changed.mapping(name).mapping.digest
    changes = [group.change for group in found.groups]
    return Difference(found, digest, tuple(unsigned(changes, _sign_offs(changed, name), digest)))


def _sign_offs(changed: Overlay, name: str) -> tuple[SignOff, ...]:
    file = changed.folders[name].joinpath(SIGN_OFF)
    if not file.is_file():
        return ()
    try:
        return read_sign_offs(file.read_text("utf-8"), f"{name}/{SIGN_OFF}")
    except (MappingMistake, tomllib.TOMLDecodeError) as mistake:
        misused(str(mistake))


def _signed(changed: Overlay, difference: Difference, who: str, why: str) -> Difference:
    """Write an approval for every open change, and return the difference as it then is."""
    if not difference.open:
        return difference
    name = difference.found.format
    today = datetime.now(KARACHI).date()
    said = dict.fromkeys((change.path, change.kind.value) for change in difference.open)
    file = Path(str(changed.folders[name].joinpath(SIGN_OFF)))
    mark = difference.digest[:DIGEST_LENGTH]
    try:
        with file.open("a", encoding="utf-8") as stream:
            stream.writelines("\n" + SignOff(path, kind, who, why, today, mark).as_toml() for path, kind in said)
    except OSError:
        misused("the sign-off cannot be written beside the changed mapping")
    err.print(f"signed off: {len(said)} change(s) in {name}/{SIGN_OFF}")
    return _difference(changed, name, difference.found)


def _show(difference: Difference, *, values: bool) -> None:
    found = difference.found
    title = f"{found.format}: {len(found.groups)} change(s) in {found.documents} replayed document(s)"
    if found.unreadable:
        title += f", {found.unreadable} could not be replayed"
    if not found.groups:
        out.print(f"[green]{title}[/green]")
        return
    table = Table(title=title, title_justify="left")
    for name in ("half", "document", "what", "place", "before", "after", "seen", "signed off", *(["values"] * values)):
        table.add_column(name, overflow="fold")
    for group in found.groups:
        table.add_row(*_row(group, difference.open, values=values))
    out.print(table)


def _row(group: Group, still_open: Iterable[Change], *, values: bool) -> list[Text]:
    change = group.change
    signed = "no" if change in set(still_open) else "yes"
    cells = (change.direction.value, change.document, change.kind.value, change.path, change.before, change.after)
    row = [Text(plain(cell)) for cell in (*cells, str(len(group.seen_in)), signed)]
    if values:
        pairs = (f"{value.before or '-'} -> {value.after or '-'}" for value in group.values[:MOST_SHOWN])
        row.append(Text(plain("\n".join(pairs))))
    return row
