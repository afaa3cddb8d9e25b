"""Habits of the code that no linter of ours knows."""

import ast
import re

import pytest

from tests.house.repository import ROOT, named, parsed, read, sources, texts

_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")
_SILENCED = re.compile(r"#\s*(?:noqa|type: ignore)\b")
_REASON = re.compile(r"(?:noqa: [A-Z0-9, ]+ - |type: ignore\[[\w, -]+\]\s+# )\w+")
_CLOCKS = {"now", "today", "utcnow"}
_DOORS = {"open", "print", "input", "exec", "eval", "__import__"}
_MAKES_CODE = "mappings/engine/generated/program.py"
"""Turns the source that is made from checked rules into functions (docs/adr/0021): the one place with ``exec``."""


def test_every_package_says_what_it_is() -> None:
    silent = [named(path) for path in sources() if path.name == "__init__.py" and not ast.get_docstring(parsed(path))]

    assert silent == []


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{named(path)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _UNFINISHED.search(line)
    ]

    assert found == []


def test_no_folder_or_module_is_named_after_nothing() -> None:
    empty_names = {"utils", "util", "helpers", "helper", "managers", "manager", "services", "common", "misc"}
    found = [named(path) for path in sources() if empty_names & {path.stem, *path.relative_to(ROOT).parts[:-1]}]

    assert found == []


def test_every_exclusion_of_a_lint_rule_has_its_reason_beside_it() -> None:
    """A reason also covers the next line, when that excludes more of the same family."""
    bare, covered = [], ""
    for line in _exclusions():
        codes, _, reason = line.partition("#")
        family = re.findall(r'"([A-Z]+)\d', codes)[0]
        if not reason.strip() and family != covered:
            bare.append(line)
        covered = family

    assert _exclusions()
    assert bare == []


def _exclusions() -> list[str]:
    """Return the lines of pyproject.toml that exclude a rule: those that name one by its number."""
    lint = read("pyproject.toml").partition("[tool.ruff.lint]")[2].partition("[tool.ruff.format]")[0]
    ignored = lint.partition("ignore = [")[2]
    return [line.strip() for line in ignored.splitlines() if re.search(r'"[A-Z]+\d+"', line)]


def test_every_silenced_warning_in_the_code_has_its_reason_beside_it() -> None:
    bare = [
        f"{named(path)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _SILENCED.search(line) and not _REASON.search(line)
    ]

    assert bare == []


@pytest.mark.parametrize("package", ["mappings/", "gateway/policy/", "gateway/routing/"])
def test_pure_rooms_open_nothing_and_look_at_no_clock(package: str) -> None:
    found = []
    for path in sources():
        if not named(path).startswith(package):
            continue
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            attribute = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if (name in _DOORS and (name, named(path)) != ("exec", _MAKES_CODE)) or attribute in _CLOCKS:
                found.append(f"{named(path)}:{node.lineno}")

    assert found == []


def test_only_settings_and_secret_references_read_the_environment() -> None:
    allowed = {"gateway/settings.py", "adapters/secret_refs.py"}
    readers = {name for name, text in texts() if name.startswith(("gateway/", "adapters/", "mappings/", "auth/"))
               and re.search(r"\bos\.(environ|getenv)\b", text)}  # fmt: skip

    assert readers <= allowed
