"""Sensitivity labels, and the base of every canonical model.

Every leaf of the canonical language carries exactly one label (formats/case-management.md 6.1). A data-sharing
agreement grants labels for a purpose; the need-to-know floor of an agency's kind narrows that further. A leaf
without a label does not load: see :func:`leaves`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict


class Label(StrEnum):
    """What kind of harm a leaf could do if it reached the wrong desk."""

    ADMINISTRATIVE = "administrative"
    """Bookkeeping of the referral itself: references, clocks, the service wanted, safety rules."""
    IDENTITY = "identity"
    """Who the child is: names, sex, birth, numbers."""
    FAMILY = "family"
    """Who the people around the child are."""
    CONTACT = "contact"
    """How somebody can be reached: telephone, address, whether contact is safe."""
    LOCATION = "location"
    """Where the child lives or stays, no finer than an agency's area of work."""
    NEEDS = "needs"
    """Language and access needs a service must know to serve the child."""
    CONCERN = "concern"
    """What is feared or known to have happened, as codes."""
    INCIDENT = "incident"
    """A police matter: report, offences, accused, officers."""
    CLINICAL = "clinical"
    """Findings and codes of a health worker."""
    EDUCATION = "education"
    """School history and placement."""
    REGISTRATION = "registration"
    """The civil register's own entry."""
    CONSENT = "consent"
    """On what basis the referral is made."""
    NARRATIVE = "narrative"
    """Free text of the story."""
    REPORTER = "reporter"
    """Who told."""
    DISPLACEMENT = "displacement"
    """Nationality, refugee status and the numbers that reveal them."""


class Node(BaseModel):
    """A frozen, closed part of the canonical language: unknown fields are refused, absent is absent."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False, hide_input_in_errors=True)


class Leaf(NamedTuple):
    """One leaf of the canonical language."""

    path: str
    """Dotted, with ``[]`` after every repeated step: ``child.identifiers[].value``."""
    label: Label
    type: object
    """The annotation of one value, ``None`` taken out: a ``str`` subtype, an enum, ``bool``, ``int``, ``float``."""
    repeated: bool
    """The leaf itself is a list of scalars (its path then ends in ``[]``)."""


def _strip_none(annotation: object) -> object:
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        kept = [arg for arg in typing.get_args(annotation) if arg is not type(None)]
        if len(kept) == 1:
            return kept[0]
    return annotation


def _item(annotation: object) -> tuple[object, bool]:
    """Return the annotation of one value and whether it is repeated (``tuple[X, ...]``)."""
    inner = _strip_none(annotation)
    if typing.get_origin(inner) is tuple:
        return typing.get_args(inner)[0], True
    return inner, False


def _bare(annotation: object) -> object:
    """Return the type under ``Annotated``."""
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is typing.Annotated else annotation


def _walk(model: type[Node], prefix: str) -> Iterator[Leaf]:
    for name, field in model.model_fields.items():
        item, repeated = _item(field.annotation)
        path = f"{prefix}{name}{'[]' if repeated else ''}"
        bare = _bare(item)
        if isinstance(bare, type) and issubclass(bare, Node):
            yield from _walk(bare, f"{path}.")
            continue
        labels = [m for m in field.metadata if isinstance(m, Label)]
        if len(labels) != 1:
            raise TypeError(f"{model.__name__}.{name} must carry exactly one sensitivity label")
        yield Leaf(path, labels[0], item, repeated)


@lru_cache(maxsize=16)
def leaves(model: type[Node]) -> dict[str, Leaf]:
    """Return every leaf of a canonical model by path.

    Raises:
        TypeError: a leaf carries no label, or more than one.
    """
    return {leaf.path: leaf for leaf in _walk(model, "")}
