"""Random canonical values that a document could be asked to write.

First the leaves are chosen: all the document needs, some it carries, a few it drops. Then the value is built around
them; items of lists are drawn of the kinds the rules select. What must go together across leaves (a school's code and
its scheme) is said by ``joint_<format>.py`` beside this file, where a format needs it.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from mappings.engine.document import Document
from mappings.engine.domain import Domain, Item
from mappings.engine.mapping import Mapping, Value
from mappings.labels import Node, _bare, _item, leaves
from tests.laws import leaf_values

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]
Tree: TypeAlias = dict[str, Any]
Adjust: TypeAlias = Callable[[Draw, str, Tree], None]


class Builder:
    """Builds one random value of one document."""

    def __init__(self, draw: Draw, domain: Domain, adjust: Adjust | None) -> None:
        self.draw = draw
        self.domain = domain
        self.document = domain.document
        self.adjust = adjust
        self.chosen = self._choose()

    def _choose(self) -> frozenset[str]:
        needed = self.domain.needed
        carried = sorted(self.domain.written - needed)
        dropped = sorted(set(leaves(self.document.model)) - needed - set(carried) - {"type"})
        chosen = set(needed)
        if carried:
            chosen |= self.draw(st.sets(st.sampled_from(carried), max_size=14))
        if dropped:
            chosen |= self.draw(st.sets(st.sampled_from(dropped), max_size=2))
        return frozenset(chosen)

    def build(self) -> Tree:
        """Return the value as a tree."""
        tree = self._node(self.document.model, "")
        if self.adjust is not None:
            self.adjust(self.draw, self.document.name, tree)
        return tree

    def _node(self, model: type[Node], prefix: str, always: frozenset[str] = frozenset()) -> Tree:
        tree: Tree = {}
        for name, field in model.model_fields.items():
            if name == "type":
                continue
            kind, repeated = _item(field.annotation)
            path = f"{prefix}{name}{'[]' if repeated else ''}"
            bare = _bare(kind)
            if isinstance(bare, type) and issubclass(bare, Node):
                self._part(tree, name, bare, path, repeated=repeated)
            elif path in self.chosen or path in always or field.is_required():
                tree[name] = self._leaf(path, kind, field.metadata, tree, repeated=repeated)
        return tree

    def _part(self, tree: Tree, name: str, model: type[Node], path: str, *, repeated: bool) -> None:
        required = [kind for kind in self.domain.required_items if kind.path == path]
        wanted = any(chosen.startswith(f"{path}.") for chosen in self.chosen)
        if not repeated:
            inside = self._node(model, f"{path}.")
            if inside:
                tree[name] = inside
            return
        if not wanted and not required:
            return
        kinds = [kind for kind in self.domain.items if kind.path == path] or [Item(path, (), ())]
        extra = self.draw(st.lists(st.sampled_from([*kinds, Item(path, (), ())]), max_size=2))
        drawn = [self._list_item(model, path, kind) for kind in [*required, *extra]]
        if drawn:
            tree[name] = [item for item in drawn if item]

    def _list_item(self, model: type[Node], path: str, kind: Item) -> Tree:
        item: Tree = {}
        always = frozenset(f"{path}.{inside}" for inside in kind.present)
        drawn = self._node(model, f"{path}.", always)
        for inside, value in kind.given:
            _give(drawn, inside, value)
        if {"scheme", "value"} <= set(drawn) and "identifiers" in path:
            drawn["value"] = self.draw(leaf_values.numbers(drawn["scheme"]))
        item.update(drawn)
        return item

    def _leaf(self, path: str, kind: Any, metadata: list[Any], tree: Tree, *, repeated: bool) -> Any:
        codes = self.domain.codes.get(path)
        strategy = st.sampled_from(codes) if codes else leaf_values.BY_PATH.get(path)
        if strategy is None:
            strategy = leaf_values.values(kind, metadata)
        if repeated:
            return self.draw(st.lists(strategy, min_size=1, max_size=3, unique=True))
        return self.draw(strategy)


def _give(item: Tree, path: str, value: str) -> None:
    """Make a predicate true of an item."""
    *above, last = path.split(".")
    for step in above:
        item = item.setdefault(step, {})
    if last.endswith("[]"):
        held = item.setdefault(last[:-2], [])
        if value not in held:
            held.append(value)
    else:
        item[last] = {"true": True, "false": False}.get(value, value)


def joint(format_id: str) -> Adjust | None:
    """Return what a format says about leaves that must fit together, or none."""
    name = f"tests.laws.joint_{format_id}"
    if importlib.util.find_spec(name) is None:
        return None
    adjust: Adjust = importlib.import_module(name).adjust
    return adjust


@st.composite
def _values(draw: Draw, domain: Domain, adjust: Adjust | None) -> Value:
    tree = Builder(draw, domain, adjust).build()
    value: Any = domain.document.model.model_validate(tree)
    return value  # type: ignore[no-any-return]  # the model is one of the three


def referrals(mapping: Mapping, document: Document) -> st.SearchStrategy[Value]:
    """Return random values that a document could be asked to write: records, referrals or replies."""
    return _values(Domain(document), joint(mapping.format))
