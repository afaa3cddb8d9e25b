"""The shape of a canonical document: what stands at each step, found once for a model; a tree is then only followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from mappings.labels import Leaf, Node, leaves


@dataclass(slots=True, eq=False)
class Step:
    """One key of an object: a leaf, or what stands below it. Lists are not told apart: their items are the same."""

    generic: str
    """Dotted path with ``[]`` after every repeated step."""
    leaf: Leaf | None = None
    below: dict[str, Step] = field(default_factory=dict)
    varied: bool = field(init=False)
    """What the leaf is depends on its own item: a number or a reference on its scheme, a role on itself."""

    def __post_init__(self) -> None:
        numbered = "identifiers[]." in self.generic or self.generic.startswith("references[].")
        self.varied = numbered or self.generic == "persons[].roles[]"


@cache
def shape(model: type[Node]) -> dict[str, Step]:
    """Return the steps that lead into a document of a model, by key."""
    top: dict[str, Step] = {}
    for path, leaf in leaves(model).items():
        steps, walked = top, ""
        *above, last = path.split(".")
        for part in above:
            walked = f"{walked}.{part}" if walked else part
            steps = steps.setdefault(part.removesuffix("[]"), Step(walked)).below
        steps[last.removesuffix("[]")] = Step(path, leaf)
    return top
