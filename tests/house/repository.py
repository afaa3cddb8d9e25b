"""What these tests look at: the repository's own files, read as text."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "adapters", "mappings", "auth", "conformance")


@cache
def committed() -> tuple[Path, ...]:
    """Return every file that is, or would be, committed: tracked ones and new ones that nothing ignores."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git of the machine
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    names = sorted(name for name in listing.stdout.decode().split("\0") if name)
    return tuple(path for path in (ROOT / name for name in names) if path.is_file())


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of every committed file that is text."""
    for path in committed():
        try:
            yield named(path), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def named(path: Path) -> str:
    """Return a file's name from the top of the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def sources() -> tuple[Path, ...]:
    """Return every Python file of the five packages."""
    return tuple(path for path in committed() if path.suffix == ".py" and named(path).startswith(PACKAGES))


@cache
def parsed(path: Path) -> ast.Module:
    """Return a Python file's syntax tree."""
    return ast.parse(path.read_text("utf-8"), named(path))


def read(name: str) -> str:
    """Return the text of a file named from the top of the repository."""
    return (ROOT / name).read_text("utf-8")


def make_targets() -> set[str]:
    """Return the verbs of the Makefile."""
    lines = read("Makefile").splitlines()
    heads = (line.partition(":")[0] for line in lines if line[:1].isalpha() and ":" in line and ":=" not in line)
    return set(heads)
