"""Settings: one TOML file, read once, frozen; secrets by reference only (design/contract.md section 5).

``RAABTA_<SECTION>_<KEY>`` in the environment overrides a single value. Every mistake is found and named with file and
line; :func:`read_settings` refuses with all of them at once.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.keeping import RetentionSection, VaultSection
from gateway.routing import Destination, Route, RoutingTable, When
from gateway.trust import ConsoleSection, TlsSection, TrustedIssuerSection
from mappings.vocabulary import Action, AgencyKind, ConcernType, Purpose, Service


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
    mappings: Path = Path("var/mappings")
    """Folder of mapping versions that were put aside (``raabta mappings archive``)."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8400


def _without_password(url: str) -> str:
    if re.search(r"://[^/@]*:[^/@]+@|[?&]password=", url):
        raise ValueError("the password does not stand in the address; `password` says where it is")
    return url


class DatabaseSection(_Section):
    """A PostgreSQL server that several gateways and workers share; without one, everything is in a file of SQLite."""

    url: Annotated[str | None, Field(pattern=r"^postgres(ql)?://"), AfterValidator(_without_password)] = None
    """libpq address, `postgresql://user@host/database?…`."""
    password: Annotated[str | None, Field(pattern=r"^(env|file):.")] = None
    """Where the password is, `env:NAME` or `file:PATH`; libpq's own ways (certificates, a password file) need none."""
    readers: Annotated[int, Field(ge=1, le=64)] = 4
    """Connections for reading, beside the one that writes."""


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
    """Bounds that protect the gateway: octets of a body (a format has its own, smaller limit), requests that wait."""

    body: Annotated[int, Field(ge=1_024)] = 16 * 1_048_576
    queue: Annotated[int, Field(ge=1)] = 2_000
    """Requests that may wait for a commit."""
    rate: Annotated[float, Field(gt=0)] = 500.0
    """Calls a second one client may make in the long run, where its agency's file names no other `rate`."""
    burst: Annotated[int, Field(ge=1)] = 1_000
    """Calls one client may make at once after a pause, where its agency's file names no other `burst`."""


class Settings(_Section):
    """Everything the gateway is told from outside."""

    gateway: GatewaySection = GatewaySection()
    database: DatabaseSection = DatabaseSection()
    delivery: DeliverySection = DeliverySection()
    limits: LimitsSection = LimitsSection()
    tls: TlsSection = TlsSection()
    trusted_issuer: tuple[TrustedIssuerSection, ...] = ()
    console: ConsoleSection | None = None
    vault: VaultSection = VaultSection()
    retention: RetentionSection = RetentionSection()
    routing: RoutingTable = RoutingTable()
    folder: Path = Path()
    """Where relative paths begin: the folder of the file."""
    file: str = "raabta.toml"
    """Name of the file, for mistakes found later."""

    def path(self, path: Path) -> Path:
        """Return a configured path as seen from the folder of the settings."""
        return path if path.is_absolute() else self.folder / path

    def printed(self) -> dict[str, Any]:
        """Return the settings for people; they hold no secret, only references to files."""
        return self.model_dump(mode="json", exclude={"routing", "folder", "file"})


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


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _When(_Section):
    """The ``when`` of a route, as written: each condition is a word or a list of words."""

    sender: Annotated[frozenset[str], BeforeValidator(_listed)] = frozenset()
    sender_kind: Annotated[frozenset[AgencyKind], BeforeValidator(_listed)] = frozenset()
    concern: Annotated[frozenset[ConcernType], BeforeValidator(_listed)] = frozenset()
    service: Annotated[frozenset[Service], BeforeValidator(_listed)] = frozenset()
    district: Annotated[frozenset[str], BeforeValidator(_listed)] = frozenset()


class _To(_Section):
    """One destination of a route, as written."""

    agency: str
    purpose: Purpose | None = None
    service: Service | None = None
    action: Action | None = None
    give: dict[str, Any] = Field(default_factory=dict)


class _Route(_Section):
    """One ``[[route]]``, as written."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$", max_length=64)]
    """A label, because the ledger names it."""
    when: _When = _When()
    to: Annotated[tuple[_To, ...], Field(min_length=1)]


class _File(_Section):
    """The whole file, as written."""

    gateway: GatewaySection = GatewaySection()
    database: DatabaseSection = DatabaseSection()
    delivery: DeliverySection = DeliverySection()
    limits: LimitsSection = LimitsSection()
    tls: TlsSection = TlsSection()
    trusted_issuer: tuple[TrustedIssuerSection, ...] = ()
    console: ConsoleSection | None = None
    vault: VaultSection = VaultSection()
    retention: RetentionSection = RetentionSection()
    route: tuple[_Route, ...] = ()
    give: dict[str, dict[str, Any]] = Field(default_factory=dict)


_SECTIONS = ("gateway", "database", "delivery", "limits", "vault", "retention", "console")


def read_settings(path: Path | None) -> Settings:
    """Return the settings of a file (or the defaults), overridden by the environment.

    Raises:
        SettingsRefused: with every mistake, its file and line.
    """
    text, folder, name = "", Path(), "environment"
    if path is not None:
        text, folder, name = _text(path), path.resolve().parent, path.name
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused([Mistake(name, _parser_line(str(error), text), "this is not TOML")]) from None
    overridden = _override(table)
    try:
        read = _File.model_validate(table)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise SettingsRefused([_mistake(item["loc"], item["msg"], text, name, overridden) for item in found]) from None
    if mistakes := list(_repeated(read.route, text, name)):
        raise SettingsRefused(mistakes)
    return Settings(
        gateway=read.gateway, database=read.database, delivery=read.delivery, limits=read.limits, tls=read.tls,
        trusted_issuer=read.trusted_issuer, console=read.console, vault=read.vault, retention=read.retention,
        routing=_routing(read, text), folder=folder, file=name,
    )  # fmt: skip


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingsRefused([Mistake(path.name, 0, "the file cannot be read")]) from None


def _override(table: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Put the environment's values in, and return which variable gave which."""
    given = {}
    for section in _SECTIONS:
        prefix = f"RAABTA_{section.upper()}_"
        for variable, value in os.environ.items():
            if variable.startswith(prefix) and isinstance(held := table.setdefault(section, {}), dict):
                key = variable.removeprefix(prefix).lower()
                held[key] = value
                given[section, key] = variable
    return given


def _repeated(routes: tuple[_Route, ...], text: str, name: str) -> Iterable[Mistake]:
    seen: set[str] = set()
    for index, route in enumerate(routes):
        if route.id in seen:
            yield Mistake(name, line_of(text, ("route", index, "id")), "another route has this id")
        seen.add(route.id)


def _routing(read: _File, text: str) -> RoutingTable:
    return RoutingTable(
        tuple(
            Route(
                route.id,
                When(**{name: frozenset(map(str, words)) for name, words in route.when}),
                tuple(Destination(**dict(to)) for to in route.to),
                line_of(text, ("route", index)),
            )
            for index, route in enumerate(read.route)
        ),
        read.give,
    )


def _mistake(
    place: tuple[str | int, ...], message: str, text: str, name: str, overridden: dict[tuple[str, str], str]
) -> Mistake:
    variable = overridden.get((str(place[0]), str(place[1]))) if len(place) > 1 else None
    if variable:
        return Mistake("environment", 0, f"{variable}: {message}")
    return Mistake(name, line_of(text, place), f"{'.'.join(map(str, place))}: {message}")


def _parser_line(message: str, text: str) -> int:
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else max(1, len(text.splitlines()))


def line_of(text: str, place: tuple[str | int, ...]) -> int:
    """Return the line (from 1) of a value in a TOML text, or of the nearest table that holds it; 0: nowhere.

    Args:
        text: the file.
        place: keys and positions, for example ``("route", 0, "when")``.
    """
    head, *rest = place
    double = bool(rest) and isinstance(rest[0], int)
    header = rf"\[\[\s*{re.escape(str(head))}\s*\]\]" if double else rf"\[\s*{re.escape(str(head))}[\s.\]]"
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines, 1) if re.match(rf"\s*{header}", line)]
    nth = int(rest[0]) if double else 0
    if nth >= len(starts):
        return 0
    below = (str(step) for step in rest if isinstance(step, str))
    return _line_below(lines, starts[nth], next(below, None))


def _line_below(lines: list[str], start: int, key: str | None) -> int:
    """Return the line of a key below a table's header, or else the header's own."""
    for number, line in enumerate(lines[start:], start + 1):
        if line.lstrip().startswith("["):
            break
        if key is not None and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return start
