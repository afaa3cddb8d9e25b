"""A benchmark's place in the documentation, and the machine its figures were taken on."""

from __future__ import annotations

import platform
from pathlib import Path


def machine() -> str:
    """Return what the figures depend on: processor, cores, system, Python."""
    text = Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "")
    cores = text.count("processor\t")
    return f"{model or platform.machine()}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def write_between(page: Path, table: str, command: str) -> None:
    """Put a table between the two marks a page has for a command, such as ``benchmarks/translate.py``.

    Raises:
        ValueError: the page does not hold both marks.
    """
    begin, end = f"<!-- {command} writes below -->", f"<!-- {command} writes above -->"
    before, found, rest = page.read_text("utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page} does not say where the table goes")
    page.write_text(f"{before}{begin}\n\n{table}\n\n{end}{after}", "utf-8")
