"""The table of the translation benchmark, as Markdown, and its place in the documentation."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.translation.timing import Ratio

BEGIN = "<!-- benchmarks/translate.py writes below -->"
END = "<!-- benchmarks/translate.py writes above -->"

_COLUMNS = (
    "Translation", "values", "Raabta", "other", "ratio (middle half of rounds)", "target", "met", "judging on top",
    "account on top",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison of the engine with an opponent."""

    name: str
    values: str
    ours: float
    """Microseconds of processor time, as all costs here."""
    theirs: float
    ratio: Ratio
    target: float
    at_least: bool
    """The ratio shall be at least the target, not at most."""
    judging: float | None
    """What judging by schema and rules costs on top; none where it is not asked."""
    accounting: float | None
    """What the whole account costs on top, when somebody asks for it."""

    @property
    def met(self) -> bool:
        """The target is reached."""
        return self.ratio.value >= self.target if self.at_least else self.ratio.value <= self.target


def markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a table under a line that names the machine."""
    lines = [
        f"Measured on {machine()}; microseconds of processor time, best of alternating blocks, warm.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{' --- |' * len(_COLUMNS)}",
    ]
    return "\n".join([*lines, *(_line(row) for row in rows)])


def _line(row: Row) -> str:
    judging, accounting = ("" if cost is None else f"{cost:.0f}" for cost in (row.judging, row.accounting))
    target = f"{'at least' if row.at_least else 'at most'} {row.target:g}"
    return (
        f"| {row.name} | {row.values} | {row.ours:.0f} | {row.theirs:.0f} | {row.ratio} | {target} "
        f"| {'yes' if row.met else '**no**'} | {judging} | {accounting} |"
    )


def machine() -> str:
    """Return what the figures depend on: processor, cores, system, Python."""
    text = Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "")
    cores = text.count("processor\t")
    return f"{model or platform.machine()}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def write_into(page: Path, table: str) -> None:
    """Put the table between the page's two marks.

    Raises:
        ValueError: the page does not hold both marks.
    """
    before, begin, rest = page.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} does not say where the table goes")
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", "utf-8")
