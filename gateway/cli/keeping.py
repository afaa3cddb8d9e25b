"""``raabta mappings archive | versions``, and what ``raabta mappings diff --to`` means: a folder or a version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gateway import versions
from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err, misused, out, print_json
from mappings.engine.errors import WordsError
from mappings.engine.mapping import Mapping
from mappings.engine.overlay import OverlaidMapping, Overlay, overlay
from mappings.library import library

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]


@dataclass(frozen=True)
class Target:
    """One mapping a format could be changed to."""

    format: str
    overlay: Overlay
    digest: str = ""
    """What its digest began with when it was kept; empty for a folder, which is as it is."""

    def load(self) -> OverlaidMapping:
        """Return the mapping; raises what :meth:`Overlay.mapping` raises, and what loading foreign code may."""
        mapping = self.overlay.mapping(self.format)
        if not mapping.mapping.digest.startswith(self.digest):
            err.print(f"[red]this {self.format} is not what was kept: its files have been changed[/red]")
            bad()
        return mapping

    @property
    def folder(self) -> Path:
        """Where it is."""
        return Path(str(self.overlay.folders[self.format]))


def register(mappings: typer.Typer) -> None:
    """Add the verbs to ``raabta mappings``."""
    mappings.command("archive")(archived)
    mappings.command("versions")(listed)


def archived(
    format_id: Annotated[str | None, typer.Argument(metavar="FORMAT", help="Only this format.")] = None,
    config: Config = None,
) -> None:
    """Put the mappings that run aside as versions, to be compared with later (raabta mappings diff --to VERSION)."""
    known = _with_folders()
    if format_id is not None and format_id not in known:
        misused(f"unknown format; known are {', '.join(known)}")
    folder = _archive(config)
    for name in [format_id] if format_id else list(known):
        mapping = known[name]
        try:
            new = versions.keep(mapping, folder)
        except OSError:
            misused("the folder of kept versions cannot be written ([gateway] mappings)")
        what = "kept" if new else "kept already"
        err.print(f"{what}: {name} {mapping.version} {mapping.digest[: versions.DIGITS]}")


def listed(
    format_id: Annotated[str | None, typer.Argument(metavar="FORMAT", help="Only this format.")] = None,
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the versions of mappings that run and those that are kept."""
    running = [(m.format, m.version, m.digest[: versions.DIGITS], True) for m in _with_folders().values()]
    aside = [(k.format, k.version, k.digest, False) for k in versions.kept(_archive(config))]
    rows = sorted(row for row in (*running, *aside) if format_id in (None, row[0]))
    if json:
        names = ("format", "version", "digest", "runs")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    table = Table("format", "version", "digest", "")
    for name, version, digest, runs in rows:
        table.add_row(name, version, digest, "runs" if runs else "kept")
    out.print(table)


def targets(to: str, format_id: str | None, config: Path | None) -> list[Target]:
    """Return what ``--to`` names: a folder, or a kept version; ends with status 2 if it is neither."""
    if (folder := Path(to)).is_dir():
        return _of_folder(changed_folder(folder), format_id)
    return _of_version(to, format_id, versions.kept(_archive(config)))


def changed_folder(folder: Path) -> Overlay:
    """Return the mappings of a folder outside the package, or say what is wrong and end with status 2."""
    if not folder.is_dir():
        misused("there is no such folder")
    try:
        return overlay(folder.resolve())
    except WordsError as error:
        misused(str(error))


def _of_folder(changed: Overlay, format_id: str | None) -> list[Target]:
    names = [name for name in changed.folders if name in library()]
    if not names or format_id not in (None, *names):
        misused(f"the folder changes no such format; it holds {', '.join(changed.folders)}")
    return [Target(name, changed) for name in ([format_id] if format_id else names)]


def _of_version(name: str, format_id: str | None, known: list[versions.Kept]) -> list[Target]:
    wanted = [each for each in known if format_id in (None, each.format) and each.format in library()]
    found = [each for each in wanted if each.answers(name)]
    if not found:
        there = ", ".join(f"{each.format} {each.version} ({each.digest})" for each in wanted)
        misused(f"there is no such folder, and no such version is kept; kept are: {there or 'none'}")
    if twice := [each for each in found if sum(other.format == each.format for other in found) > 1]:
        misused(f"several are meant, say which by its digest: {', '.join(each.digest for each in twice)}")
    return [Target(each.format, changed_folder(each.folder), each.digest) for each in found]


def _with_folders() -> dict[str, Mapping]:
    return {name: mapping for name, mapping in library().items() if mapping.documents}


def _archive(config: Path | None) -> Path:
    settings = settings_of(config)
    return settings.path(settings.gateway.mappings)
