"""Everything that can be wrong before the gateway starts: agencies, words, need to know, routes, keys."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from adapters.manifest import Manifest
from adapters.manifest_file import ManifestError
from adapters.registry import load_manifests
from adapters.secret_refs import SecretError, SecretRef
from adapters.toml_lines import Lines
from auth.errors import AuthError
from auth.remote_keys import parse_key_set
from gateway import logins
from gateway.api.scopes import OPERATORS_OWN
from gateway.connected import directory
from gateway.operators import CLIENT_ID, OPERATOR
from gateway.policy.matrix import MatrixMistake, matrix
from gateway.policy.statutes import StatuteMistake, statutes
from gateway.settings import Mistake, Settings, line_of
from gateway.trust import TrustedIssuerSection
from mappings.engine.errors import MappingMistake, WordsError
from mappings.library import library
from mappings.referral import Referral
from mappings.samples import fullest_samples


def mistakes(settings: Settings) -> list[Mistake]:
    """Return every mistake that can be found without starting."""
    found = list(_words())
    folder = settings.path(settings.gateway.agencies)
    manifests: Mapping[str, Manifest] = {}
    try:
        manifests = load_manifests(folder)
    except ManifestError as refused:
        found += [Mistake(f"{folder.name}/{m.file.name}", m.line, m.message) for m in refused.mistakes]
    found += _formats(manifests)
    found += _logins(manifests)
    found += _scopes(manifests)
    found += _console(settings)
    found += _strangers(settings, manifests)
    found += _tls(settings)
    if manifests:
        found += _routes(settings, manifests)
        found += _gifts(settings, manifests)
    return found


def _words() -> Iterator[Mistake]:
    """Load every mapping, and write the fullest document of each: a wrong path stops the start, not a delivery."""
    try:
        matrix()
        statutes()
        known = library()
    except StatuteMistake as mistake:
        yield Mistake("policy/statutes.toml", 1, str(mistake))
        return
    except MatrixMistake as mistake:
        yield Mistake("policy/matrix.toml", 1, str(mistake))
        return
    except MappingMistake as mistake:
        yield Mistake(mistake.file, mistake.line, mistake.message)
        return
    for mapping in known.values():
        for name, value in fullest_samples(mapping):
            try:
                mapping.write(value)
            except WordsError as error:
                yield Mistake(f"{mapping.format}/samples/{name}", 1, f"the fullest document is not written: {error}")


def _formats(manifests: Mapping[str, Manifest]) -> Iterator[Mistake]:
    for manifest in manifests.values():
        named = {"format": manifest.format, "reply_format": manifest.format_of_replies or manifest.format}
        for key, name in named.items():
            if name not in library():
                yield _of(manifest, key, f"unknown format {name!r}")
            elif key == "format" and "write" not in library()[name].directions:
                yield _of(manifest, key, f"nothing is written in {name!r}")


def _logins(manifests: Mapping[str, Manifest]) -> Iterator[Mistake]:
    for manifest in manifests.values():
        if manifest.id == OPERATOR.id or (manifest.client and manifest.client.client_id == CLIENT_ID):
            yield _of(manifest, "id", "the operator of the gateway has this id")
        try:
            if manifest.client is not None:
                logins.client_of(manifest, manifest.client, time.time)
        except (SecretError, AuthError, OSError, ValueError):
            yield _of(manifest, "client", "the client's keys or secret cannot be used")


def _scopes(manifests: Mapping[str, Manifest]) -> Iterator[Mistake]:
    """Find scopes that open nothing: they are the operator's, whoever else is granted them."""
    for manifest in manifests.values():
        granted = manifest.client.scopes if manifest.client is not None else ()
        for scope in sorted(OPERATORS_OWN.intersection(granted)):
            yield _of(manifest, ("client", "scopes"), f"{scope} is the operator's own scope; no agency has it")


def _console(settings: Settings) -> Iterator[Mistake]:
    """Find a secret of the consoles' client that is not where the configuration says."""
    if settings.console is None or settings.console.secret is None:
        return
    try:
        SecretRef.parse(settings.console.secret, settings.folder).read()
    except (SecretError, ValueError):
        yield _placed(settings, ("console",), "secret", "there is no usable secret where this points")


def _strangers(settings: Settings, manifests: Mapping[str, Manifest]) -> Iterator[Mistake]:
    """Find what is wrong with the issuers that are trusted beside our own."""
    seen = {settings.gateway.base_url}
    for index, section in enumerate(settings.trusted_issuer):
        for key, message in _complaints(settings, manifests, section):
            yield _placed(settings, ("trusted_issuer", index), key, message)
        if section.issuer in seen:
            yield _placed(settings, ("trusted_issuer", index), "issuer", "this issuer is our own, or named twice")
        seen.add(section.issuer)


def _complaints(
    settings: Settings, manifests: Mapping[str, Manifest], section: TrustedIssuerSection
) -> Iterator[tuple[str, str]]:
    unreachable = logins.unreachable(section)
    if unreachable is not None:
        yield "jwks_url", unreachable
    for agency in sorted(set(section.clients.values())):
        known = manifests.get(agency)
        if known is None or known.client is None:
            yield "clients", f"{agency!r} is not registered, or has no [client]"
    if section.jwks_file is not None:
        try:
            parse_key_set(settings.path(section.jwks_file).read_bytes())
        except (OSError, AuthError):
            yield "jwks_file", "there is no usable set of public keys where this points"


def _tls(settings: Settings) -> Iterator[Mistake]:
    """Find what is wrong with the certificates of the gateway's own listener."""
    section = settings.tls
    for key in ("certificate", "key_file", "client_ca_file"):
        path = getattr(section, key)
        if path is not None and not settings.path(path).is_file():
            yield _placed(settings, ("tls",), key, "there is no file where this points")
    if section.certificate is not None and not settings.gateway.base_url.startswith("https://"):
        yield _placed(settings, ("gateway",), "base_url", "with [tls] it begins with https://")


def _placed(settings: Settings, table: tuple[str | int, ...], key: str, message: str) -> Mistake:
    return Mistake(settings.file, line_of(_configuration(settings), (*table, key)), message)


def _of(manifest: Manifest, key: str | tuple[str, ...], message: str) -> Mistake:
    """Return a mistake at a key of an agency's file, or of one of its tables."""
    try:
        text = manifest.file.read_text("utf-8")
    except OSError:
        text = ""
    return Mistake(
        f"{manifest.file.parent.name}/{manifest.file.name}",
        Lines(text).line((key,) if isinstance(key, str) else key),
        message,
    )


def _routes(settings: Settings, manifests: Mapping[str, Manifest]) -> Iterator[Mistake]:
    known = directory(manifests)
    for route in settings.routing.routes:
        for to in route.to:
            if known.find(to.agency) is None:
                yield Mistake(settings.file, route.line, f"route {route.id}: {to.agency!r} is not registered")
            for complaint in _unfit(to.give):
                yield Mistake(settings.file, route.line, f"route {route.id}: give.{complaint}")
        for name in sorted(route.when.sender):
            if known.find(name) is None:
                yield Mistake(settings.file, route.line, f"route {route.id}: {name!r} is not registered")


def _gifts(settings: Settings, manifests: Mapping[str, Manifest]) -> Iterator[Mistake]:
    known = directory(manifests)
    text = _configuration(settings)
    for name, values in settings.routing.give.items():
        line = line_of(text, (f"give.{name}",)) or line_of(text, ("give", name))
        if known.find(name) is None:
            yield Mistake(settings.file, line, f"give: {name!r} is not registered")
        for complaint in _unfit(values):
            yield Mistake(settings.file, line, f"give.{name}.{complaint}")


def _configuration(settings: Settings) -> str:
    try:
        return (settings.folder / settings.file).read_text("utf-8")
    except OSError:
        return ""


def _unfit(values: dict[str, Any]) -> Iterator[str]:
    """Yield what is no canonical value of a referral among what a receiver shall be given."""
    try:
        Referral.model_validate(values)
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False, include_context=False):
            yield f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
