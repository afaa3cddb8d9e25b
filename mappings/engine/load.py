"""A mapping folder becomes a :class:`~mappings.engine.mapping.Mapping`, or a refusal that names file and line.

``mapping.toml`` is the head (format, syntax, media types, codes); every other ``*.toml`` of the folder is one
document. ``converters.py`` may define ``CONVERTERS`` (a list of converters), ``codec.py`` may define ``CODEC``.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from importlib import import_module, resources
from importlib.resources.abc import Traversable
from types import ModuleType
from typing import Any

from lxml import etree

from mappings.engine.accounting import check_document, resolve_converters
from mappings.engine.codec import Codec, JsonCodec, XmlCodec
from mappings.engine.compile import Program
from mappings.engine.converters import STANDARD, Converter, code
from mappings.engine.document import Document, reasons
from mappings.engine.errors import MappingMistake, Refusal
from mappings.engine.findings import register
from mappings.engine.generated.program import Generated, Rules
from mappings.engine.json_reader import Limits, read_json
from mappings.engine.mapping import Mapping
from mappings.engine.paths import parse
from mappings.engine.rules import Rule, parse_rule
from mappings.engine.schema import Check, json_schema, xsd
from mappings.referral import Record, Referral
from mappings.reply import Reply

SIGN_OFF = "signoff.toml"
"""Approvals of changes (:mod:`mappings.engine.signoff`): they speak of the mapping and are no part of it."""
MODELS: dict[str, type[Record | Referral | Reply]] = {"Record": Record, "Referral": Referral, "Reply": Reply}
_COUNTED = (".toml", ".py", ".xsd", ".json", ".csv")


class Folder:
    """The files of one mapping."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.name = package.rpartition(".")[2]
        self.files: Traversable = resources.files(package)

    def text(self, name: str) -> str:
        """Return a file's text."""
        return self.files.joinpath(name).read_text("utf-8")

    def toml(self, name: str) -> dict[str, Any]:
        """Return a TOML file.

        Raises:
            MappingMistake: it is no TOML.
        """
        try:
            return tomllib.loads(self.text(name))
        except tomllib.TOMLDecodeError as error:
            raise MappingMistake(f"{self.name}/{name}", 0, str(error)) from None

    def line_of(self, name: str, needle: str) -> int:
        """Return the 1-based line where a text stands, or 0."""
        lines = self.text(name).splitlines()
        return next((n for n, line in enumerate(lines, 1) if needle in line), 0)

    def documents(self) -> list[str]:
        """Return the names of the document files, in alphabetical order."""
        names = sorted(f.name for f in self.files.iterdir() if f.name.endswith(".toml"))
        return [name for name in names if name not in ("mapping.toml", SIGN_OFF)]

    def module(self, name: str) -> ModuleType | None:
        """Return one of the folder's optional Python modules."""
        if not self.files.joinpath(f"{name}.py").is_file():
            return None
        return import_module(f"{self.package}.{name}")

    def digest(self, shares: Iterable[str] = ()) -> str:
        """Return the SHA-256 over the names and bytes of every rule, schema and module of the folder.

        Args:
            shares: packages beside the folder whose words it uses; they are part of what the mapping is.
        """
        total = hashlib.sha256()
        for folder in (self.files, *(resources.files(f"mappings.{name}") for name in sorted(shares))):
            for file in sorted(folder.iterdir(), key=lambda f: f.name):
                if file.name != SIGN_OFF and file.name.endswith(_COUNTED) and file.is_file():
                    total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        return total.hexdigest()


def load(package: str) -> Mapping:
    """Return the mapping of a package below ``mappings``.

    Raises:
        MappingMistake: something in the folder is wrong; names file and line.
    """
    folder = Folder(package)
    head = folder.toml("mapping.toml")
    register(head.get("findings", {}))
    codec = _codec(folder, head)
    limits = Limits(**head.get("limits", {}))
    converters = _converters(folder, head)
    order = head.get("documents") or [name.removesuffix(".toml") for name in folder.documents()]
    documents = tuple(_document(folder, name, head, codec, converters) for name in order)
    if isinstance(codec, XmlCodec):
        codec.roots.update({name: folder.toml(f"{name}.toml").get("root", name) for name in order})
    return Mapping(
        head["format"], head["version"], head.get("kind", ""), tuple(head["media_types"]),
        folder.digest(head.get("shares", ())), codec,
        limits, documents,
    )  # fmt: skip


def _codec(folder: Folder, head: dict[str, Any]) -> Codec:
    module = folder.module("codec")
    if module is not None and hasattr(module, "CODEC"):
        codec: Codec = module.CODEC
        return codec
    if head["syntax"] == "xml":
        return XmlCodec({}, head.get("namespace", ""))
    return JsonCodec()


def _converters(folder: Folder, head: dict[str, Any]) -> dict[str, Converter]:
    module = folder.module("converters")
    own = {c.name: c for c in module.CONVERTERS} if module else {}
    tables = head.get("codes", {})
    coarse = head.get("coarse", {})
    for table, codes in tables.items():
        _check_table(folder, table, codes, coarse.get(table, {}))
        own[f"code({table})"] = code(table, codes, coarse.get(table, {}))
    return {**STANDARD, **own}


def _check_table(folder: Folder, table: str, codes: dict[str, list[str]], coarse: dict[str, str]) -> None:
    seen: dict[str, str] = {}
    for ours, words in codes.items():
        for word in words:
            if seen.setdefault(word, ours) != ours:
                line = folder.line_of("mapping.toml", f"[codes.{table}]")
                raise MappingMistake(
                    f"{folder.name}/mapping.toml", line, f"{word!r} of codes.{table} means {seen[word]} and {ours}"
                )
    for ours, word in coarse.items():
        if word not in seen or ours in codes:
            line = folder.line_of("mapping.toml", f"[coarse.{table}]")
            raise MappingMistake(
                f"{folder.name}/mapping.toml", line, f"coarse.{table}.{ours} needs a word of codes.{table}"
            )


def _document(
    folder: Folder, name: str, head: dict[str, Any], codec: Codec, converters: dict[str, Converter]
) -> Document:
    file = f"{name}.toml"
    table = folder.toml(file)
    rules = tuple(_rule(folder, file, rule) for rule in table.get("rules", ()))
    model = MODELS[table["model"]]
    resolved = resolve_converters(folder, file, rules, model, converters, xml=codec.xml)
    drops = {**table.get("drops", {}), **head.get("drops", {})}
    writes_when = tuple(parse(p, ".") for p in table.get("writes_when", ()))
    writes_unless = tuple(parse(p, ".") for p in table.get("writes_unless", ()))
    made_of = Rules(
        f"{folder.name}/{name}", rules, resolved, model, codec.xml, reasons(drops), writes_when, writes_unless
    )
    document = Document(
        name=name,
        model=model,
        recognise=tuple(parse(p, "/") for p in table.get("recognise", ())),
        writes_when=writes_when,
        writes_unless=writes_unless,
        rules=rules,
        program=Program(rules, resolved, xml=codec.xml),
        generated=Generated(made_of),
        schema=_schema(folder, table.get("schema", head.get("schema", ""))),
        schema_reads=bool(table.get("schema_reads", True)),
        drops=drops,
        structure={**head.get("structure", {}), **table.get("structure", {})},
        writes=bool(table.get("writes", True)),
        reads=bool(table.get("reads", True)),
        converters=resolved,
    )
    check_document(folder, file, document)
    return document


def _rule(folder: Folder, file: str, table: dict[str, Any]) -> Rule:
    try:
        return parse_rule(table)
    except ValueError as error:
        needle = f'id = "{table["id"]}"' if "id" in table else f'each = "{table.get("each", "")}"'
        raise MappingMistake(f"{folder.name}/{file}", folder.line_of(file, needle), str(error)) from None


def _schema(folder: Folder, name: str) -> Check | None:
    if not name:
        return None
    try:
        data = folder.files.joinpath(name).read_bytes()
        if name.endswith(".xsd"):
            return xsd(data)
        return json_schema(read_json(data, Limits(depth=128, items=5_000, values=500_000))[0])
    except OSError:
        raise MappingMistake(f"{folder.name}/{name}", 0, "the schema is not there") from None
    except (Refusal, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise MappingMistake(f"{folder.name}/{name}", 0, f"the schema cannot be used: {error}") from None
