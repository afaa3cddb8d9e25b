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


class Plan:
    """What random values of one document are made of: each strategy is made once, for that costs more than a draw.

    Attributes:
        domain: what the document can say.
        adjust: what must go together across leaves.
        chosen: which leaves a value has: all that are needed, some that are carried, a few that are dropped.
    """

    def __init__(self, domain: Domain, adjust: Adjust | None) -> None:
        self.domain = domain
        self.adjust = adjust
        needed = domain.needed
        carried = sorted(domain.written - needed)
        dropped = sorted(set(leaves(domain.document.model)) - needed - set(carried) - {"type"})
        some, few = (
            st.sets(st.sampled_from(paths), max_size=most) if paths else st.just(set[str]())
            for paths, most in ((carried, 14), (dropped, 2))
        )
        self.chosen = st.tuples(some, few).map(lambda parts: frozenset(needed | parts[0] | parts[1]))
        self._leaves: dict[str, st.SearchStrategy[Any]] = {}
        self._items: dict[str, st.SearchStrategy[list[Item]]] = {}

    def leaf(self, path: str, kind: Any, metadata: list[Any], *, repeated: bool) -> st.SearchStrategy[Any]:
        """Return random values of a leaf, or lists of them."""
        if path not in self._leaves:
            codes = self.domain.codes.get(path)
            strategy = st.sampled_from(codes) if codes else leaf_values.BY_PATH.get(path)
            strategy = leaf_values.values(kind, metadata) if strategy is None else strategy
            self._leaves[path] = st.lists(strategy, min_size=1, max_size=3, unique=True) if repeated else strategy
        return self._leaves[path]

    def items(self, path: str) -> st.SearchStrategy[list[Item]]:
        """Return kinds of items a list may have beside those it needs."""
        if path not in self._items:
            plain = Item(path, (), ())
            kinds = [kind for kind in self.domain.items if kind.path == path] or [plain]
            self._items[path] = st.lists(st.sampled_from([*kinds, plain]), max_size=2)
        return self._items[path]


class Builder:
    """Builds one random value of one document."""

    def __init__(self, draw: Draw, plan: Plan) -> None:
        self.draw = draw
        self.plan = plan
        self.domain = plan.domain
        self.document = plan.domain.document
        self.chosen = draw(plan.chosen)

    def build(self) -> Tree:
        """Return the value as a tree."""
        tree = self._node(self.document.model, "")
        concern = tree.get("concern", {})
        if "primary" in concern and concern["primary"] not in concern.get("types", []):
            concern["types"] = [concern["primary"], *concern.get("types", [])]
        if self.plan.adjust is not None:
            self.plan.adjust(self.draw, self.document.name, tree)
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
                tree[name] = self.draw(self.plan.leaf(path, kind, field.metadata, repeated=repeated))
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
        extra = self.draw(self.plan.items(path))
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
def _values(draw: Draw, plan: Plan) -> Value:
    tree = Builder(draw, plan).build()
    value: Any = plan.domain.document.model.model_validate(tree)
    return value  # type: ignore[no-any-return]  # the model is one of the three


def referrals(mapping: Mapping, document: Document) -> st.SearchStrategy[Value]:
    """Return random values that a document could be asked to write: records, referrals or replies."""
    return _values(Plan(Domain(document), joint(mapping.format)))
