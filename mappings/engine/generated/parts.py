"""Our values in generated code: what stands under a name of a canonical model, and whether a path leads anywhere."""

from __future__ import annotations

from enum import Enum, StrEnum
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin

from mappings.engine.paths import Path, Predicate, Step
from mappings.labels import Node as Model


class Uncovered(Exception):
    """A rule has a shape for which there is no generated code; its document goes the long way."""


class Kind(Enum):
    """What stands under a name."""

    LEAF = 1
    LEAVES = 2
    PART = 3
    PARTS = 4


class Part(NamedTuple):
    """One name of a model."""

    kind: Kind
    of: type[Any]
    """The model of a part, or the type of a leaf."""
    always: bool
    """The part is never ``None``, but may hold nothing."""


@cache
def part(model: type[Model], name: str) -> Part:
    """Return what stands under a name of a model.

    Raises:
        Uncovered: the model has no such name, or a default that generated code would have to know.
    """
    field = model.model_fields.get(name)
    if field is None:
        raise Uncovered
    inner = next((arg for arg in get_args(field.annotation) if arg is not type(None)), None)
    kind = field.annotation if inner is None or get_origin(field.annotation) is tuple else inner
    repeated = get_origin(kind) is tuple
    bare = _bare(get_args(kind)[0] if repeated else kind)
    is_model = isinstance(bare, type) and issubclass(bare, Model)
    always = is_model and not repeated and field.default is not None
    if not always and field.default not in (None, ()) and not field.is_required() and name != "type":
        raise Uncovered
    kinds = {(False, False): Kind.LEAF, (False, True): Kind.LEAVES, (True, False): Kind.PART, (True, True): Kind.PARTS}
    return Part(kinds[is_model, repeated], bare if isinstance(bare, type) else str, always)


def _bare(annotation: Any) -> Any:
    """Return the type under ``Annotated`` and ``| None``."""
    if hasattr(annotation, "__metadata__"):
        return _bare(get_args(annotation)[0])
    kinds = [arg for arg in get_args(annotation) if arg is not type(None)]
    return _bare(kinds[0]) if len(kinds) == 1 and type(None) in get_args(annotation) else annotation


def plain_value(var: str, of: type[Any]) -> str:
    """Return the source of a leaf's value as the canonical tree has it."""
    return f"{var}._value_" if issubclass(of, StrEnum) else var


def leads(model: type[Model], var: str, path: Path) -> str:
    """Return the source of whether a path leads anywhere from a value of a model.

    Raises:
        Uncovered: the path has a shape for which there is no source.
    """
    step, rest = path[0], path[1:]
    found, place = part(model, step.name), f"{var}.{step.name}"
    if found.kind is Kind.LEAF and not rest and not step.predicates:
        return f"{place} is not None"
    if found.kind is Kind.LEAVES and not rest and not step.predicates:
        return f"{place} != ()"
    item = "part" if found.kind is Kind.PART else f"item_{len(path)}"
    if found.kind is Kind.PARTS:
        return f"any({_all(found.of, item, step, rest)} for {item} in {place})"
    if found.kind is not Kind.PART:
        raise Uncovered
    there = "" if found.always else f"{place} is not None and "
    if found.always and not rest and not any(p.operator in ("=", "has") for p in step.predicates):
        there = f"holds({place}) and "
    return f"({there}{_all(found.of, place, step, rest)})"


def _all(model: type[Model], var: str, step: Step, rest: Path) -> str:
    said = [satisfies(model, var, predicate) for predicate in step.predicates]
    return " and ".join([*said, *([leads(model, var, rest)] if rest else [])]) or "True"


def satisfies(model: type[Model], var: str, predicate: Predicate) -> str:
    """Return the source of whether an item of ours satisfies a predicate.

    Raises:
        Uncovered: the predicate has a shape for which there is no source.
    """
    there = leads(model, var, predicate.path)
    if predicate.operator in ("has", "lacks"):
        return there if predicate.operator == "has" else f"not {there}" if there[0] == "(" else f"not ({there})"
    if len(predicate.path) > 1:
        raise Uncovered
    found, place = part(model, predicate.path[0].name), f"{var}.{predicate.path[0].name}"
    wanted = repr(predicate.value)
    if found.kind is Kind.LEAVES and issubclass(found.of, str):
        return f"{wanted} {'in' if predicate.operator == '=' else 'not in'} {place}"
    if found.kind is not Kind.LEAF or not issubclass(found.of, str | bool):
        raise Uncovered
    if found.of is bool:
        wanted = {"true": "True", "false": "False"}.get(predicate.value, "'?'")
        return f"{place} {'is' if predicate.operator == '=' else 'is not'} {wanted}"
    return f"{place} {'==' if predicate.operator == '=' else '!='} {wanted}"
