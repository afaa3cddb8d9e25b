"""Settings: one TOML file, read once, frozen; secrets by reference only (design/contract.md section 5).

``RAABTA_<SECTION>_<KEY>`` in the environment overrides a single value. Every mistake is found and named with file and
line; :func:`read_settings` refuses with all of them at once.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.routing import Destination, Route, RoutingTable, When


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GatewaySection(_Section):
    """Who this gateway is."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^\s/]+(/[^\s]*)?[^/\s]$")] = "http://127.0.0.1:8400"
    """Public base URL: issuer of tokens, audience of tokens."""
    environment: Literal["production", "sandbox"] = "production"
    """Production refuses sample numbers; a sandbox says in every answer that it is one."""
    database: Path = Path("var/raabta.sqlite")
    agencies: Path = Path("agencies")
    """Folder of one TOML file for each connected agency."""
    keys: Path = Path("var/keys")
    """Folder of the gateway's own keys, mode 0700."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8400


class DeliverySection(_Section):
    """How deliveries run."""

    concurrency: Annotated[int, Field(ge=1, le=512)] = 32
    """Deliveries under way at once in one worker."""
    per_destination: Annotated[int, Field(ge=1, le=64)] = 8
    poll: Annotated[float, Field(gt=0, le=60)] = 1.0
    """Seconds between looks at the lanes when nothing wakes the worker."""
    lease: Annotated[float, Field(ge=5, le=3_600)] = 60.0
    """Seconds a worker may hold a lane without settling."""
    time_scale: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Multiplies every wait of the retry schedules and the breaker; below 1 in demonstrations and tests only."""


class LimitsSection(_Section):
    """Bounds that protect the gateway."""

    body: Annotated[int, Field(ge=1_024)] = 16 * 1_048_576
    """Largest request body, octets; each format has its own, smaller limit."""
    queue: Annotated[int, Field(ge=1)] = 2_000
    """Requests that may wait for a commit."""


class Settings(_Section):
    """Everything the gateway is told from outside."""

    gateway: GatewaySection = GatewaySection()
    delivery: DeliverySection = DeliverySection()
    limits: LimitsSection = LimitsSection()
    routing: RoutingTable = RoutingTable()
    folder: Path = Path()
    """Where relative paths begin: the folder of the file."""

    def path(self, path: Path) -> Path:
        """Return a configured path as seen from the folder of the settings."""
        return path if path.is_absolute() else self.folder / path

    def printed(self) -> dict[str, Any]:
        """Return the settings for people; they hold no secret, only references to files."""
        return self.model_dump(mode="json", exclude={"routing", "folder"})


class Mistake:
    """One mistake in a configuration file."""

    def __init__(self, file: str, line: int, message: str) -> None:
        self.file = file
        self.line = line
        self.message = message

    def __str__(self) -> str:
        """Return ``file:line: message``."""
        return f"{self.file}:{self.line}: {self.message}"


class SettingsRefused(Exception):
    """The configuration is wrong; every mistake is listed."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(str(m) for m in self.mistakes))


def read_settings(path: Path | None) -> Settings:
    """Return the settings of a file (or the defaults), overridden by the environment.

    Raises:
        SettingsRefused: with every mistake, its file and line.
    """
    text, folder, name = "", Path(), "environment"
    if path is not None:
        try:
            text, folder, name = path.read_text("utf-8"), path.resolve().parent, path.name
        except (OSError, UnicodeDecodeError):
            raise SettingsRefused([Mistake(path.name, 0, "the file cannot be read")]) from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused([Mistake(name, 0, str(error))]) from None
    mistakes: list[Mistake] = []
    routing = _routing(table, text, name, mistakes)
    sections = {key: table[key] for key in ("gateway", "delivery", "limits") if key in table}
    for key in set(table) - {"gateway", "delivery", "limits", "route", "give"}:
        mistakes.append(Mistake(name, _line(text, f"[{key}"), f"unknown section {key!r}"))
    try:
        settings = Settings.model_validate({**_overridden(sections), "folder": folder})
    except ValidationError as error:
        mistakes += [_mistake(item, text, name) for item in error.errors(include_input=False, include_url=False)]
    if mistakes:
        raise SettingsRefused(mistakes)
    return settings.model_copy(update={"routing": routing})


def _overridden(sections: dict[str, Any]) -> dict[str, Any]:
    result = {key: dict(value) for key, value in sections.items()}
    for section in ("gateway", "delivery", "limits"):
        prefix = f"RAABTA_{section.upper()}_"
        for name, value in os.environ.items():
            if name.startswith(prefix):
                result.setdefault(section, {})[name.removeprefix(prefix).lower()] = value
    return result


def _line(text: str, needle: str) -> int:
    return next((n for n, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith(needle)), 0)


def _mistake(item: Any, text: str, name: str) -> Mistake:
    where = ".".join(str(part) for part in item["loc"])
    return Mistake(name, _line(text, str(item["loc"][-1])), f"{where}: {item['msg']}")


_WHEN = {"sender", "sender_kind", "concern", "service", "district"}
_TO = {"agency", "purpose", "service", "action", "give"}


def _routing(table: dict[str, Any], text: str, name: str, mistakes: list[Mistake]) -> RoutingTable:
    routes = []
    for entry in table.get("route", ()):
        line = _line(text, f'id = "{entry.get("id", "")}"')
        unknown = (set(entry) - {"id", "when", "to"}) | (set(entry.get("when", {})) - _WHEN)
        unknown |= {key for to in entry.get("to", ()) for key in set(to) - _TO}
        if unknown:
            mistakes.append(Mistake(name, line, f"unknown key {sorted(unknown)[0]!r} in a route"))
            continue
        if not entry.get("id") or not all("agency" in to for to in entry.get("to", ())):
            mistakes.append(Mistake(name, line, "a route needs an id, and each 'to' an agency"))
            continue
        when = When(**{key: _words(value) for key, value in entry.get("when", {}).items()})
        routes.append(Route(entry["id"], when, tuple(Destination(**to) for to in entry.get("to", ()))))
    return RoutingTable(tuple(routes), table.get("give", {}))


def _words(value: str | list[str]) -> frozenset[str]:
    return frozenset([value] if isinstance(value, str) else value)
