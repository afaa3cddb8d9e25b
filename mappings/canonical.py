"""The canonical language as a format of its own, ``raabta``: JSON whose shape is the model's.

Reading and writing it is the identity, with the same account as any other format: a line for every leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any

import orjson
from pydantic import ValidationError

from mappings.engine.codec import JsonCodec
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits, read_json, write_json
from mappings.engine.lineage import How, Later, Line, Note, Translation
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.engine.trees import Node, dotted, leaf_places, root
from mappings.plain import plain
from mappings.referral import Record, Referral
from mappings.reply import Reply

FORMAT = "raabta"
MEDIA_TYPE = "application/json"
VERSION = "1.0.0"
SCHEMA = "canonical.schema.json"
"""The published schema: making it from the models takes half a second, too long for every start."""

_MODELS: dict[str, type[Record | Referral | Reply]] = {
    "record": Record,
    "referral": Referral,
    "reply": Reply,
}
_SAME = Note("identity", "", How.CARRIED, xml=False)
_CODES = {
    "extra_forbidden": "UNKNOWN_FIELD",
    "missing": "MISSING_REQUIRED",
    "enum": "UNKNOWN_CODE",
    "literal_error": "UNKNOWN_CODE",
    "too_long": "TOO_MANY",
}


def schema() -> dict[str, object]:
    """Return the JSON Schema of the three canonical documents, by name."""
    return {name: model.model_json_schema() for name, model in _MODELS.items()}


def _findings(error: ValidationError) -> list[Finding]:
    found = []
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        code = _CODES.get(item["type"]) or ("WRONG_TYPE" if item["type"].endswith("_type") else "INVALID_VALUE")
        pointer = "".join(f"/{_safe(part)}" for part in item["loc"])
        found.append(Finding(code, pointer, Severity.ERROR))
    return found


def _safe(part: int | str) -> str:
    """Return a key as a pointer token; a key of the sender's that is no plain word is not repeated."""
    text = str(part)
    return text if text.isascii() and text.replace("_", "").isalnum() and len(text) <= 40 else "?"


def _nulls(value: object, path: str) -> list[Finding]:
    if value is None:
        return [Finding("WRONG_TYPE", path)]
    if isinstance(value, dict):
        return [f for key, item in value.items() for f in _nulls(item, f"{path}/{_safe(key)}")]
    if isinstance(value, list):
        return [f for index, item in enumerate(value) for f in _nulls(item, f"{path}/{index}")]
    return []


@dataclass(frozen=True, slots=True)
class CanonicalMapping(Mapping):
    """Reads and writes the canonical language itself."""

    @property
    def directions(self) -> tuple[str, ...]:
        """Both."""
        return ("read", "write")

    def read(self, data: bytes) -> tuple[Translation[Value], ...]:
        """Return the document.

        Raises:
            Refusal: with a JSON Pointer for every finding.
        """
        tree, warnings = read_json(data, self.limits)
        if not isinstance(tree, dict):
            raise Refusal.of("UNKNOWN_DOCUMENT")
        if "receipt_id" in tree and "type" not in tree:
            return (self._receipt(tree),)
        model = _MODELS.get(str(tree.get("type", "referral")))
        if model is None:
            raise Refusal.of("UNKNOWN_DOCUMENT", "/type")
        if b"null" in data and (nulls := _nulls(tree, "")):
            raise Refusal(nulls)
        try:
            value = model.model_validate(tree, strict=False)
        except ValidationError as error:
            raise Refusal(_findings(error)) from None
        return (
            Translation(
                value, self.format, value.type, self.digest, Later(partial(_identity, value)),
                warnings=tuple(warnings), tree=tree,
            ),
        )  # fmt: skip

    def _receipt(self, tree: dict[str, object]) -> Translation[Value]:
        """Return a receipt ``{receipt_id, message_id, received_at, state}`` as the reply it is."""
        ours = {
            "type": "reply",
            "kind": "RECEIVE",
            "state": "DELIVERED",
            "in_reply_to": tree.get("message_id"),
            "references": [{"scheme": "receipt", "value": tree["receipt_id"]}],
            "at": tree.get("received_at"),
        }
        try:
            value = Reply.model_validate(ours)
        except ValidationError as error:
            raise Refusal(_findings(error)) from None
        return Translation(value, self.format, "receipt", self.digest, Later(partial(_identity, value)), tree=tree)

    def write(self, value: Value, *, allow_partial: bool = False) -> Translation[bytes]:
        """Return the value as compact JSON; nothing is ever missing, dropped or coarsened."""
        tree = canonical(value)
        lines = Later(partial(_identity, value))
        written = Later(lambda: (dotted(hit.trail) for hit in leaf_places(tree, root(tree))), partial(_counted, tree))
        return Translation(write_json(tree), self.format, value.type, self.digest, lines, tree=tree, written=written)


def reopened(data: bytes) -> tuple[Value, Node]:
    """Return the canonical value whose bytes :func:`printed` made, and that have been sealed since; and its tree.

    Raises:
        ValueError: they were not made so (pydantic's and orjson's errors are such).
    """
    tree: Node = orjson.loads(data)
    return _MODELS[tree["type"]].model_validate(tree), tree


def printed(value: Value) -> bytes:
    """Return a canonical value as the compact JSON that :func:`canonical_mapping` writes, without the account of it."""
    return orjson.dumps(plain(value))


def _counted(tree: Node) -> int:
    """Return how many leaves a canonical tree has."""
    count = 0
    branches: list[Iterable[Any]] = [tree.values()]
    while branches:
        for value in branches.pop():
            if type(value) is dict:
                branches.append(value.values())
            elif type(value) is list:
                branches.append(value)
            else:
                count += 1
    return count


def _identity(value: Value) -> Iterator[Line]:
    """Yield a line for every leaf of a canonical value."""
    tree = canonical(value)
    return (Line(_SAME, hit.trail, hit.trail) for hit in leaf_places(tree, root(tree)))


@cache
def canonical_mapping() -> CanonicalMapping:
    """Return the one instance; its digest is that of the published schema, which a test holds to the models."""
    digest = hashlib.sha256(resources.files("mappings").joinpath(SCHEMA).read_bytes()).hexdigest()
    return CanonicalMapping(
        FORMAT, VERSION, "SOCIAL_WELFARE", (MEDIA_TYPE, "application/vnd.raabta+json"), digest, JsonCodec(), Limits(),
        (),
    )  # fmt: skip
