"""Try a mapping on its own samples: every law, and where a law is broken the rule that is to blame.

The random values of the tests find more (``tests/laws``); this is what an author runs after every line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from importlib.resources.abc import Traversable

from mappings.canonical import canonical_mapping
from mappings.engine import laws
from mappings.engine.accounting import value_rules
from mappings.engine.document import Document
from mappings.engine.domain import Domain
from mappings.engine.errors import MappingDefect, MappingMistake, Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.inspection import Problem, inspect
from mappings.engine.load import Folder, load
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.engine.places import without_positions
from mappings.engine.trees import dotted, leaf_places, root


def check(package: str) -> list[Problem]:
    """Return everything that is wrong with a mapping folder: its files, and what it does to its samples.

    Args:
        package: the folder as a package, ``mappings.school_sis``.
    """
    folder = Folder(package)
    found = inspect(folder)
    if any(problem.grave for problem in found):
        return found
    try:
        mapping = load(package)
    except MappingMistake as mistake:
        return [*found, Problem(mistake.file, mistake.line, mistake.message)]
    except Exception as error:  # noqa: BLE001 - a mapping author's own module: foreign code may raise anything
        return [*found, Problem(f"{folder.name}/", 0, f"the folder does not load: {type(error).__name__}: {error}")]
    return [*found, *_Trial(folder, mapping).problems()]


class _Trial:
    """One mapping on its samples."""

    def __init__(self, folder: Folder, mapping: Mapping) -> None:
        self._folder = folder
        self._mapping = mapping

    def problems(self) -> Iterator[Problem]:
        """Yield what the samples show."""
        filled: dict[str, set[str]] = {}
        for file in self._samples():
            if file.name.startswith("fullest."):
                yield from self._guarded(file.name, partial(self._fullest, file, filled))
            else:
                yield from self._guarded(file.name, partial(self._golden, file))
        for document in self._mapping.documents:
            if document.writes:
                yield from self._coverage(document, filled)

    def _samples(self) -> list[Traversable]:
        folder = self._folder.files.joinpath("samples")
        files = folder.iterdir() if folder.is_dir() else iter(())
        return sorted((f for f in files if f.name.endswith((".json", ".xml")) and f.is_file()), key=lambda f: f.name)

    def _guarded(self, name: str, tried: Callable[[], Iterator[Problem]]) -> Iterator[Problem]:
        try:
            yield from tried()
        except Refusal as refusal:
            yield from (self._finding(name, finding) for finding in refusal.findings)
        except MappingDefect as defect:
            for finding in defect.findings:
                message = f"the written document breaks the schema: {finding.code} at {finding.path}"
                yield self._sample(name, message, "let a converter refuse what the schema cannot hold")
        except Exception as error:  # noqa: BLE001 - a mapping author's own module: foreign code may raise anything
            yield self._sample(name, f"the mapping's own code failed: {type(error).__name__}")

    def _sample(self, name: str, message: str, suggestion: str = "") -> Problem:
        return Problem(f"{self._folder.name}/samples/{name}", 0, message, suggestion)

    def _finding(self, name: str, finding: Finding) -> Problem:
        file, line = self._rule_of(finding.ours)
        place = f"{finding.code} at {finding.path or '(document)'}"
        if not line:
            return self._sample(name, place)
        return Problem(file, line, f"samples/{name}: {place} ({finding.ours})")

    def _rule_of(self, ours: str, document: str = "") -> tuple[str, int]:
        """Return file and line of the rule for one of our paths, or ``("", 0)``."""
        wanted = without_positions(ours)
        for each in self._mapping.documents:
            if document not in ("", each.name):
                continue
            for rule, path in value_rules(each.rules):
                if wanted and (path == wanted or path.replace("[]", "") == wanted):
                    file = f"{each.name}.toml"
                    return f"{self._folder.name}/{file}", self._folder.line_of(file, f'id = "{rule.id}"')
        return "", 0

    def _golden(self, file: Traversable) -> Iterator[Problem]:
        data = file.read_bytes()
        for finding in self._mapping.validate(data):
            if finding.severity is Severity.ERROR:
                yield self._finding(file.name, finding)
                return
        for reading in self._mapping.read(data):
            for path in reading.leftover:
                advice = "map it, or declare it under [structure]"
                yield replace(self._sample(file.name, f"no rule reads {path}", advice), grave=False)
        yield from (self._sample(file.name, said) for said in laws.reading_accounted(self._mapping, data))
        if len(self._mapping.read(data)) == 1:
            advice = "write it again with raabta translate, from and to this format"
            yield from (self._sample(file.name, said, advice) for said in laws.stable(self._mapping, data))

    def _fullest(self, file: Traversable, filled: dict[str, set[str]]) -> Iterator[Problem]:
        (reading,) = canonical_mapping().read(file.read_bytes())
        value = reading.value
        written = self._mapping.write(value)
        tree = canonical(value)
        paths = {without_positions(dotted(hit.trail)) for hit in leaf_places(tree, root(tree))}
        filled.setdefault(written.document, set()).update(paths)
        if file.name.split(".")[1] != written.document:
            advice = "look at writes_when and at the order of documents"
            yield self._sample(file.name, f"it is written as {written.document}", advice)
        yield from self._laws(file.name, value, written.document)

    def _laws(self, name: str, value: Value, document: str) -> Iterator[Problem]:
        reads = next(each.reads for each in self._mapping.documents if each.name == document)
        said = [*laws.valid(self._mapping, value), *laws.accounted(self._mapping, value)]
        said += laws.round_trip(self._mapping, value) if reads else []
        for sentence in said:
            file, line = self._rule_of(sentence.rpartition(" ")[2], document)
            yield Problem(file, line, f"samples/{name}: {sentence}") if line else self._sample(name, sentence)

    def _coverage(self, document: Document, filled: dict[str, set[str]]) -> Iterator[Problem]:
        """Say which leaves a document carries that no fullest sample fills."""
        name = f"fullest.{document.name}.json"
        if document.name not in filled:
            yield self._sample(name, "the document has no fullest sample", "fill every leaf it carries")
            return
        for path in sorted(Domain(document).written - filled[document.name] - {"type"}):
            said = f"{self._folder.name}/samples/{name}"
            yield Problem(said, 0, f"{path} is carried but not filled", "fill it, if nothing forbids it", grave=False)
