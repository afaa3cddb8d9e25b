"""``raabta mappings check | diff | archive | versions | reference | source``: to write mappings and approve changes."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from gateway.cli import keeping
from gateway.cli.changing import diffed
from gateway.cli.keeping import changed_folder
from gateway.cli.telling import bad, err, misused, out, print_json
from mappings.engine.inspection import Problem
from mappings.engine.overlay import Overlay
from mappings.library import library
from mappings.reference import page
from mappings.trial import check

mappings = typer.Typer(no_args_is_help=True, help="Write mappings, and see what a change would change.")
mappings.command("diff")(diffed)
keeping.register(mappings)
Folder = Annotated[Path | None, typer.Option(help="A mapping folder outside the package, or a folder of several.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.add_typer(mappings, name="mappings")


@mappings.command("check")
def checked(
    format_id: Annotated[str | None, typer.Argument(metavar="FORMAT", help="Only this format.")] = None,
    folder: Folder = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find every mistake of a mapping folder and run the laws over its samples."""
    found = _outside(changed_folder(folder), format_id) if folder else _installed(format_id)
    mistakes = [problem for problem in found if problem.grave]
    if json:
        print_json({"valid": not mistakes, "problems": [problem.as_json() for problem in found]})
    else:
        for problem in found:
            _tell(problem)
        if not mistakes:
            out.print("[green]every law holds[/green]")
    if mistakes:
        err.print(f"[red]{len(mistakes)} mistake(s)[/red]")
        bad()


@mappings.command("reference")
def written(
    format_id: Annotated[str | None, typer.Argument(metavar="FORMAT", help="Only this format.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Where the pages go.")] = Path("docs/mappings"),
) -> None:
    """Write the reference page of each mapping: rules, labels, drops, codes."""
    known = {name: mapping for name, mapping in library().items() if mapping.documents}
    folder.mkdir(parents=True, exist_ok=True)
    for name in _wanted(list(known), format_id):
        (folder / f"{name}.md").write_text(page(known[name]), "utf-8")
        err.print(f"written: {name}.md")


@mappings.command("source")
def generated(
    format_id: Annotated[str, typer.Argument(metavar="FORMAT", help="A format.")],
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="One of its documents.")],
) -> None:
    """Print the Python source that is made from a document's rules."""
    known = {name: mapping for name, mapping in library().items() if mapping.documents}
    _wanted(list(known), format_id)
    documents = {each.name: each for each in known[format_id].documents}
    if document not in documents:
        misused(f"unknown document; known are {', '.join(documents)}")
    made = documents[document].generated
    typer.echo(f"{made.reading.source}\n\n{made.writing.source}")


def _installed(format_id: str | None) -> list[Problem]:
    names = sorted(
        folder.name for folder in resources.files("mappings").iterdir() if folder.joinpath("mapping.toml").is_file()
    )
    return [problem for name in _wanted(names, format_id) for problem in check(f"mappings.{name}")]


def _outside(changed: Overlay, format_id: str | None) -> list[Problem]:
    with changed.active():
        names = _wanted(list(changed.folders), format_id)
        return [problem for name in names for problem in check(f"mappings.{name}")]


def _wanted(names: list[str], format_id: str | None) -> list[str]:
    if format_id is None:
        return names
    if format_id not in names:
        misused(f"unknown format; known are {', '.join(names)}")
    return [format_id]


def _tell(problem: Problem) -> None:
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    line = Text(f"{place}: ", style="bold") + Text(problem.message, style="red" if problem.grave else "dim")
    out.print(line + Text(f"  ({problem.suggestion})", style="cyan") if problem.suggestion else line)
