"""The table of who gets which answer, read from ``permissions.txt``, and the routes the OpenAPI document knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from gateway.api.caller import OPEN

OWNERS = ("own", "addressed", "other")
_VERBS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@dataclass(frozen=True)
class Row:
    """One route, what it demands, and its answers by whose a thing is."""

    method: str
    path: str
    scope: str
    own: str
    addressed: str
    other: str
    operator: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def open(self) -> bool:
        return self.scope == OPEN

    def cells(self) -> dict[str, str]:
        """Return what an agency is answered, by whose the thing is; without what does not apply."""
        return {owner: cell for owner in OWNERS if (cell := getattr(self, owner)) != "-"}


def table() -> tuple[Row, ...]:
    """Return every row, in the order of the file."""
    lines = (Path(__file__).parent / "permissions.txt").read_text("utf-8").splitlines()
    rows = []
    for line in lines:
        if line and not line.startswith("#"):
            method, path, *scope, own, addressed, other, operator = line.split()
            rows.append(Row(method, path, " ".join(scope), own, addressed, other, operator))
    return tuple(rows)


def routes(app: FastAPI) -> dict[str, str | None]:
    """Return every route of an application by method and path, and the scope its document says it demands."""
    return {
        f"{verb.upper()} {path}": operation.get("x-scope")
        for path, item in app.openapi()["paths"].items()
        for verb, operation in item.items()
        if verb in _VERBS
    }
