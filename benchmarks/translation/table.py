"""The table of the translation benchmark, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.stage.page import machine
from benchmarks.translation.timing import Ratio

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
