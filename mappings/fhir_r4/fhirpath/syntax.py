"""FHIRPath text becomes a tree of expressions: a lexer and a parser by precedence (FHIRPath N1, section 8.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the text; no value for ``{}``."""

    values: tuple[str | int | float | bool, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """``$this``, or ``%resource``, ``%rootResource``, ``%context``, ``%ucum``."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """A child by its name, of what stands before it, or of the input where nothing stands before it."""

    of: Expression | None
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function on what stands before it, or on the input."""

    of: Expression | None
    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Two expressions and what joins them."""

    sign: str
    left: Expression
    right: Expression


Expression: TypeAlias = Literal | Variable | Step | Call | Operation

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*|`[^`]+`)"
    r"|(?P<variable>[%$]\w+)|(?P<sign><=|>=|!=|[-=<>|&+*/().,{}\[\]]))"
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("implies",), ("or", "xor"), ("and",), ("in", "contains"), ("=", "!="), ("<", "<=", ">", ">="), ("|",),
    ("is", "as"), ("+", "-", "&"),
)  # fmt: skip
"""Operators from the loosest to the tightest."""


class Unsupported(ValueError):
    """The text is outside the part of FHIRPath that is understood here."""


def parse(text: str) -> Expression:
    """Return the tree of an expression.

    Raises:
        Unsupported: it is no FHIRPath that is understood here.
    """
    tokens, end = [], 0
    for match in _TOKEN.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        tokens.append((match.lastgroup or "", match.group(match.lastgroup or 0)))
    if text[end:].strip():
        raise Unsupported("a character no token begins with")
    parser = _Parser(tokens)
    tree = parser.level(0)
    if parser.kind():
        raise Unsupported("more than one expression")
    return tree


class _Parser:
    """A descent over the tokens."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def word(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        word = self.word()
        if not word or (wanted and word != wanted):
            raise Unsupported("another token was expected")
        self.at += 1
        return word

    def level(self, depth: int) -> Expression:
        if depth == len(_LEVELS):
            return self.chain()
        left = self.level(depth + 1)
        while self.word() in _LEVELS[depth] and self.kind() in ("name", "sign"):
            sign = self.take()
            left = Operation(sign, left, self.level(depth + 1))
        return left

    def chain(self) -> Expression:
        tree = self.term()
        while self.word() in (".", "["):
            if self.take() == ".":
                tree = self.member(tree)
            else:
                tree = Call(tree, "[]", (self.level(0),))
                self.take("]")
        return tree

    def term(self) -> Expression:
        kind = self.kind()
        if kind == "text":
            return Literal((re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), self.take()[1:-1]),))
        if kind == "number":
            word = self.take()
            return Literal((float(word) if "." in word else int(word),))
        if kind == "variable":
            return Variable(self.take())
        if self.word() == "(":
            self.take()
            tree = self.level(0)
            self.take(")")
            return tree
        if self.word() == "{":
            self.take()
            self.take("}")
            return Literal(())
        return self.member(None)

    def member(self, of: Expression | None) -> Expression:
        if self.kind() != "name":
            raise Unsupported("a name was expected")
        name = self.take().strip("`")
        if of is None and name in ("true", "false"):
            return Literal((name == "true",))
        if self.word() != "(":
            return Step(of, name)
        self.take()
        arguments = []
        while self.word() != ")":
            arguments.append(self.level(0))
            if self.word() != ")":
                self.take(",")
        self.take(")")
        return Call(of, name, tuple(arguments))
