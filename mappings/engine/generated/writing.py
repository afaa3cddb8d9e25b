"""The source of writing: from a canonical value to a tree of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import chain

from mappings.engine.converters import STANDARD, Converter
from mappings.engine.generated.coverage import Coverage
from mappings.engine.generated.making import Made, new_item
from mappings.engine.generated.parts import Kind, Uncovered, leads, part
from mappings.engine.generated.source import Source
from mappings.engine.generated.taking import Taken, Values
from mappings.engine.paths import Path
from mappings.engine.rules import Rule
from mappings.engine.values import their_leaf
from mappings.labels import Node as Model

HEAD = "def write(value, tree, used)"


def writing(
    rules: tuple[Rule, ...], converters: Mapping[int, Converter], model: type[Model], coverage: Coverage, *, xml: bool
) -> Source:
    """Return the source of a document's writing.

    It takes the value, the tree to fill, and the list that takes the marks of what was written; it returns whether
    something was made that holds nothing and must be taken out.

    Raises:
        Uncovered: a rule is of a shape that is written the long way.
    """
    source = Source()
    source.line("use = used.append")
    source.line("hollow = False")
    writer = _Writing(source, converters, coverage, xml)
    writer.conditions(rules, model)
    writer.scope(rules, Values(source, "value", model), Made(source, "tree", source.slot(), xml))
    for path in coverage.doubtful:
        source.line(
            f"if {leads(model, 'value', path)} and not noted(used, {'.'.join(s.name for s in path)!r}): give_up()"
        )
    source.line("return hollow")
    return source


class _Writing:
    def __init__(self, source: Source, converters: Mapping[int, Converter], coverage: Coverage, xml: bool) -> None:
        self.source = source
        self.converters = converters
        self.coverage = coverage
        self.xml = xml
        self._unless: dict[tuple[Path, ...], str] = {}
        self._taken: dict[tuple[str, ...], str] = {}

    def conditions(self, rules: tuple[Rule, ...], model: type[Model]) -> None:
        """Write what ``unless`` asks of the whole value, each question once."""
        for rule in rules:
            if rule.unless and rule.only != "read" and rule.unless not in self._unless:
                name = self._unless[rule.unless] = self.source.fresh("unless")
                self.source.line(f"{name} = {' or '.join(leads(model, 'value', path) for path in rule.unless)}")
            self.conditions(rule.rules, model)

    def scope(self, rules: tuple[Rule, ...], ours: Values, theirs: Made) -> None:
        """Write rules that relate one value of ours to one node of theirs, in their order."""
        for rule in rules:
            if rule.only == "read":
                continue
            if rule.each:
                self._each(rule, ours, theirs)
            elif rule.always is None:
                self._value(rule, ours, theirs)
            elif rule.ours:
                self._imply(rule, ours, theirs)
            else:
                self._stamp(rule, theirs)
        self.source.close()
        theirs.prune()

    def _value(self, rule: Rule, ours: Values, theirs: Made) -> None:
        source, unless = self.source, self._unless.get(rule.unless, "")
        path = their_leaf(rule.theirs, xml=self.xml)
        there = source.fresh("there") if rule.need else ""
        if there:
            source.close()
            source.line(f"{there} = {unless or False}")

        def carry(taken: Taken) -> None:
            if there:
                source.line(f"{there} = True")
            self._carry(rule, taken, path, theirs)

        ours.follow(rule.ours, carry, once=not any(step.many for step in path), unless=unless)
        if there:
            source.close()
            source.line(f"if not {there}: give_up()")

    def _carry(self, rule: Rule, taken: Taken, path: Path, theirs: Made) -> None:
        """Write how a value of ours becomes one of theirs."""
        converter = self.converters[id(rule)]
        show = self.source.refer(converter.print, f"print_{converter.name}")
        if taken.whole:
            self.source.line(f"if not {taken.value}: give_up()")
        if converter is STANDARD["text"]:
            self._store(taken, path, theirs, _text(taken, show))
            return
        printed, line = self.source.fresh("printed"), self.source.line
        line(f"{printed} = {show}({taken.value})")
        if STANDARD.get(converter.name) is converter:
            self._store(taken, path, theirs, printed)
            return
        line(f"if type({printed}) is Coarse: {printed} = {printed}.value")
        if rule.id in self.coverage.demanding:
            line(f"if {printed} is None: give_up()")
        with self.source.when(f"{printed} is not None"):
            line(f"hollow = hollow or type({printed}) in BRANCHES and hollows({printed})")
            self._store(taken, path, theirs, printed)

    def _store(self, taken: Taken, path: Path, theirs: Made, printed: str) -> None:
        """Write where a value of theirs goes, and mark what it was made of."""
        line = self.source.line
        if path[-1].name == ".":
            line(f"if not {printed}: give_up()")
            line(f"{theirs.node(path[:-1])}.update({printed})")
            line(f"use_again(use, {printed}, {taken.mark})")
        else:
            theirs.put(path, printed)
        line(f"use_whole(use, {taken.value}, {taken.mark})" if taken.whole else f"use({taken.mark})")
        for select in taken.select:
            line(select)
        self._said(theirs)

    def _imply(self, rule: Rule, ours: Values, theirs: Made) -> None:
        def imply(taken: Taken) -> None:
            with self.source.when(f"{taken.value} == {rule.always!r} and implied(used, {taken.mark})"):
                self.source.line(f"{theirs.said} = True" if theirs.said else "pass")

        ours.follow(rule.ours, imply, once=False, unless=self._unless.get(rule.unless, ""))

    def _stamp(self, rule: Rule, theirs: Made) -> None:
        if rule.theirs[-1].name == ".":
            raise Uncovered
        self.source.close()
        unless = self._unless.get(rule.unless, "")
        with self.source.when(f"not {unless}" if unless else ""):
            theirs.put(their_leaf(rule.theirs, xml=self.xml), repr(rule.always))
            self._said(theirs)

    def _said(self, theirs: Made) -> None:
        if theirs.said:
            self.source.line(f"{theirs.said} = True")

    def _each(self, rule: Rule, ours: Values, theirs: Made) -> None:
        """Write the writing of the items of a list, or of a part, of ours."""
        here, step = ours.down(rule.each[:-1]), rule.each[-1]
        found, unless = part(here.model, step.name), self._unless.get(rule.unless, "")
        if rule.theirs[-1].name == "." or found.kind not in (Kind.PART, Kind.PARTS):
            raise Uncovered
        if found.kind is Kind.PARTS:
            with self.source.when(f"not {unless}" if unless else ""):
                with here.loop(step) as (item, select):
                    self._untaken(rule, item, theirs, select)
            return
        if step.predicates or id(rule) in self.coverage.contested:
            raise Uncovered
        inner = here.down((step,))
        asked = [f"holds({inner.var})"] if found.always else []
        with self.source.when(" and ".join([*asked, *([f"not {unless}"] if unless else [])])):
            with self.source.when(self._item(rule, inner, theirs)):
                self._said(theirs)
                self.source.line("pass")

    def _untaken(self, rule: Rule, item: Values, theirs: Made, select: tuple[str, ...]) -> None:
        """Write the writing of an item, unless another rule over the same list has taken it."""
        line, taken = self.source.line, self._contested(rule, theirs)
        if taken:
            line(f"if {item.at} in {taken}: continue")
        with self.source.when(self._item(rule, item, theirs)):
            for each in select:
                line(each)
            if taken:
                line(f"{taken}.add({item.at})")
            self._said(theirs)
            line("pass" if rule.theirs[-1].listed else "break")

    def _contested(self, rule: Rule, theirs: Made) -> str:
        """Return the variable that tells which items are taken, if several rules go through the list."""
        group = self.coverage.contested.get(id(rule))
        if group is None:
            return ""
        if group not in self._taken:
            self._taken[group] = self.source.fresh(f"taken_{rule.each[-1].name}")
            theirs.born.line(f"{self._taken[group]} = set()")
        return self._taken[group]

    def _item(self, rule: Rule, item: Values, theirs: Made) -> str:
        """Write the writing of one item; returns the variable that tells whether anything was noted of it."""
        source, last = self.source, rule.theirs[-1]
        above, name = theirs.holder(rule.theirs[:-1]), repr(last.name)
        said, node = source.fresh("said"), source.fresh(last.name)
        source.line(f"{said} = False")
        alone = not last.listed and not self.xml
        if alone:
            source.line(f"{node} = {above}.setdefault({name}, {{}})")
        else:
            source.line(f"{node} = {new_item(last, xml=self.xml)!r}")
            source.line(f"{above}.setdefault({name}, []).append({node})")
        self.scope(rule.rules, item, Made(source, node, source.slot(), self.xml, said))
        with source.block(f"if not {node if alone else said}"):
            source.line(f"{above}.pop({name}, None)" if alone else f"take_back({above}, {name})")
        return said


def _text(taken: Taken, show: str) -> str:
    """Return the source of a text in the form in which texts are written."""
    if issubclass(taken.of, StrEnum) and all(map(_ascii, chain(taken.of))):
        return taken.value
    return f"{taken.value} if {taken.value}.isascii() and {taken.value}.isprintable() else {show}({taken.value})"


def _ascii(text: str) -> bool:
    return text.isascii() and text.isprintable()
