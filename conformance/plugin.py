"""The pytest plugin underneath: every check is an item, whose verdict and requirement stand in its properties.

`raabta-conformance run` uses it; whoever wants pytest's own options can as well:
`pytest -p conformance.plugin --target URL --profile gateway --credentials conformance.toml`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import connecting
from conformance.checking import Check, Result
from conformance.findings import UnusableError
from conformance.profiles.catalogue import profiles
from conformance.running import Run, refuse_production
from conformance.verdicts import Verdict

RUN = pytest.StashKey[Run]()


class FoundError(Exception):
    """A check failed; the text is its finding."""


class CheckItem(pytest.Item):
    """One check as pytest sees it."""

    def __init__(self, *, one: Check, run: Run, **kwargs: object) -> None:
        """Wrap a check of a run."""
        super().__init__(**kwargs)  # type: ignore[arg-type]  # pytest's own arguments
        self._one = one
        self._run = run

    def runtest(self) -> None:
        """Make the check."""
        result = self._run.make(self._one)
        self.user_properties += properties(result)
        if result.verdict in {Verdict.FAIL, Verdict.ERROR}:
            raise FoundError(result.finding)
        if result.verdict in {Verdict.SKIP, Verdict.OMIT}:
            pytest.skip(result.finding)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """Say the finding and the way to mend it, without a stack."""
        return f"{excinfo.value}\nHow to mend it: {self._one.requirement.mend}"

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the check and what it demands."""
        return Path(__file__), 0, f"{self._one.key}: {self._one.requirement.text}"


def properties(result: Result) -> list[tuple[str, object]]:
    """Give what junit.xml tells of a result besides pass and fail."""
    demanded = result.requirement
    return [("requirement", demanded.id), ("level", demanded.level), ("verdict", result.verdict.word)]


class Checks:
    """Puts the checks of one run in the place of what pytest would collect from files."""

    def __init__(self, run: Run) -> None:
        """Collect from a run."""
        self._run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Make the items."""
        session.items = list(self._items(session))
        session.testscollected = len(session.items)
        return True

    def _items(self, session: pytest.Session) -> Iterator[CheckItem]:
        for one in self._run.checks:
            yield CheckItem.from_parent(session, name=one.key, nodeid=f"conformance::{one.key}", one=one, run=self._run)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run."""
    group = parser.getgroup("conformance")
    group.addoption("--target", help="Base URL of the system under test.")
    group.addoption("--profile", choices=sorted(profiles()), help="What the target is.")
    group.addoption("--credentials", type=Path, help="TOML file with the logins for this run.")
    group.addoption("--hostile", action="store_true", help="Send hostile documents too.")


def pytest_configure(config: pytest.Config) -> None:
    """Connect to the target that the options name, if they name one."""
    if config.getoption("--target", None) is None:
        return
    try:
        target = connecting.connect(
            config.getoption("--target"), config.getoption("--profile"), config.getoption("--credentials")
        )
        target.hostile = config.getoption("--hostile")
        refuse_production(target)
    except UnusableError as error:
        raise pytest.UsageError(str(error)) from None
    run = Run(target, profiles()[target.profile], operator="pytest")
    config.stash[RUN] = run
    config.pluginmanager.register(Checks(run), "conformance-checks")


def execute(run: Run, junit: Path) -> None:
    """Make a run under pytest, quietly, and write junit.xml; raises `UnusableError` when pytest itself fails."""
    quiet = ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:warnings", "--disable-plugin-autoload"]
    place = ["-c", "/dev/null", "--rootdir", str(junit.parent), f"--junitxml={junit}", "-o", "junit_family=xunit1"]
    code = pytest.main([*quiet, *place], plugins=[Checks(run)])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise UnusableError(f"the run ended early ({code!r})")
