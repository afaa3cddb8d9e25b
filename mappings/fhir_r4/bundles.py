"""Bundles: addresses of entries, links, and what each type of Bundle holds (https://hl7.org/fhir/R4/bundle.html).

The constraints bdl-1 to bdl-12 are R4's; the other rules stand in the definitions of the elements and in the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from mappings.engine.findings import Finding
from mappings.fhir_r4.datatypes import absolute
from mappings.fhir_r4.definitions import definitions
from mappings.fhir_r4.elements import Node
from mappings.fhir_r4.links import literal
from mappings.fhir_r4.walk import entries, items

Rule: TypeAlias = Callable[[dict[str, Any], str], Iterator[Finding]]

_REQUESTED = ("transaction", "batch", "history")
_ANSWERED = ("transaction-response", "batch-response", "history")
_ADDRESSED = ("document", "message", "searchset", "collection", "history")
"""Types whose entries all have a fullUrl: "except for transactions and batches"."""


def check_bundle(node: Node) -> Iterator[Finding]:
    """Yield what a Bundle breaks of its own rules."""
    if node.type.name == "Bundle":
        for rule in RULES:
            yield from rule(node.value, node.pointer)


def _requests(bundle: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check bdl-3, bdl-4 and bdl-5: requests and responses where the type has them, and something in every entry."""
    kind = str(bundle.get("type"))
    for index, entry in entries(bundle):
        here = f"{at}/entry/{index}"
        if (kind in _REQUESTED) != ("request" in entry):
            yield Finding("FHIR_BDL_3", f"{here}/request")
        if (kind in _ANSWERED) != ("response" in entry):
            yield Finding("FHIR_BDL_4", f"{here}/response")
        if not {"resource", "request", "response"} & set(entry):
            yield Finding("FHIR_BDL_5", here)


def _outcome(entry: dict[str, Any]) -> bool:
    """Tell whether an entry says how a search went, and is nothing that was found: such a thing has no address."""
    search = entry.get("search")
    return isinstance(search, dict) and search.get("mode") == "outcome"


def _addresses(bundle: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check bdl-7 and bdl-8, and that every address is there, absolute and that of the resource."""
    kind, seen = bundle.get("type"), set[str]()
    for index, entry in entries(bundle):
        here, url, resource = f"{at}/entry/{index}/fullUrl", entry.get("fullUrl"), entry.get("resource")
        resource = resource if isinstance(resource, dict) else {}
        if not isinstance(url, str):
            if kind in _ADDRESSED and resource and url is None and not _outcome(entry):
                yield Finding("FHIR_NO_FULL_URL", here)
            continue
        meta = resource.get("meta")
        version = f"{url} {meta.get('versionId', '') if isinstance(meta, dict) else ''}"
        if version in seen and kind != "history":
            yield Finding("FHIR_BDL_7", here)
        seen.add(version)
        if "/_history/" in url:
            yield Finding("FHIR_BDL_8", here)
        elif not absolute(url):
            yield Finding("FHIR_NOT_ABSOLUTE", here)
        elif not _consistent(url, resource):
            yield Finding("FHIR_FULL_URL_DIFFERS", here)


def _consistent(url: str, resource: dict[str, Any]) -> bool:
    """Tell whether a RESTful address names the type and the id of its resource."""
    parts = literal(url)
    if parts is None or not resource:
        return True
    return parts.type == resource.get("resourceType") and resource.get("id", parts.id) == parts.id


def _document(bundle: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check bdl-9 to bdl-12: what a document has, and what a document and a message begin with."""
    kind = bundle.get("type")
    if kind == "document":
        identifier = bundle.get("identifier")
        if not (isinstance(identifier, dict) and {"system", "value"} <= set(identifier)):
            yield Finding("FHIR_BDL_9", f"{at}/identifier")
        if "timestamp" not in bundle:
            yield Finding("FHIR_BDL_10", f"{at}/timestamp")
        if _first_type(bundle) != "Composition":
            yield Finding("FHIR_BDL_11", f"{at}/entry")
    if kind == "message" and _first_type(bundle) != "MessageHeader":
        yield Finding("FHIR_BDL_12", f"{at}/entry")


def _first_type(bundle: dict[str, Any]) -> Any:
    first = next(entries(bundle), (0, {}))[1].get("resource")
    return first.get("resourceType") if isinstance(first, dict) else None


def _search(bundle: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check bdl-1 and bdl-2, and what the entries of a search's result are."""
    kind = bundle.get("type")
    if "total" in bundle and kind not in ("searchset", "history"):
        yield Finding("FHIR_BDL_1", f"{at}/total")
    wanted = _searched(bundle) if kind == "searchset" else frozenset()
    for index, entry in entries(bundle):
        here, search, resource = f"{at}/entry/{index}", entry.get("search"), entry.get("resource")
        if search is not None and kind != "searchset":
            yield Finding("FHIR_BDL_2", f"{here}/search")
        if kind == "searchset" and isinstance(resource, dict):
            mode = search.get("mode") if isinstance(search, dict) else None
            yield from _result(resource, mode, wanted, here)


def _result(resource: dict[str, Any], mode: Any, wanted: frozenset[str], at: str) -> Iterator[Finding]:
    """Judge one result: the outcome is an OperationOutcome, everything else has an id and is of a searched type."""
    kind = str(resource.get("resourceType"))
    if mode == "outcome" and kind != "OperationOutcome":
        yield Finding("FHIR_SEARCH_MODE", f"{at}/search/mode")
    if mode == "match" and wanted and kind not in wanted:
        yield Finding("FHIR_SEARCH_MODE", f"{at}/search/mode")
    if "id" not in resource and kind != "OperationOutcome":
        yield Finding("FHIR_RESULT_WITHOUT_ID", f"{at}/resource/id")


def _searched(bundle: dict[str, Any]) -> frozenset[str]:
    """Return the resource types a search was for, by its own link; none if the link does not say."""
    urls = [link.get("url") for link in items(bundle, "link") if link.get("relation") == "self"]
    parts = urlsplit(str(urls[0])) if urls else None
    if parts is None:
        return frozenset()
    named = {name for text in parse_qs(parts.query).get("_type", ()) for name in text.split(",")}
    last = parts.path.rstrip("/").rpartition("/")[2]
    return frozenset((named or {last}) & definitions().resource_types)


def _links(bundle: dict[str, Any], at: str) -> Iterator[Finding]:
    """Allow one link of each relation: a Bundle has one self, one next page."""
    seen: set[str] = set()
    for index, link in enumerate(items(bundle, "link")):
        relation = str(link.get("relation"))
        if relation in ("self", "first", "previous", "next", "last") and relation in seen:
            yield Finding("FHIR_LINK_TWICE", f"{at}/link/{index}/relation")
        seen.add(relation)


RULES: tuple[Rule, ...] = (_requests, _addresses, _document, _search, _links)
