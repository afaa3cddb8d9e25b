"""Reads the sandbox's one TOML file: who may call each agency, and who the agency is at the gateway.

    gateway = "http://127.0.0.1:8080"      # base URL of the gateway
    issuer_jwks_file = "keys/issuer.jwks.json"  # optional; public keys of an issuer of the sandbox's own
    seed = 7                               # optional; of the invented children and schools all agencies know
    [police]
    faults = ["503:5", "drop"]             # optional; what goes wrong first after each start
    port = 9102                            # used by `raabta-conformance agencies`
    url = "http://127.0.0.1:9102"          # optional; the audience of assertions
    token_seconds = 300                    # optional; life of the tokens this agency issues
    [police.inbound]                       # the client the gateway uses here
    client_id = "raabta"
    method = "private_key_jwt"             # with jwks_file; or client_secret_basic with secret_file
    jwks_file = "keys/gateway-police.jwks.json"
    [police.outbound]                      # the client this agency uses at the gateway
    client_id = "fir-pb-01"
    agency_id = "police-pb-psrms"
    method = "private_key_jwt"             # with key_file, alg, kid; or client_secret_basic with secret_file
    alg = "ES256"
    key_file = "keys/police-client.pem"
    kid = "..."
    audience = "..."                       # optional; by default the gateway's token endpoint
    [nadra.user]                           # only the civil registry: USER_VERIFICATION of every request
    username = "gateway_test"
    password_file = "secrets/nadra-user"

Files are named relative to the TOML file.
"""

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conformance.sandbox.faults import UnknownFaultError, parse
from conformance.sandbox.seeded import USUAL

AGENCIES = ("nadra", "police", "health", "school", "welfare")
BASIC = "client_secret_basic"
ASSERTION = "private_key_jwt"


class SettingsError(Exception):
    """The configuration cannot be used; the text names the table or the missing kind of file."""


class InboundTable(BaseModel):
    """`[agency.inbound]`: the client that the gateway is at this agency."""

    model_config = ConfigDict(extra="forbid")
    client_id: str
    method: str = Field(pattern=f"^({BASIC}|{ASSERTION})$")
    secret_file: Path | None = None
    jwks_file: Path | None = None


class OutboundTable(BaseModel):
    """`[agency.outbound]`: the client that this agency is at the gateway."""

    model_config = ConfigDict(extra="forbid")
    client_id: str
    agency_id: str
    method: str = Field(pattern=f"^({BASIC}|{ASSERTION})$")
    secret_file: Path | None = None
    key_file: Path | None = None
    alg: str = "ES256"
    kid: str = ""
    audience: str = ""


class UserTable(BaseModel):
    """`[nadra.user]`: the credentials inside every civil registry request (nadra.md 2.1)."""

    model_config = ConfigDict(extra="forbid")
    username: str
    password_file: Path


class AgencyTable(BaseModel):
    """`[agency]` as a whole."""

    model_config = ConfigDict(extra="forbid")
    port: int = Field(ge=1, le=65535)
    url: str = ""
    faults: list[str] = Field(default_factory=list)
    token_seconds: int = Field(default=300, ge=0, le=3600)
    inbound: InboundTable
    outbound: OutboundTable
    user: UserTable | None = None


class SandboxFile(BaseModel):
    """The whole TOML file."""

    model_config = ConfigDict(extra="forbid")
    gateway: str
    issuer_jwks_file: Path | None = None
    seed: int = Field(default=USUAL, ge=0)
    nadra: AgencyTable
    police: AgencyTable
    health: AgencyTable
    school: AgencyTable
    welfare: AgencyTable

    def table(self, name: str) -> AgencyTable:
        """Pick one agency's table by its name in `AGENCIES`."""
        tables = (self.nadra, self.police, self.health, self.school, self.welfare)
        return dict(zip(AGENCIES, tables, strict=True))[name]


@dataclass(frozen=True, slots=True)
class Caller:
    """The one client an agency lets in. Exactly one of secret and keys is set, by its method."""

    client_id: str
    method: str
    secret: str = field(default="", repr=False)
    keys: KeySet | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """How an agency logs in at the gateway. Exactly one of secret and key (PEM) is set."""

    gateway: str
    client_id: str
    method: str
    secret: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    alg: str = "ES256"
    kid: str = ""
    audience: str = ""


@dataclass(frozen=True, slots=True)
class AgencySettings:
    """Everything one simulated agency is told. `url` is its own base address, without a slash."""

    name: str
    url: str
    token_seconds: int
    caller: Caller
    login: Login
    username: str = ""
    password: str = field(default="", repr=False)
    issuer: str = '{"keys": []}'
    """Public keys of the sandbox's own issuer of access tokens, as a JSON Web Key Set."""
    seed: int = USUAL
    faults: tuple[str, ...] = ()


def read_file(config: Path) -> SandboxFile:
    """Read and check the TOML file; raises `SettingsError`."""
    try:
        return SandboxFile.model_validate(tomllib.loads(config.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SettingsError(f"{config.name} is not a readable TOML file") from None
    except ValidationError as error:
        places = [".".join(str(step) for step in one["loc"]) for one in error.errors(include_input=False)]
        raise SettingsError(f"{config.name}: wrong or missing: {', '.join(places)}") from None


def load(config: Path, name: str, port: int | None = None) -> AgencySettings:
    """Read the settings of one agency, its keys and secrets; `port` wins over the file's."""
    whole = read_file(config)
    table = whole.table(name)
    url = table.url or f"http://127.0.0.1:{port or table.port}"
    home = config.parent
    return AgencySettings(
        name=name,
        url=url.rstrip("/"),
        token_seconds=table.token_seconds,
        caller=caller(table.inbound, home, f"{name}.inbound"),
        login=_login(table.outbound, home, name, whole.gateway.rstrip("/")),
        username=table.user.username if table.user else "",
        password=_text(home, table.user.password_file, f"{name}.user") if table.user else "",
        issuer=_text(home, whole.issuer_jwks_file, "issuer") if whole.issuer_jwks_file else '{"keys": []}',
        seed=whole.seed,
        faults=_planned(table.faults, name),
    )


def _planned(words: list[str], name: str) -> tuple[str, ...]:
    try:
        return tuple(str(parse(word)) for word in words)
    except UnknownFaultError as error:
        raise SettingsError(f"{name}.faults: {error}") from None


def caller(table: InboundTable, home: Path, place: str) -> Caller:
    """Read who may log in, with its keys or secret; raises `SettingsError` that names the `place`."""
    if table.method == BASIC:
        return Caller(table.client_id, BASIC, secret=_text(home, table.secret_file, place))
    try:
        keys = KeySet.import_key_set(_json_object(_text(home, table.jwks_file, place)))
    except (JoseError, ValueError, KeyError):
        raise SettingsError(f"{place}: the key set cannot be read") from None
    return Caller(table.client_id, ASSERTION, keys=keys)


def _login(table: OutboundTable, home: Path, name: str, gateway: str) -> Login:
    place = f"{name}.outbound"
    audience = table.audience or f"{gateway}/oauth/token"
    if table.method == BASIC:
        return Login(gateway, table.client_id, BASIC, secret=_text(home, table.secret_file, place))
    key = _text(home, table.key_file, place)
    return Login(gateway, table.client_id, ASSERTION, key=key, alg=table.alg, kid=table.kid, audience=audience)


def _text(home: Path, file: Path | None, place: str) -> str:
    if file is None:
        raise SettingsError(f"{place}: its method needs a file that is not named")
    try:
        return (home / file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{place}: a file it names cannot be read") from None


def _json_object(text: str) -> KeySetSerialization:
    value: KeySetSerialization = json.loads(text)
    return value
