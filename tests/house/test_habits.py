"""Habits of the code that no linter of ours knows."""

import ast
import re

import pytest

from tests.house.repository import ROOT, named, parsed, read, sources, texts

_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")
_EXCUSE = re.compile(r"#\s*(noqa|type: ignore)(?P<codes>[^#]*)(?P<reason>.*)$")
_ENTRY = re.compile(r'^\s*(?P<codes>(?:"[A-Z]+[0-9]*",\s*)+)(?P<comment>#.*)?$')
_CLOCKS = {"now", "today", "utcnow"}
_DOORS = {"open", "print", "input", "exec", "eval", "__import__"}


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
    bare, family = [], ""
    for line in read("pyproject.toml").partition("[tool.ruff.lint]")[2].partition("[tool.mypy]")[0].splitlines():
        entry = _ENTRY.match(line)
        if entry is None:
            family = ""
            continue
        code = re.findall(r'"([A-Z]+)', entry["codes"])[0]
        reason = (entry["comment"] or "").strip("# ")
        # A reason also covers a following line of the same family.
        if not reason and code != family and '"A", "ASYNC"' not in line and not _selected(line):
            bare.append(line.strip())
        family = code if reason else ""

    assert bare == []


def _selected(line: str) -> bool:
    """Tell whether a line belongs to `select`, which needs no reasons: it holds families, not rules."""
    return not re.search(r'"[A-Z]+[0-9]+"', line) or "T10" in line


def test_every_silenced_warning_in_the_code_has_its_reason_beside_it() -> None:
    bare = []
    for path in sources():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            match = _EXCUSE.search(line)
            if match and not re.search(
                r"[a-z]{3,}.*\s[a-z]{2,}", re.sub(r"\[[a-z-, ]*\]", "", match["codes"] + match["reason"])
            ):
                bare.append(f"{named(path)}:{number}")

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
            if name in _DOORS or attribute in _CLOCKS:
                found.append(f"{named(path)}:{node.lineno}")

    assert found == []


def test_only_settings_and_secret_references_read_the_environment() -> None:
    allowed = {"gateway/settings.py", "adapters/secret_refs.py"}
    readers = {name for name, text in texts() if name.startswith(("gateway/", "adapters/", "mappings/", "auth/"))
               and re.search(r"\bos\.(environ|getenv)\b", text)}  # fmt: skip

    assert readers <= allowed
