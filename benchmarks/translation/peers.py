"""The engines others use, each in a process of its own, on one task: a FIR becomes a Bundle for a hospital.

What a gateway knows beside the report (references, parties, what is asked) is given to all alike (``envelope.json``).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.translation.opponents import SLICES, read
from benchmarks.translation.timing import Runner
from mappings.concern import Party, Requested
from mappings.dates import instant
from mappings.library import library
from mappings.referral import Referral

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "peers"
PYTHON = ROOT.parent / "build" / "bench-peers" / "bin" / "python"
"""Made by ``make bench``: one of the peers demands an older lxml than ours."""
NAMES = {"liquid": "python-fhir-converter 0.3.0 (Liquid)", "jsonata": "jsonata-python 0.7.1"}
_FIR = next(one for one in SLICES if one.format == "police_fir")
_WAIT = 10
"""Seconds a peer that was told to end is given."""


class Peer:
    """A peer that converts as often as it is asked, and measures itself."""

    def __init__(self, kind: str) -> None:
        slice_ = ROOT / "slices" / _FIR.file
        command = [str(PYTHON), str(FOLDER / "serve.py"), kind, str(slice_), str(FOLDER / "envelope.json")]
        self.process = subprocess.Popen(  # noqa: S603  (our own interpreter on our own file)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.bundle: dict[str, Any] = json.loads(self._line())

    def _line(self) -> str:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError("the peer has ended")
        return line

    def run(self, times: int) -> int:
        """Convert, and return the processor time it took (nanoseconds)."""
        if self.process.stdin is None:
            raise RuntimeError("the peer cannot be asked")
        self.process.stdin.write(f"{times}\n")
        self.process.stdin.flush()
        return int(self._line())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.communicate(timeout=_WAIT)


def ours() -> Callable[[], bytes]:
    """Return the same conversion by the engine: the report is read, what the gateway knows is put on, it is written."""
    data, fir, fhir = _FIR.data, _FIR.mapping, library()["health_fhir"]
    known = _envelope()

    def convert() -> bytes:
        return fhir.draft(read(fir, data).model_copy(update=known)).value

    return convert


def _envelope() -> dict[str, Any]:
    told = json.loads((FOLDER / "envelope.json").read_text("utf-8"))
    sender, receiver = (
        Party(agency=told[key]["id"], name=told[key]["name"], kind=told[key]["kind"].upper())
        for key in ("sender", "receiver")
    )
    words = {key: told[key].upper().replace("-", "_") for key in ("service", "action")}
    requested = Requested.model_validate({**words, "reply_by": instant(told["reply_by"])})
    values = {"ref": told["ref"], "case_ref": told["case"], "sender": sender, "recipients": (receiver,)}
    Referral.model_validate({**values, "requested": requested})
    return {**values, "requested": requested}


def bare(bundle: dict[str, Any]) -> Any:
    """Return a Bundle with its addresses replaced by positions, and without local ids: what is left is what it says."""
    places = {entry["fullUrl"]: f"entry {index}" for index, entry in enumerate(bundle["entry"])}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key != "id"}
        if isinstance(value, list):
            return [plain(item) for item in value]
        return places.get(value, value) if isinstance(value, str) else value

    return plain(bundle)


@contextmanager
def contest() -> Iterator[dict[str, Runner]]:
    """Start the peers and yield the runner of each by its name.

    Raises:
        RuntimeError: a peer's Bundle does not say what ours says, so that nothing could be compared.
    """
    expected = bare(json.loads(ours()()))
    with Peer("liquid") as liquid, Peer("jsonata") as jsonata:
        for kind, peer in (("liquid", liquid), ("jsonata", jsonata)):
            if bare(peer.bundle) != expected:
                raise RuntimeError(f"{NAMES[kind]} makes another Bundle")
        yield {NAMES["liquid"]: liquid.run, NAMES["jsonata"]: jsonata.run}
