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
from gateway.cli.keeping import Target, targets
from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, misused, out, print_json
from gateway.connected import database
from gateway.store.errors import StoreError
from gateway.store.opening import reading
from mappings.dates import KARACHI
from mappings.engine.comparison import Change, Group
from mappings.engine.errors import MappingMistake
from mappings.engine.load import SIGN_OFF
from mappings.engine.overlay import OverlaidMapping
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


def diffed(  # noqa: PLR0917 - the options of a command, given by name
    to: Annotated[
        str,
        typer.Option(metavar="VERSION|FOLDER", help="A kept version or the digest of one, or a folder of mappings."),
    ],
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
    wanted = targets(to, format_id, config)
    with err.status("replaying"):
        pairs = [(target, _compared(target, since, samples, config)) for target in wanted]
    if sign is not None and why is not None:
        pairs = [(target, _signed(target, each, sign, why)) for target, each in pairs]
    found = [each for _, each in pairs]
    if json:
        print_json([each.as_json(values=values) for each in found])
    else:
        for each in found:
            _show(each, values=values)
    if any(each.open for each in found):
        bad()


def _compared(target: Target, since: str | None, samples: Path | None, config: Path | None) -> Difference:
    changed = _loaded(target)
    replay = Replay(library()[target.format], changed)
    stored = samples is None and (config is not None or Path("raabta.toml").is_file())
    if since is not None and not stored:
        misused("--since chooses among stored messages: name the gateway's configuration with --config")
    if stored:
        _stored(replay, config, _instant(since))
    else:
        replay.samples(sample_files(_samples(target, samples)))
    return _difference(target, changed.mapping.digest, replay.result())


def _loaded(target: Target) -> OverlaidMapping:
    try:
        return target.load()
    except typer.Exit:
        raise
    except Exception as error:  # noqa: BLE001 - a changed mapping is foreign code: loading it may raise anything
        said = str(error) if isinstance(error, MappingMistake) else type(error).__name__
        err.print(Text(f"{target.format} does not load: {said}; see raabta mappings check --folder", style="red"))
        bad()


def _samples(target: Target, given: Path | None) -> Path:
    """Return the folder of documents to replay: the one given, or the changed mapping's own."""
    folder = given or target.folder / "samples"
    if not folder.is_dir():
        misused("there is no such folder of samples")
    return folder


def _stored(replay: Replay, config: Path | None, since: float) -> None:
    settings = settings_of(config)
    try:
        room = reading_room(settings)
        with reading(database(settings)) as readers, readers.connection() as connection:
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


def _difference(target: Target, digest: str, found: Replayed) -> Difference:
    changes = [group.change for group in found.groups]
    return Difference(found, digest, tuple(unsigned(changes, _sign_offs(target), digest)))


def _sign_offs(target: Target) -> tuple[SignOff, ...]:
    file = target.folder / SIGN_OFF
    if not file.is_file():
        return ()
    try:
        return read_sign_offs(file.read_text("utf-8"), f"{target.format}/{SIGN_OFF}")
    except (MappingMistake, tomllib.TOMLDecodeError) as mistake:
        misused(str(mistake))


def _signed(target: Target, difference: Difference, who: str, why: str) -> Difference:
    """Write an approval for every open change, and return the difference as it then is."""
    if not difference.open:
        return difference
    today = datetime.now(KARACHI).date()
    said = dict.fromkeys((change.path, change.kind.value) for change in difference.open)
    mark = difference.digest[:DIGEST_LENGTH]
    try:
        with (target.folder / SIGN_OFF).open("a", encoding="utf-8") as stream:
            stream.writelines("\n" + SignOff(path, kind, who, why, today, mark).as_toml() for path, kind in said)
    except OSError:
        misused("the sign-off cannot be written beside the changed mapping")
    err.print(f"signed off: {len(said)} change(s) in {target.format}/{SIGN_OFF}")
    return _difference(target, difference.digest, difference.found)


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
