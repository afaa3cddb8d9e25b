"""What is committed works on any machine and betrays none."""

import re
import stat

from tests.house.repository import ROOT, committed, named, read, texts

_HOSTS = tuple(
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("yarnpkg", "com"))
)
_PATHS = re.compile(r"(?<![\w.~)}-])/(?:work|root|home|Users)/\w")
_FOREIGN_LOCKS = {
    "poetry.lock",
    "uv.lock",
    "pdm.lock",
    "Pipfile.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
}
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}")


def test_no_file_names_a_package_registry() -> None:
    found = [name for name, text in texts() if any(host in text for host in _HOSTS)]

    assert found == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        f"{name}:{number}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if _PATHS.search(line)
    ]

    assert found == []


def test_the_only_lock_file_is_requirements_lock() -> None:
    assert [named(path) for path in committed() if path.name in _FOREIGN_LOCKS] == []


def test_the_lock_pins_every_package_with_hashes_and_names_no_place() -> None:
    lines = [line for line in read("requirements.lock").splitlines() if line and not line.lstrip().startswith("#")]
    blocks = re.split(r"\n(?=\S)", "\n".join(lines))

    assert all(re.match(r"[a-z0-9.-]+==\S+ \\\n", block) and "--hash=sha256:" in block for block in blocks)
    assert not any("://" in line or line.startswith("-") for line in lines)


def test_the_lock_holds_every_dependency_of_the_project() -> None:
    named_there = set(re.findall(r"^([a-z0-9.-]+)==", read("requirements.lock"), re.MULTILINE))
    wanted = re.findall(r'^  "([A-Za-z0-9._-]+)(?:\[\w+\])?[><=]=', read("pyproject.toml"), re.MULTILINE)
    normal = {re.sub(r"[-_.]+", "-", name).lower() for name in [*wanted, "setuptools"]}

    assert normal - named_there == set()


def test_no_private_key_is_committed() -> None:
    assert [name for name, text in texts() if _PRIVATE_KEY.search(text)] == []


def test_what_ci_starts_can_be_started() -> None:
    assert (ROOT / ".ci/run").stat().st_mode & stat.S_IXUSR
