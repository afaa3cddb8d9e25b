"""How the command speaks: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from gateway.settings import Mistake
from mappings.engine.findings import Finding, Severity
from mappings.engine.mapping import Mapping
from mappings.library import library

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

WRONG_USAGE = 2


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def misused(message: str) -> NoReturn:
    """Say what is wrong with the call and end with status 2."""
    err.print(f"[red]{message}[/red]")
    raise typer.Exit(WRONG_USAGE)


def bad() -> NoReturn:
    """End with status 1: the thing asked about is bad."""
    raise typer.Exit(1)


def document(file: str) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError:
        misused("the file cannot be read")


def named_format(name: str, direction: str) -> Mapping:
    """Return a format, or end with status 2 if it is unknown or does not go that way."""
    mapping = library().get(name)
    if mapping is None:
        misused(f"unknown format; known are {', '.join(library())}")
    if direction not in (*mapping.directions, "validate"):  # every format can be judged
        misused(f"{name} cannot be used that way ({direction})")
    return mapping


def tell(findings: Iterable[Finding], console: Console) -> None:
    """Print findings, one to a line; nothing of a path is taken for markup."""
    for finding in findings:
        colour = "red" if finding.severity is Severity.ERROR else "yellow"
        line = Text.assemble((finding.code, colour), f" {finding.path or '(document)'} {finding.message}")
        console.print(line + Text(f" ({finding.ours})", "dim") if finding.ours else line)


def tell_mistakes(mistakes: Iterable[Mistake], console: Console) -> None:
    """Print mistakes of a configuration, one to a line: file, line, what is wrong."""
    for mistake in mistakes:
        console.print(Text(str(mistake), "red"))
