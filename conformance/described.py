"""Whether an OpenAPI document names an answer that was seen."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from conformance.transcript import Exchange

UNDESCRIBED = frozenset({"/openapi.json", "/docs", "/healthz", "/readyz", "/metrics"})
"""Addresses of operations, which need no description."""


def undocumented(spec: dict[str, Any], base: str, one: Exchange) -> str:
    """Say which answer is not in the document; "" when it is, or when it was to a method or an address not offered."""
    path = urlsplit(one.url.removeprefix(base)).path
    template = _template(spec, path)
    if template is None or path in UNDESCRIBED:
        return "" if one.status in {401, 404, 405} or path in UNDESCRIBED else f"{one.method} {path}: no such path"
    operation = spec["paths"][template].get(one.method.lower())
    if operation is None:
        return "" if one.status == 405 else f"{one.method} {template}: no such method"
    answers = operation.get("responses", {})
    described = answers.get(str(one.status)) or answers.get("default")
    if described is None:
        return f"{one.method} {template}: {one.status}"
    return _media_type(described, one, f"{one.method} {template}")


def _media_type(described: dict[str, Any], one: Exchange, where: str) -> str:
    said = one.answer_headers.get("content-type", "").partition(";")[0].strip().lower()
    known = {name.partition(";")[0].strip().lower() for name in described.get("content", {})}
    return f"{where}: {one.status} as {said}" if one.answer and known and said not in known else ""


def _template(spec: dict[str, Any], path: str) -> str | None:
    paths = spec.get("paths", {})
    if path in paths:
        return path
    fits = [each for each in paths if re.fullmatch(re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(each)), path)]
    return max(fits, key=len, default=None)
