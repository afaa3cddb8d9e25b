"""Everything that can be wrong before the gateway starts: agencies, words, need to know, routes, keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from adapters.manifest import Manifest
from adapters.manifest_file import ManifestError
from adapters.registry import load_manifests
from adapters.secret_refs import SecretError
from auth.errors import AuthError
from gateway.connected import clients, directory
from gateway.policy.matrix import MatrixMistake, matrix
from gateway.routing import RoutingTable
from gateway.settings import Mistake, Settings
from mappings.engine.errors import MappingMistake, WordsError
from mappings.library import library
from mappings.samples import fullest_samples
from mappings.vocabulary import AgencyKind, ConcernType, Purpose, Service


def mistakes(settings: Settings) -> list[Mistake]:
    """Return every mistake that can be found without starting."""
    found = list(_words())
    folder = settings.path(settings.gateway.agencies)
    manifests: Mapping[str, Manifest] = {}
    try:
        manifests = load_manifests(folder)
    except ManifestError as refused:
        found += [Mistake(f"{folder.name}/{m.file.name}", m.line, m.message) for m in refused.mistakes]
    found += _formats(manifests, folder)
    found += _logins(manifests)
    if manifests:
        found += _routes(settings.routing, manifests)
    return found


def _words() -> Iterator[Mistake]:
    """Load every mapping, and write the fullest document of each: a wrong path stops the start, not a delivery."""
    try:
        matrix()
        known = library()
    except MatrixMistake as mistake:
        yield Mistake("policy/matrix.toml", 0, str(mistake))
        return
    except MappingMistake as mistake:
        yield Mistake(mistake.file, mistake.line, mistake.message)
        return
    for mapping in known.values():
        for name, value in fullest_samples(mapping):
            try:
                mapping.write(value)
            except WordsError as error:
                yield Mistake(f"{mapping.format}/samples/{name}", 0, f"the fullest document is not written: {error}")


def _formats(manifests: Mapping[str, Manifest], folder: Path) -> Iterator[Mistake]:
    for manifest in manifests.values():
        for name in {manifest.format, manifest.format_of_replies or manifest.format}:
            if name not in library():
                yield Mistake(f"{folder.name}/{manifest.file.name}", 0, f"unknown format {name!r}")


def _logins(manifests: Mapping[str, Manifest]) -> Iterator[Mistake]:
    for name, manifest in manifests.items():
        try:
            clients({name: manifest})
        except (SecretError, AuthError, OSError, ValueError):
            yield Mistake(f"agencies/{manifest.file.name}", 0, "the client's keys or secret cannot be used")


def _routes(table: RoutingTable, manifests: Mapping[str, Manifest]) -> Iterator[Mistake]:
    known = directory(manifests)
    for route in table.routes:
        place = ("raabta.toml", 0)
        words = (
            (route.when.sender_kind, {k.value for k in AgencyKind}),
            (route.when.concern, {c.value for c in ConcernType}),
            (route.when.service, {s.value for s in Service}),
        )
        for given, allowed in words:
            for word in sorted(given - allowed):
                yield Mistake(*place, f"route {route.id}: {word!r} is no code of ours")
        for to in route.to:
            if known.find(to.agency) is None:
                yield Mistake(*place, f"route {route.id}: agency {to.agency!r} is not registered")
            if to.purpose is not None and to.purpose not in {p.value for p in Purpose}:
                yield Mistake(*place, f"route {route.id}: {to.purpose!r} is no purpose")
