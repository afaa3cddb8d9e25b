"""A drawing of exceptions in a docstring is the tree of classes below it."""

import importlib
import inspect
import re

import pytest

from gateway import errors, problems

DRAWN = ("gateway.errors", "gateway.store.errors", "gateway.vault.errors", "mappings.engine.errors", "auth.errors")
_BRANCH = re.compile(r"^(?P<lead>[\s│|]*(?:(?:├──|└──|\|--|`--)\s)?)(?P<name>[A-Z]\w+)(?=\s{2,}|\s*$)")


def _drawn(docstring: str) -> dict[str, str | None]:
    """Return every drawn class with the class it hangs on."""
    tree: dict[str, str | None] = {}
    above: list[tuple[int, str]] = []
    for line in docstring.splitlines():
        branch = _BRANCH.match(line)
        if branch is None:
            continue
        column, name = len(branch["lead"]), branch["name"]
        while above and above[-1][0] >= column:
            above.pop()
        tree[name] = above[-1][1] if above else None
        above.append((column, name))
    return tree


def _classes(module: str) -> dict[str, str]:
    """Return every exception a module defines with its base."""
    members = inspect.getmembers(importlib.import_module(module), inspect.isclass)
    ours = [cls for _, cls in members if issubclass(cls, Exception) and cls.__module__ == module]
    return {cls.__name__: cls.__base__.__name__ for cls in ours if cls.__base__ is not None}


@pytest.mark.parametrize("module", DRAWN)
def test_the_drawing_shows_every_class_in_its_place(module: str) -> None:
    drawn = _drawn(importlib.import_module(module).__doc__ or "")
    classes = _classes(module)
    shown = {name: base for name, base in drawn.items() if name in classes}

    assert drawn.keys() - classes.keys() <= {"Exception"}
    assert shown == {name: base if base in drawn else None for name, base in classes.items()}


def test_every_error_has_its_status() -> None:
    named = {cls for cls in vars(errors).values() if inspect.isclass(cls) and issubclass(cls, errors.GatewayError)}

    assert set(problems.STATUS) == named - {errors.GatewayError}


def test_no_two_errors_share_a_code() -> None:
    codes = [cls.code for cls in problems.STATUS]

    assert len(set(codes)) == len(codes)
