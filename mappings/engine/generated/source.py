"""Python source as it is put together: lines at their depth, blocks, and names for the objects lines refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

_STEP = "    "


class Source:
    """The body of one function while it is written.

    Attributes:
        names: the objects the lines refer to, by the name they have there.
    """

    def __init__(self) -> None:
        self.names: dict[str, object] = {}
        self._lines: list[str | list[str]] = []
        self._depth = 1
        self._said: dict[int, str] = {}
        self._count = 0
        self._guards: list[list[str]] = [[]]

    def line(self, text: str) -> None:
        """Add a line where the source has arrived."""
        self._lines.append(_STEP * self._depth + text)

    def slot(self) -> Slot:
        """Return a place where lines can be added later: what turns out to be needed is declared there."""
        lines: list[str] = []
        self._lines.append(lines)
        return Slot(lines, _STEP * self._depth)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write a block; guards that are opened inside end with it."""
        self.line(f"{head}:")
        self._depth += 1
        with self.inside():
            yield
        self._depth -= 1

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Write a block that runs where a condition holds; an empty one always holds."""
        if condition:
            with self.block(f"if {condition}"):
                yield
        else:
            with self.inside():
                yield

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Keep the guards that are open now; those opened in the meantime end with it."""
        self._guards.append([])
        yield
        self.close()
        self._guards.pop()

    def guard(self, names: list[str]) -> None:
        """Go on where none of the variables is ``None``, each inside the one before; blocks in common stay open."""
        opened = self._guards[-1]
        common = 0
        while common < min(len(opened), len(names)) and opened[common] == names[common]:
            common += 1
        self._depth -= len(opened) - common
        del opened[common:]
        for name in names[common:]:
            self.line(f"if {name} is not None:")
            self._depth += 1
            opened.append(name)

    def close(self) -> None:
        """Leave every guard of this block."""
        self.guard([])

    def fresh(self, hint: str) -> str:
        """Return the name of a new variable."""
        self._count += 1
        return f"{_word(hint)}_{self._count}"

    def refer(self, value: object, hint: str) -> str:
        """Return the name under which lines refer to an object; the same object has one name."""
        name = self._said.get(id(value))
        if name is None:
            name = self._said[id(value)] = self.fresh(hint).upper()
            self.names[name] = value
        return name

    def text(self, head: str) -> str:
        """Return the function, ``head`` being its first line without the colon."""
        lines = [line for part in self._lines for line in ([part] if isinstance(part, str) else part)]
        return "\n".join([f"{head}:", *lines, ""])


class Slot:
    """A place in a source where lines can still be added."""

    def __init__(self, lines: list[str], indent: str) -> None:
        self._lines = lines
        self._indent = indent

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.append(self._indent + text)


def _word(hint: str) -> str:
    word = re.sub(r"\W+", "_", hint).strip("_") or "node"
    return f"_{word}" if word[0].isdigit() else word
