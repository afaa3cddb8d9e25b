"""The table of a long run, written into docs/reliability.md when `RAABTA_CHAOS_REPORT` names that file."""

import os
import time
from pathlib import Path

BEGIN, END = "<!-- chaos: begin -->", "<!-- chaos: end -->"
HEAD = (
    "| what was done | times | accepted | seconds | lost | doubled | out of order |",
    "|---|---|---|---|---|---|---|",
)


MINUTES = float(os.environ.get("RAABTA_CHAOS_MINUTES", "inf"))
"""After so many minutes a test does no more harm and judges what it has; the table tells how far it came."""


def time_is_up(began: float) -> bool:
    """Tell whether a test that began at an instant of the monotonic clock has had its minutes."""
    return time.monotonic() - began > MINUTES * 60


def note(what: str, times: int, accepted: int, seconds: float) -> None:
    """Put a line into the table; it is written only after everything held, so its zeros were seen."""
    name = os.environ.get("RAABTA_CHAOS_REPORT")
    if not name:
        return
    path = Path(name)
    before, _, rest = path.read_text("utf-8").partition(BEGIN)
    table, _, after = rest.partition(END)
    lines = [line for line in table.splitlines() if line.startswith("| ") and line not in HEAD]
    lines = [line for line in lines if not line.startswith(f"| {what} |")]
    lines.append(f"| {what} | {times} | {accepted} | {seconds:.0f} | 0 | 0 | 0 |")
    path.write_text(before + "\n".join([BEGIN, *HEAD, *lines, END]) + after, "utf-8")
