"""Expressions become functions: compiled once, evaluated for every node they are about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from mappings.fhir_r4.fhirpath.functions import FUNCTIONS
from mappings.fhir_r4.fhirpath.syntax import Call, Expression, Literal, Operation, Step, Unsupported, Variable, parse
from mappings.fhir_r4.fhirpath.values import Collection, before, children, identity, same, truth

UCUM = "http://unitsofmeasure.org"
_PYTHON: dict[str, tuple[type, ...]] = {
    "Boolean": (bool,), "boolean": (bool,), "decimal": (int, float), "string": (str,), "String": (str,),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """What the variables of an expression stand for."""

    context: Any
    """The element the constraint is about."""
    resource: Any
    """The resource that holds the element."""
    root: Any
    """The resource that holds the resource, or itself."""


Program: TypeAlias = Callable[[Scope, Collection], Collection]


@lru_cache(maxsize=1024)
def compiled(text: str) -> Program:
    """Return an expression as a function.

    Raises:
        Unsupported: it uses what is not understood here.
    """
    return _compile(parse(text))


def holds(text: str, scope: Scope) -> bool:
    """Tell whether a constraint holds; one that cannot be decided is not broken.

    Raises:
        Unsupported: it uses what is not understood here.
    """
    return truth(compiled(text)(scope, [scope.context])) is not False


def _compile(tree: Expression) -> Program:
    if isinstance(tree, Literal):
        values = list(tree.values)
        return lambda scope, given: values
    if isinstance(tree, Variable):
        return _variable(tree.name)
    if isinstance(tree, Step):
        return _step(tree)
    if isinstance(tree, Call):
        return _call(tree)
    return _operation(tree)


def _variable(name: str) -> Program:
    found: dict[str, Program] = {
        "$this": lambda scope, given: given,
        "%resource": lambda scope, given: [scope.resource],
        "%rootResource": lambda scope, given: [scope.root],
        "%context": lambda scope, given: [scope.context],
        "%ucum": lambda scope, given: [UCUM],
    }
    if name not in found:
        raise Unsupported("an unknown variable")
    return found[name]


def _of(tree: Expression | None) -> Program:
    return _compile(tree) if tree is not None else lambda scope, given: given


def _step(tree: Step) -> Program:
    of, name = _of(tree.of), tree.name
    typed = tree.of is None and name[:1].isupper()

    def step(scope: Scope, given: Collection) -> Collection:
        nodes = of(scope, given)
        if typed:
            return [node for node in nodes if isinstance(node, dict) and node.get("resourceType") == name]
        return [child for node in nodes for child in children(node, name)]

    return step


def _call(tree: Call) -> Program:
    of = _of(tree.of)
    if tree.name in ("is", "as", "ofType"):
        kind = _named(tree.arguments[0])
        return _typed(of, kind, tree.name)
    function = FUNCTIONS.get(tree.name)
    if function is None:
        raise Unsupported("an unknown function")
    programs = tuple(_compile(argument) for argument in tree.arguments)

    def call(scope: Scope, given: Collection) -> Collection:
        def waiting(program: Program) -> Callable[[Collection], Collection]:
            return lambda values: program(scope, values)

        return function(of(scope, given), tuple(waiting(program) for program in programs))

    return call


def _named(tree: Expression) -> str:
    if isinstance(tree, Step) and tree.of is None:
        return tree.name
    raise Unsupported("a type was expected")


def _typed(of: Program, kind: str, what: str) -> Program:
    def fits(value: Any) -> bool:
        if isinstance(value, dict):
            return bool(value.get("resourceType") == kind)
        return isinstance(value, _PYTHON.get(kind, ())) and (isinstance(value, bool) is (kind.lower() == "boolean"))

    if what == "is":
        return lambda scope, given: [fits(value) for value in of(scope, given)[:1]]
    return lambda scope, given: [value for value in of(scope, given) if fits(value)]


def _operation(tree: Operation) -> Program:
    if tree.sign in ("is", "as"):
        return _typed(_compile(tree.left), _named(tree.right), tree.sign)
    left, right, join = _compile(tree.left), _compile(tree.right), _JOINS.get(tree.sign)
    if join is None:
        raise Unsupported("an unknown operator")
    return lambda scope, given: join(left(scope, given), right(scope, given))


def _logic(judge: Callable[[bool | None, bool | None], bool | None]) -> Callable[[Collection, Collection], Collection]:
    def join(left: Collection, right: Collection) -> Collection:
        result = judge(truth(left), truth(right))
        return [] if result is None else [result]

    return join


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left or right:
        return True
    return None if left is None or right is None else False


def _xor(left: bool | None, right: bool | None) -> bool | None:
    return None if left is None or right is None else left is not right


def _implies(left: bool | None, right: bool | None) -> bool | None:
    return True if left is False else _or(None if left is None else not left, right)


def _equal(left: Collection, right: Collection) -> Collection:
    if not left or not right:
        return []
    return [len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))]


def _unequal(left: Collection, right: Collection) -> Collection:
    return [not value for value in _equal(left, right)]


def _ordered(swap: bool, negate: bool) -> Callable[[Collection, Collection], Collection]:
    """Return a comparison: ``a > b`` is ``b < a``, ``a <= b`` is not ``b < a``."""

    def join(left: Collection, right: Collection) -> Collection:
        if len(left) != 1 or len(right) != 1:
            return []
        result = before(right[0], left[0]) if swap else before(left[0], right[0])
        return [] if result is None else [result is not negate]

    return join


def _within(left: Collection, right: Collection) -> Collection:
    return [any(same(left[0], value) for value in right)] if left else []


def _joined(left: Collection, right: Collection) -> Collection:
    return ["".join(str(values[0]) if values else "" for values in (left, right))]


_JOINS: dict[str, Callable[[Collection, Collection], Collection]] = {
    "and": _logic(_and),
    "or": _logic(_or),
    "xor": _logic(_xor),
    "implies": _logic(_implies),
    "=": _equal,
    "!=": _unequal,
    "<": _ordered(swap=False, negate=False),
    ">": _ordered(swap=True, negate=False),
    ">=": _ordered(swap=False, negate=True),
    "<=": _ordered(swap=True, negate=True),
    "in": _within,
    "contains": lambda left, right: _within(right, left),
    "|": lambda left, right: list({identity(value): value for value in (*left, *right)}.values()),
    "&": _joined,
    "+": lambda left, right: [left[0] + right[0]] if _numbers(left, right) else [],
    "-": lambda left, right: [left[0] - right[0]] if _numbers(left, right) else [],
}


def _numbers(left: Collection, right: Collection) -> bool:
    return all(len(values) == 1 and isinstance(values[0], int | float) for values in (left, right))
