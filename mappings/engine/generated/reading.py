"""The source of reading: from a parsed tree of theirs to the tree of a canonical value."""

from __future__ import annotations

from collections.abc import Mapping

from mappings.engine.account import asked_on
from mappings.engine.converters import STANDARD, Converter
from mappings.engine.finders import finder
from mappings.engine.generated.parts import Uncovered
from mappings.engine.generated.places import Ours, new_item, plain_lead
from mappings.engine.generated.source import Source
from mappings.engine.generated.steps import Leaf, Theirs
from mappings.engine.paths import Path
from mappings.engine.rules import Rule
from mappings.engine.shapes import placer
from mappings.engine.values import their_leaf

HEAD = "def read(tree, ours, mark, shape)"


def reading(rules: tuple[Rule, ...], converters: Mapping[int, Converter], *, xml: bool) -> Source:
    """Return the source of a document's reading.

    It takes the tree, the object to fill, what marks a place as read, and a :class:`~mappings.engine.shapes.Shape`.

    Raises:
        Uncovered: a rule is of a shape that is read the long way.
    """
    source = Source()
    source.line("spent = set()")
    _Reading(source, converters, xml).whole(rules, Theirs(source, "tree", xml), Ours("ours", source.slot()))
    return source


class _Reading:
    def __init__(self, source: Source, converters: Mapping[int, Converter], xml: bool) -> None:
        self.source = source
        self.converters = converters
        self.xml = xml

    def whole(self, rules: tuple[Rule, ...], theirs: Theirs, ours: Ours) -> None:
        """Write rules that fill one object of ours from its beginning to its end."""
        self._scope(rules, theirs, ours)
        ours.prune(self.source)

    def _scope(self, rules: tuple[Rule, ...], theirs: Theirs, ours: Ours) -> None:
        """Write rules that relate one node of theirs to one object of ours, in their order."""
        for rule in rules:
            if rule.only == "write":
                continue
            if rule.each:
                self._each(rule, theirs, ours)
            elif rule.always is None:
                self._value(rule, theirs, ours)
            elif rule.ours:
                self._tell(rule, ours)
            else:
                self._demand(rule, theirs, ours)
        self.source.close()

    def _value(self, rule: Rule, theirs: Theirs, ours: Ours) -> None:
        converter = self.converters[id(rule)]
        path = their_leaf(rule.theirs, xml=self.xml)
        theirs.follow(path, lambda leaf: self._carry(rule, converter, leaf, ours), must=rule.need and not rule.unless)

    def _carry(self, rule: Rule, converter: Converter, leaf: Leaf, ours: Ours) -> None:
        """Write how a value of theirs becomes one of ours."""
        parsed = self._parsed(converter, leaf)
        if parsed.isidentifier():
            with self.source.block(f"if {parsed} is not None"):
                self._put(rule, converter, parsed, ours)
        else:
            self._put(rule, converter, parsed, ours)
        self._marks(leaf)
        if ours.said and leaf.select and parsed.isidentifier():
            self.source.line(f"if {parsed} is None: give_up()")

    def _parsed(self, converter: Converter, leaf: Leaf) -> str:
        """Return the source of the converted value: a variable, or what cannot be ``None``."""
        line, parse = self.source.line, self.source.refer(converter.parse, f"parse_{converter.name}")
        value = self.source.fresh("value")
        if leaf.value.isidentifier():
            value = leaf.value
        else:
            line(f"{value} = {leaf.value}")
        if converter is STANDARD["text"]:
            return f"{value} if {value}.isascii() and {value}.isprintable() else {parse}({value})"
        if leaf.container and not leaf.scalar:
            line(f"if type({value}) in BRANCHES: give_up()")
        parsed = self.source.fresh("parsed")
        line(f"{parsed} = {parse}({value})")
        if converter.parse_warning:
            doubt = self.source.refer(converter.parse_warning, "doubt")
            line(f"if {doubt}({value}): give_up()")
        return parsed

    def _put(self, rule: Rule, converter: Converter, value: str, ours: Ours) -> None:
        """Write where a value of ours goes."""
        if converter.spread:
            self._spread(rule.ours, value, ours)
            return
        if STANDARD.get(converter.name) is not converter:
            self.source.line(f"if type({value}) in BRANCHES: give_up()")
        self._store(rule.ours, value, ours)
        self._said(ours)

    def _spread(self, path: Path, value: str, ours: Ours) -> None:
        if any(step.listed for step in path):
            raise Uncovered
        node, line = ours.node(self.source, path), self.source.line
        line(f"if any(type(part) in BRANCHES for part in {value}.values()): give_up()")
        line(f"{node}.update({value})")
        if ours.said:
            line(f"{ours.said} = {ours.said} or says({node})")

    def _store(self, path: Path, value: str, ours: Ours) -> None:
        lead, line = plain_lead(path), self.source.line
        if lead == len(path) - 1 and not path[-1].listed:
            line(f"{ours.node(self.source, path[:-1])}[{path[-1].name!r}] = {value}")
        elif lead == len(path) - 1 and not path[-1].predicates:
            line(f"{ours.items(self.source, path)}.append({value})")
        else:
            place = self.source.refer(placer(path[lead:], xml=False), "place")
            node = ours.node(self.source, path[:lead])
            ours.items(self.source, path[: lead + 1])
            line(f"put({place}(shape, {node}, (None, {node}, '', -1)), {value})")

    def _tell(self, rule: Rule, ours: Ours) -> None:
        self.source.close()
        self._store(rule.ours, repr(rule.always), ours)
        self._said(ours)

    def _demand(self, rule: Rule, theirs: Theirs, ours: Ours) -> None:
        def compare(leaf: Leaf) -> None:
            self.source.line(f"if {leaf.value} != {rule.always!r}: give_up()")
            self._marks(leaf._replace(scalar=True))
            self._said(ours)

        path = their_leaf(rule.theirs, xml=self.xml)
        theirs.follow(path, compare, must=rule.need and not rule.unless)

    def _marks(self, leaf: Leaf) -> None:
        """Write that a place was read, and what selected it."""
        if leaf.container:
            self.source.line(f"mark(({leaf.container}, {leaf.key}))")
        else:
            self.source.line(f"mark_leaves({leaf.value}, mark)")
        for select in leaf.select:
            select()

    def _said(self, ours: Ours) -> None:
        if ours.said:
            self.source.line(f"{ours.said} = True")

    def _each(self, rule: Rule, theirs: Theirs, ours: Ours) -> None:
        """Write the reading of the items of a list, or of the inside of an object."""
        path, source = rule.theirs, self.source
        last = path[-1]
        rare = any(step.many or len(step.names) > 1 or step.name == "." for step in path[:-1]) or len(last.names) > 1
        if rare or last.name == ".":
            self._rarely(rule, theirs, ours)
            return
        if last.many:
            above = theirs.child(path[:-1], must=False)
            with theirs.loop(above, last) as (_, _, item):
                source.line(f"if type({item}) is not dict: continue")
                self._item(rule, item, ours, self._chosen(path, item))
        else:
            item = theirs.child(path, must=False)
            with source.inside():
                self._item(rule, item, ours, self._chosen(path, item))

    def _chosen(self, path: Path, item: str) -> str:
        asked = asked_on(path)
        if not asked:
            return ""
        if any(step.predicates for step in path[:-1]):
            raise Uncovered
        return f"mark_selected({self.source.refer(asked, 'asked')}, (None, {item}, '', -1), mark)"

    def _rarely(self, rule: Rule, theirs: Theirs, ours: Ours) -> None:
        """Write the reading of items that only the function of their path finds."""
        source, path = self.source, rule.theirs
        find, hits, hit = source.refer(finder(path), "find"), source.fresh("hits"), source.fresh("hit")
        source.close()
        source.line(f"{hits} = {find}({theirs.var}, (None, {theirs.var}, '', -1))")
        if not any(step.many for step in path):
            source.line(f"if len({hits}) > 1: give_up()")
        asked = asked_on(path)
        with source.block(f"for {hit} in {hits}"):
            item = source.fresh("item")
            source.line(f"{item} = {hit}[2]")
            source.line(f"if type({item}) is not dict: continue")
            chosen = f"mark_selected({source.refer(asked, 'asked')}, {hit}[3], mark)" if asked else ""
            self._item(rule, item, ours, chosen)

    def _item(self, rule: Rule, item: str, ours: Ours, chosen: str) -> None:
        """Write the reading of one item, unless another rule over the same list has taken it."""
        if plain_lead(rule.each) < len(rule.each) - 1:
            raise Uncovered
        if not rule.theirs[-1].listed:
            self._object(rule, item, ours, chosen)
            return
        with self.source.block(f"if id({item}) not in spent"):
            self.source.line(f"spent.add(id({item}))")
            self._object(rule, item, ours, chosen)

    def _object(self, rule: Rule, item: str, ours: Ours, chosen: str) -> None:
        """Write the reading of one item into one object of ours; taken back if no rule put anything into it."""
        source, last = self.source, rule.each[-1]
        said = source.fresh("said")
        source.line(f"{said} = False")
        inner = Theirs(source, item, self.xml)
        if last.listed:
            self._new(rule, inner, ours, said)
        else:
            self._scope(rule.rules, inner, ours.below(source, rule.each, said))
        self._kept(said, ours, chosen)

    def _new(self, rule: Rule, inner: Theirs, ours: Ours, said: str) -> None:
        source, last = self.source, rule.each[-1]
        items, node, made = ours.items(source, rule.each), source.fresh(last.name), new_item(last)
        source.line(f"{node} = {made!r}")
        source.line(f"{items}.append({node})")
        self.whole(rule.rules, inner, Ours(node, source.slot(), made, said))
        source.line(f"if not {said}: {items}.pop()")

    def _kept(self, said: str, ours: Ours, chosen: str) -> None:
        """Write what follows from an item into which something was put."""
        lines = [chosen] if chosen else []
        if ours.said:
            lines.append(f"{ours.said} = True")
        if lines:
            with self.source.block(f"if {said}"):
                for line in lines:
                    self.source.line(line)
