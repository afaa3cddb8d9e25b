"""Reads one file of `agencies/`, and says everything that is wrong with it, each with its line."""

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from adapters.manifest import InboundClient, Manifest, OutboundAuth, Tls
from adapters.secret_refs import SecretRef
from adapters.toml_lines import Lines, Step, parser_line
from adapters.transport import tls_context
from auth.certificates import CertificateName
from auth.clients import AuthMethod
from auth.errors import KeyRefused, RegistrationRefused, ScopeRefused
from auth.keys import PrivateKey, fits, read_private_key
from auth.remote_keys import parse_key_set
from auth.scopes import parse_scopes

T = TypeVar("T")
Finding = tuple[tuple[Step, ...], str]
"""The path of a value, and a sentence about it."""

OptionSchemas = Callable[[str], "TypeAdapter[Any] | None"]
"""The schema of an adapter's options by the adapter's name; None for an unknown one."""

_SCHEMA: TypeAdapter[Manifest] = TypeAdapter(Manifest)
_OURS = ("file", "file_digest")


@dataclass(frozen=True, slots=True, order=True)
class ManifestMistake:
    """One thing that is wrong: the file, the line (from 1), a sentence that holds no value of the file."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ManifestError(Exception):
    """Some manifests cannot be used; `mistakes` holds every mistake of every file, in order."""

    def __init__(self, mistakes: tuple[ManifestMistake, ...]) -> None:
        super().__init__(f"{len(mistakes)} mistakes in the manifests of agencies.")
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read of a file: a value, or at least one mistake. `lines` serves later findings."""

    value: T | None
    mistakes: tuple[ManifestMistake, ...]
    lines: Lines


def read_manifest(file: Path, options: OptionSchemas) -> Read[Manifest]:
    """Read `file`; `options` knows the adapters.

    Never raises for what the file holds; blocks on the disk (also for the keys and secrets it names).
    """
    content, unreadable = _content(file)
    text = content.decode(errors="replace")
    lines = Lines(text)

    def read(value: Manifest | None, *findings: Finding) -> Read[Manifest]:
        placed = (ManifestMistake(file, lines.line(path), sentence) for path, sentence in findings)
        return Read(value, tuple(sorted(set(placed))), lines)

    if unreadable:
        return read(None, ((), unreadable))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mistake = ManifestMistake(file, parser_line(str(error), text), "This is not TOML.")
        return Read(None, (mistake,), lines)
    manifest, findings = _checked(table, file, hashlib.sha256(content).hexdigest(), options)
    return read(None if findings else manifest, *findings)


def _validated(schema: "TypeAdapter[Any]", value: object, context: Mapping[str, object]) -> tuple[Any, list[Finding]]:
    """Validate `value` to the schema's type, or None; the findings hold none of its values."""
    try:
        return schema.validate_python(value, context=dict(context)), []
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        return None, [(one["loc"], _sentence(one["type"], one["loc"], one["msg"])) for one in found]


def _context_of(table: Mapping[str, object], file: Path) -> dict[str, object]:
    """Return what the validators of `adapters.manifest` need to know beside a value."""
    return {"home": file.parent, "allow_private": table.get("allow_private") is True}


def _content(file: Path) -> tuple[bytes, str]:
    try:
        content = file.read_bytes()
        content.decode()
    except OSError:
        return b"", "The file cannot be read."
    except UnicodeDecodeError:
        return b"", "The file is not UTF-8."
    return content, ""


def _checked(
    table: dict[str, Any], file: Path, digest: str, options: OptionSchemas
) -> tuple[Manifest | None, list[Finding]]:
    context = _context_of(table, file)
    intruders: list[Finding] = [((key,), f"The key {key} is not known.") for key in _OURS if key in table]
    given = {**table, "file": file, "file_digest": digest}
    manifest: Manifest | None
    manifest, findings = _validated(_SCHEMA, given, context)
    findings = intruders + findings + _options(table, options, context)
    if manifest is not None:
        findings += _references(manifest)
    return manifest, findings


def _options(table: Mapping[str, object], options: OptionSchemas, context: Mapping[str, object]) -> list[Finding]:
    name = table.get("adapter")
    if not isinstance(name, str):
        return []
    schema = options(name)
    if schema is None:
        return [(("adapter",), "There is no adapter of this name.")]
    value, findings = _validated(schema, table.get("options", {}), context)
    placed: list[Finding] = [(("options", *path), sentence) for path, sentence in findings]
    return placed if value is None else placed + _secrets(value)


def _secrets(options: object) -> list[Finding]:
    """Find the secrets an adapter's options refer to and that are not there."""
    return [
        (("options", name), _NO_SECRET)
        for name in getattr(options, "__dataclass_fields__", {})
        if isinstance(ref := getattr(options, name), SecretRef) and not ref.exists()
    ]


_NO_SECRET = "There is no secret where this points."  # noqa: S105 - a sentence


def _references(manifest: Manifest) -> list[Finding]:
    findings = _login(manifest.auth)
    if manifest.client is not None:
        findings += _client(manifest.client) + _shared_secret(manifest, manifest.client)
    if manifest.tls is not None:
        findings += _tls(manifest.tls)
    return findings


def _tls(tls: Tls) -> list[Finding]:
    try:
        tls_context(tls)
    except OSError:
        return [(("tls",), "A file of this table is missing or not what its name says.")]
    return []


def _login(auth: OutboundAuth) -> list[Finding]:
    if auth.secret is not None and not auth.secret.exists():
        return [(("auth", "secret"), _NO_SECRET)]
    if auth.key_file is not None and auth.alg is not None:
        try:
            key: PrivateKey = read_private_key(auth.key_file.read_bytes())
        except (OSError, KeyRefused):
            return [(("auth", "key_file"), "There is no private key in PEM where this points.")]
        if not fits(key, auth.alg):
            return [(("auth", "alg"), "The private key cannot sign with this algorithm.")]
    return []


def _client(client: InboundClient) -> list[Finding]:
    if client.secret is not None and not client.secret.exists():
        return [(("client", "secret"), _NO_SECRET)]
    if client.jwks_file is not None:
        try:
            parse_key_set(client.jwks_file.read_bytes())
        except (OSError, KeyRefused):
            return [(("client", "jwks_file"), "There is no usable set of public keys where this points.")]
    if client.subject_dn is not None:
        try:
            CertificateName(client.subject_dn)
        except RegistrationRefused:
            return [(("client", "subject_dn"), "This is no distinguished name (RFC 4514).")]
    return [
        (("client", "scopes", index), "This is no scope.")
        for index, text in enumerate(client.scopes)
        if not _parsed(text)
    ]


def _parsed(scopes: str) -> bool:
    try:
        return bool(parse_scopes(scopes))
    except ScopeRefused:
        return False


def _shared_secret(manifest: Manifest, client: InboundClient) -> list[Finding]:
    allowed = any(agreement.client_secret for agreement in manifest.agreements)
    if client.method is not AuthMethod.CLIENT_SECRET_BASIC or allowed:
        return []
    return [(("client", "method"), "client_secret_basic needs an agreement with client_secret = true.")]


def _sentence(kind: str, path: tuple[Step, ...], message: str) -> str:
    """Put one finding of pydantic in our words; its own hold no input."""
    key = next((str(step) for step in reversed(path) if isinstance(step, str)), "value")
    if kind in ("missing", "missing_argument"):
        return f"The key {key} is missing."
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"The key {key} is not known."
    sentence = message.removeprefix("Value error, ")
    return sentence if kind == "value_error" else f"{key}: {sentence[:1].lower()}{sentence[1:]}."
