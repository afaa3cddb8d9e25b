"""Golden runs: what every sample of every mapping gave when somebody last looked; digests in place of values.

python -m tests.accounts.golden_runs                              writes what is new, refuses what nobody approved
python -m tests.accounts.golden_runs --sign "NAME" --why "TEXT"   approves every change, and writes
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from gateway.changes import outcome, sample_files
from mappings.canonical import canonical_mapping
from mappings.engine.comparison import Change, compare
from mappings.engine.load import SIGN_OFF
from mappings.engine.mapping import Mapping
from mappings.engine.signoff import DIGEST_LENGTH, SignOff, read_sign_offs, unsigned
from mappings.engine.snapshot import Direction, Run
from mappings.library import library

GOLDEN = Path(__file__).parent / "golden"
MAPPINGS = Path(__file__).parents[2] / "mappings"
Runs = dict[str, dict[str, Run]]
"""Runs by sample and direction."""


def formats() -> list[Mapping]:
    """Return every mapping that has a folder."""
    return [mapping for mapping in library().values() if mapping.documents]


def runs(mapping: Mapping) -> Runs:
    """Return what the samples of a mapping give now."""
    return _runs_of(mapping.format)


@cache
def _runs_of(name: str) -> Runs:
    mapping = library()[name]
    folder = MAPPINGS / mapping.format / "samples"
    files = sample_files(folder) if folder.is_dir() else iter(())
    return {name: dict(_halves(mapping, name, data)) for name, data in files}


def _halves(mapping: Mapping, name: str, data: bytes) -> Iterator[tuple[str, Run]]:
    source = canonical_mapping() if name.startswith("fullest.") else mapping
    read = outcome(lambda: source.read(data))
    if source is mapping:
        yield Direction.READ.value, read.run(Direction.READ).digested()
    for number, reading in enumerate(read.translations, 1):
        written = outcome(lambda value=reading.value: (mapping.write(value),))
        yield f"{Direction.WRITE.value} {number}", written.run(Direction.WRITE).digested()


def expected(mapping: Mapping) -> Runs:
    """Return what the samples gave when somebody last looked."""
    file = GOLDEN / f"{mapping.format}.json"
    said: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return {name: {half: Run.from_json(run) for half, run in halves.items()} for name, halves in said.items()}


def changes(mapping: Mapping) -> list[Change]:
    """Return what comes out differently now; a sample that is new or gone is no change."""
    then, now = expected(mapping), runs(mapping)
    empty = Run((), frozenset())
    found: dict[Change, None] = {}
    for name in then.keys() & now.keys():
        for half in sorted(then[name].keys() | now[name].keys()):
            direction = Direction(half.partition(" ")[0])
            pair = (then[name].get(half, empty), now[name].get(half, empty))
            found.update(dict.fromkeys(change for change, _ in compare(direction, *pair)))
    return sorted(found)


def sign_offs(mapping: Mapping) -> tuple[SignOff, ...]:
    """Return the approvals beside a mapping."""
    file = MAPPINGS / mapping.format / SIGN_OFF
    return read_sign_offs(file.read_text("utf-8"), file.name) if file.is_file() else ()


def still_open(mapping: Mapping) -> list[Change]:
    """Return the changes nobody has approved."""
    return unsigned(changes(mapping), sign_offs(mapping), mapping.digest)


def _sign(mapping: Mapping, who: str, why: str) -> None:
    said = dict.fromkeys((change.path, change.kind.value) for change in still_open(mapping))
    today, mark = datetime.now(UTC).date(), mapping.digest[:DIGEST_LENGTH]
    with (MAPPINGS / mapping.format / SIGN_OFF).open("a", encoding="utf-8") as stream:
        stream.writelines("\n" + SignOff(path, kind, who, why, today, mark).as_toml() for path, kind in said)


def _write(mapping: Mapping) -> None:
    said = {name: {half: run.as_json() for half, run in halves.items()} for name, halves in runs(mapping).items()}
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / f"{mapping.format}.json").write_text(f"{_printed(said)}\n", "utf-8")


def _printed(said: Any, depth: int = 0) -> str:
    """Return JSON in which every object has its own lines and every list stands on one: one field, one line."""
    if isinstance(said, list) and any(isinstance(item, dict) for item in said):
        return f"[{', '.join(_printed(item, depth) for item in said)}]"
    if not isinstance(said, dict) or not said:
        return json.dumps(said, ensure_ascii=False)
    margin = " " * (depth + 1)
    lines = (f"{margin}{json.dumps(key)}: {_printed(said[key], depth + 1)}" for key in sorted(said))
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"


def main() -> int:
    """Write the golden runs of every mapping whose changes are approved; return how many are not."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sign")
    parser.add_argument("--why")
    asked = parser.parse_args()
    refused = 0
    for mapping in formats():
        if still_open(mapping) and asked.sign and asked.why:
            _sign(mapping, asked.sign, asked.why)
        if open_now := still_open(mapping):
            refused += 1
            for change in open_now:
                sys.stderr.write(f"{mapping.format}: {' '.join(change)}\n")
        else:
            _write(mapping)
    return refused


if __name__ == "__main__":
    sys.exit(main())
