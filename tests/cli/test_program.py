"""The command itself: every verb is found in its own family, without importing the others."""

import subprocess
import sys

import typer

from gateway.cli import FAMILIES, program


def commands(app: typer.Typer) -> set[str]:
    return set(typer.main.get_group(app).commands)


def test_every_verb_is_found_and_named_once() -> None:
    assert commands(program()) == set(FAMILIES)


def test_a_verb_is_found_in_the_family_that_is_imported_for_it() -> None:
    assert [verb for verb in FAMILIES if verb not in commands(program([verb]))] == []


def test_a_verb_of_words_imports_no_server() -> None:
    asked = """
import atexit, sys
sys.argv = ["raabta", "formats", "--json"]
atexit.register(lambda: print(sorted({"uvicorn", "fastapi"} & set(sys.modules))))
from gateway.cli import main
main()
"""
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False, timeout=120)
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "[]"), ended.stderr
