"""Load a changed mapping from a folder outside the package, beside the one that is installed.

A mapping's modules import each other by their full names (``mappings.police_fir.facts``), and some read their tables
only when first used. So a changed folder is laid over the installed package of the same name: while the block of
:meth:`Overlay.active` lasts, those names lead into the folder; afterwards everything is as it was. The canonical
language and the engine are never laid over: a changed mapping is judged by the language that runs.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.resources.abc import Traversable
from importlib.util import spec_from_file_location
from types import ModuleType

from mappings.engine.errors import MappingMistake, WordsError
from mappings.engine.findings import catalogue_aside
from mappings.engine.lineage import Translation
from mappings.engine.load import load
from mappings.engine.mapping import Mapping, Value

_KEPT = frozenset({"engine", "vocabulary"})
"""Packages a changed folder may hold but that are not laid over."""


class _Finder(MetaPathFinder):
    """Finds the packages of the overlay, before any other finder is asked."""

    def __init__(self, packages: dict[str, Traversable]) -> None:
        self._packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        folder = self._packages.get(fullname)
        if folder is None:
            return None
        if folder.joinpath("__init__.py").is_file():
            return spec_from_file_location(
                fullname, str(folder.joinpath("__init__.py")), submodule_search_locations=[str(folder)]
            )
        spec = ModuleSpec(fullname, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec


@dataclass
class Overlay:
    """A changed mapping folder, or a folder of several, loaded in isolation.

    Attributes:
        folders: the folder of each format, by format id.
        packages: every package that is laid over, by its full name.
    """

    folders: dict[str, Traversable]
    packages: dict[str, Traversable]
    _modules: dict[str, ModuleType] = field(default_factory=dict, repr=False)

    @contextmanager
    def active(self) -> Iterator[None]:
        """Lead the names of the overlay into its folders while the block lasts; for one thread at a time."""
        finder = _Finder(self.packages)
        aside = self._taken(sys.modules)
        sys.modules.update(self._modules)
        writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        sys.meta_path.insert(0, finder)
        try:
            with catalogue_aside():
                yield
        finally:
            sys.meta_path.remove(finder)
            sys.dont_write_bytecode = writes
            self._modules = self._taken(sys.modules)
            sys.modules.update(aside)
            self._reattach()

    def _taken(self, modules: dict[str, ModuleType]) -> dict[str, ModuleType]:
        """Take the overlay's names out of the table of modules and return what stood there."""
        names = [n for n in modules if any(n == p or n.startswith(f"{p}.") for p in self.packages)]
        return {name: modules.pop(name) for name in names}

    def _reattach(self) -> None:
        """Give the installed packages back their place as attributes of their parent."""
        parent = sys.modules["mappings"]
        for name in self.packages:
            short = name.rpartition(".")[2]
            if name in sys.modules:
                setattr(parent, short, sys.modules[name])
            elif hasattr(parent, short):
                delattr(parent, short)

    def mapping(self, format_id: str) -> OverlaidMapping:
        """Return a changed mapping.

        Raises:
            MappingMistake: something in the folder is wrong.
            KeyError: the folder holds no such format.
        """
        with self.active():
            return OverlaidMapping(self, self._load(format_id))

    def _load(self, format_id: str) -> Mapping:
        if format_id not in self.folders:
            raise KeyError(format_id)
        return load(f"mappings.{format_id}")


@dataclass(frozen=True)
class OverlaidMapping:
    """A changed mapping that works inside its overlay, so that what it looks up late is its own too."""

    overlay: Overlay
    mapping: Mapping

    def read(self, data: bytes) -> tuple[Translation[Value], ...]:
        """Return what a document says; raises what :meth:`Mapping.read` raises."""
        with self.overlay.active():
            return tuple(reading.settled() for reading in self.mapping.read(data))

    def write(self, value: Value) -> Translation[bytes]:
        """Return a value as a document; raises what :meth:`Mapping.write` raises."""
        with self.overlay.active():
            return self.mapping.write(value).settled()


def overlay(folder: Traversable) -> Overlay:
    """Return the overlay of a folder: one mapping, or a folder that holds mappings and what they share.

    Raises:
        WordsError: there is no mapping in it.
        MappingMistake: the head of one is no TOML or names no format.
    """
    if folder.joinpath("mapping.toml").is_file():
        name = _format_of(folder)
        return Overlay({name: folder}, {f"mappings.{name}": folder})
    inside = sorted((f for f in folder.iterdir() if f.is_dir()), key=lambda f: f.name)
    folders = {_format_of(f): f for f in inside if f.joinpath("mapping.toml").is_file()}
    if not folders:
        raise WordsError("there is no mapping.toml in the folder, nor in one below it")
    shared = {f.name: f for f in inside if f.name not in _KEPT and f.joinpath("__init__.py").is_file()}
    packages = {f"mappings.{name}": f for name, f in {**shared, **folders}.items()}
    return Overlay(folders, packages)


def _format_of(folder: Traversable) -> str:
    try:
        head = tomllib.loads(folder.joinpath("mapping.toml").read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MappingMistake(f"{folder.name}/mapping.toml", 0, str(error)) from None
    name = head.get("format")
    if not isinstance(name, str) or not name.isidentifier():
        raise MappingMistake(f"{folder.name}/mapping.toml", 0, "'format' names no format")
    return name
