"""The `raabta-conformance` command: inspect gateways and agencies from outside, and simulate agencies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance import connecting, coverage, plugin
from conformance.agencies_command import show_children, start_agencies
from conformance.allowed import Allowance
from conformance.allowed import read as read_allowances
from conformance.checking import CHECKS, Result
from conformance.findings import UnusableError
from conformance.profiles.catalogue import profiles
from conformance.report import badge, page, results
from conformance.requirements import table
from conformance.running import Run, refuse_production
from conformance.verdicts import CONFORMANT, Verdict

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Inspect agencies and gateways from outside.")
app.command("agencies")(start_agencies)
app.command("children")(show_children)
out, err = Console(), Console(stderr=True)
COLOURS = {Verdict.PASS: "green", Verdict.WARN: "yellow", Verdict.SKIP: "yellow", Verdict.OMIT: "dim"}


@app.callback()
def root() -> None:
    """Inspect agencies and gateways from outside."""


@app.command()
def run(  # noqa: PLR0917 - each is an option of the command line
    target: Annotated[str, typer.Option(help="Base URL of the system to inspect.")],
    profile: Annotated[str, typer.Option(help="gateway, nadra, police, health, school or welfare.")],
    credentials: Annotated[Path, typer.Option(help="TOML file with the logins for this run.")],
    operator: Annotated[str, typer.Option(help="Who makes this run; it stands in the report.")],
    to: Annotated[Path, typer.Option("--out", help="Folder for the reports.")],
    listen: Annotated[str, typer.Option(help="[HOST:]PORT to be its gateway at, to inspect it as a sender.")] = "",
    hostile: Annotated[bool, typer.Option("--hostile", help="Send hostile documents too.")] = False,
    allow: Annotated[Path | None, typer.Option(help="TOML list of failures allowed until a day.")] = None,
    only: Annotated[str, typer.Option(help="Requirements or checks, comma separated; never conformant.")] = "",
    name: Annotated[str, typer.Option(help="Name of the target, for the report.")] = "",
    signing_key: Annotated[Path | None, typer.Option(help="Ed25519 key (PEM) for the badge; made if absent.")] = None,
) -> None:
    """Make every check of a profile against a running system; 0 only if it is conformant."""
    try:
        with connecting.connected(target, profile, credentials, listen) as system:
            system.hostile = hostile
            refuse_production(system)
            chosen = frozenset(one.strip() for one in only.split(",") if one.strip())
            made = Run(system, profiles()[profile], operator, name, _allowances(allow), only=chosen)
            _make(made, to, signing_key)
    except UnusableError as error:
        err.print(f"[red]{escape(str(error))}[/red]")
        raise typer.Exit(2) from None
    raise typer.Exit(0 if made.conclusion == CONFORMANT else 1)


def _allowances(file: Path | None) -> dict[str, Allowance]:
    return {} if file is None else read_allowances(file)


def _make(made: Run, to: Path, signing_key: Path | None) -> None:
    to.mkdir(parents=True, exist_ok=True)
    total = len(made.checks)
    made.told = lambda result: _tell(result, len(made.results), total)
    key = badge.signing_key(signing_key)
    plugin.execute(made, to / "junit.xml")
    written = results.write(made)
    (to / "results.json").write_text(written, encoding="utf-8")
    (to / "report.html").write_text(page.page(made), encoding="utf-8")
    (to / "badge.svg").write_text(badge.picture(made), encoding="utf-8")
    (to / "badge.json").write_text(badge.signed(made, written, key), encoding="utf-8")
    counted = ", ".join(f"{count} {verdict.word}" for verdict, count in sorted(made.counts.items()))
    colour = "green" if made.conclusion == CONFORMANT else "red"
    out.print(f"\n[bold {colour}]{made.conclusion}[/bold {colour}] ({counted}); see {to / 'report.html'}")


def _tell(result: Result, n: int, total: int) -> None:
    colour = COLOURS.get(result.verdict, "red")
    line = f"{n:3}/{total} [{colour}]{result.verdict.word:5}[/{colour}] {result.key:22} {result.seconds:5.1f} s"
    out.print(f"{line}  {escape(result.finding)}", soft_wrap=True, highlight=False)


@app.command("list")
def list_requirements(profile: Annotated[str, typer.Option(help="Only those of a profile.")] = "") -> None:
    """List what is demanded, and of whom."""
    shown = Table("id", "level", "of", "demand")
    asked = profiles()[profile].actors + profiles()[profile].listening if profile in profiles() else ()
    if profile and not asked:
        err.print(f"[red]there is no profile {escape(profile)}[/red]")
        raise typer.Exit(2)
    for one in table().values():
        if not asked or one.actor in asked:
            shown.add_row(one.id, one.level, one.actor, one.text)
    out.print(shown)


@app.command()
def explain(id: Annotated[str, typer.Argument(help="Requirement or check, for example REF-03.")]) -> None:  # noqa: A002 - as users say it
    """Say what a requirement demands, where it comes from, how it is checked and how to mend it."""
    one = table().get(id.partition("/")[0].upper())
    if one is None:
        err.print(f"[red]there is no requirement {escape(id)}[/red]")
        raise typer.Exit(2)
    out.print(f"[bold]{one.id}[/bold] ({one.level}, {one.actor}): {escape(one.text)}", soft_wrap=True)
    out.print(f"Source: {escape(one.source)}\nHow to mend it: {escape(one.mend)}", soft_wrap=True)
    if one.not_tested:
        out.print(f"Not tested: {escape(one.not_tested)}", soft_wrap=True)
    for key, check in CHECKS.items():
        if check.requirement.id == one.id:
            needs = f" (needs {', '.join(sorted(check.needs))})" if check.needs else ""
            told = " ".join((check.run.__doc__ or "").split())
            out.print(f"Check {key}{needs}: {escape(told)}", soft_wrap=True)
            out.print(
                f"  broken behaviours it is proved on: {', '.join(coverage.proofs(key)) or 'none'}", soft_wrap=True
            )


@app.command("coverage")
def show_coverage(
    write: Annotated[Path | None, typer.Option(help="Write the table (Markdown) here instead of showing it.")] = None,
) -> None:
    """Show which check and which broken behaviour stands for each requirement; 1 when there is a gap."""
    text, gaps = coverage.page(), coverage.gaps()
    if write is not None:
        write.write_text(text, encoding="utf-8")
    else:
        out.print(text, markup=False, soft_wrap=True)
    for gap in gaps:
        err.print(f"[red]{escape(gap)}[/red]")
    raise typer.Exit(1 if gaps else 0)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="badge.json")],
    with_results: Annotated[Path | None, typer.Option("--results", help="results.json it was made for.")] = None,
) -> None:
    """Check offline that a signed badge was not changed, and that it belongs to these results."""
    try:
        said = badge.verified(
            file.read_text(encoding="utf-8"), with_results.read_text(encoding="utf-8") if with_results else None
        )
    except (UnusableError, OSError) as error:
        err.print(f"[red]{escape(str(error))}[/red]")
        raise typer.Exit(1) from None
    out.print(f"{said['profile']} at {said['target']}: {said['conclusion']} on {said['date']}, suite {said['suite']}")
    age = (datetime.now(UTC).date() - datetime.fromisoformat(said["date"]).date()).days
    out.print(f"signed and unchanged; {age} days old")


@app.command()
def selftest(
    only: Annotated[str, typer.Option(help="Broken behaviours, comma separated.")] = "",
    write: Annotated[Path | None, typer.Option(help="Write the table (Markdown) here.")] = None,
) -> None:
    """Prove this suite: an honest system passes all, each broken one fails exactly its named checks."""
    from conformance.mutants import selftest as proving  # noqa: PLC0415 - the simulators load for seconds

    chosen = frozenset(one.strip() for one in only.split(",") if one.strip())
    proved = proving.prove(chosen, told=lambda line: out.print(escape(line), soft_wrap=True, highlight=False))
    if write is not None:
        write.write_text(proving.page(proved), encoding="utf-8")
    wrong = [one for one in proved if not one.right]
    out.print(f"{len(proved) - len(wrong)} of {len(proved)} as they must be")
    raise typer.Exit(1 if wrong else 0)


def main() -> None:
    """Run the command line; the entry point of the package."""
    app()


if __name__ == "__main__":
    main()
