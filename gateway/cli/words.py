"""``raabta formats | translate | validate``: documents through the mappings, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from adapters.manifest_file import ManifestError
from adapters.registry import load_manifests
from gateway.cli.putting import is_file_name, media_type_for, write_files, write_one
from gateway.cli.rendering import show, write_page
from gateway.cli.telling import bad, document, err, misused, named_format, out, print_json, tell
from gateway.connected import directory
from gateway.dryrun import DryDocument, DryRun, Request, translate
from gateway.errors import NotUnderstood
from gateway.settings import SettingsRefused, read_settings
from mappings.dates import KARACHI
from mappings.dates import instant as canonical_instant
from mappings.engine.findings import Severity
from mappings.library import library
from mappings.vocabulary import Service

Config = Annotated[Path | None, typer.Option("--config", help="raabta.toml")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("formats")(formats)
    app.command("translate")(translated)
    app.command("validate")(validated)


def formats(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the formats there are: version, media types, directions, digest."""
    rows = [
        {
            "id": m.format,
            "version": m.version,
            "media_types": list(m.media_types),
            "directions": list(m.directions),
            "digest": m.digest,
        }
        for m in library().values()
    ]
    if json:
        print_json(rows)
        return
    table = Table("format", "version", "directions", "media type", "digest")
    for m in library().values():
        table.add_row(m.format, m.version, ", ".join(m.directions), next(iter(m.media_types), "-"), m.digest[:12])
    out.print(table)


def validated(
    file: Annotated[str, typer.Argument(help="The document, or - for standard input.")],
    format_id: Annotated[str, typer.Option("--format", help="Which format it should be.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say whether a document is valid in a format; every finding with its path."""
    mapping = named_format(format_id, "validate")
    findings = mapping.validate(document(file))
    valid = not any(f.severity is Severity.ERROR for f in findings)
    if json:
        print_json({"format": format_id, "valid": valid, "findings": [f.as_json() for f in findings]})
    else:
        tell(findings, out)
        out.print(f"[green]valid {format_id}[/green]" if valid else f"[red]not valid {format_id}[/red]")
    if not valid:
        bad()


def translated(
    file: Annotated[str, typer.Argument(help="The document, or - for standard input.")],
    *,
    source: Annotated[str, typer.Option("--from", help="Format of the document.")],
    target: Annotated[str, typer.Option("--to", help="Format to write.")],
    from_agency: Annotated[str | None, typer.Option(help="Id of the agency whose document it is.")] = None,
    to_agency: Annotated[str | None, typer.Option(help="Apply this agency's agreement.")] = None,
    purpose: Annotated[str | None, typer.Option(help="Purpose of the agreement.")] = None,
    service: Annotated[Service | None, typer.Option(help="Requested service, instead of the routing table's.")] = None,
    by: Annotated[str | None, typer.Option(help="Answer due by this instant.")] = None,
    at: Annotated[str | None, typer.Option(help="Instant to use where the source has none.")] = None,
    child: Annotated[int | None, typer.Option(min=1, help="Only this child, counted from 1.")] = None,
    to_file: Annotated[
        Path | None,
        typer.Option("--out", help="A folder, for one file each child; or a file for one child (.json, .xml, .zip)."),
    ] = None,
    media_type: Annotated[
        str | None, typer.Option(help="One of the target's media types (raabta formats), for example application/zip.")
    ] = None,
    allow_partial: Annotated[bool, typer.Option(help="Write what there is; not a valid document.")] = False,
    report: Annotated[bool, typer.Option(help="Print the account as JSON instead of the document.")] = False,
    account: Annotated[bool, typer.Option(help="Print the account for people instead of the document.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the account, source and target side by side, here.")] = None,
    config: Config = None,
) -> None:
    """Translate one document, as the gateway would, and store nothing."""
    reading, writing = named_format(source, "read"), named_format(target, "write")
    body = document(file)
    asked = _request(writing.kind, service, by, at, allow_partial=allow_partial)
    sender = {"agency": from_agency} if from_agency else {}
    asked = replace(asked, sender=sender, media_type=media_type_for(writing, media_type, to_file))
    if to_agency is not None:
        asked = _for_agency(asked, to_agency, purpose, config)
    try:
        run = translate(reading, writing, body, asked)
    except NotUnderstood as error:
        if html is not None:
            write_page(html, (), error.findings, values=True)
        if report:
            print_json({"complete": False, "findings": [f.as_json() for f in error.findings]})
        else:
            tell(error.findings, err)
        bad()
    chosen = replace(run, documents=_chosen(run, child))
    told = [each.account for each in chosen.documents] if account or html is not None else []
    if html is not None:
        write_page(html, told, values=True)
    if account:
        show(told, values=True)
    elif html is None or to_file is not None or report:
        _put_out(chosen, to_file, target, report=report)


def _request(kind: str, service: Service | None, by: str | None, at: str | None, *, allow_partial: bool) -> Request:
    """Return what is asked of the floor of a kind of agency; ends with status 2 for an instant that is none."""
    try:
        reply_by = canonical_instant(by) if by else None
        moment = canonical_instant(at or datetime.now(UTC).isoformat(timespec="seconds"))
    except ValueError:
        misused("--at and --by take RFC 3339 instants with a zone")
    today = datetime.fromisoformat(moment).astimezone(KARACHI).date()
    return Request(
        kind=kind, service=service.value if service else None, reply_by=reply_by, at=moment,
        allow_partial=allow_partial, today=today,
    )  # fmt: skip


def _for_agency(asked: Request, name: str, purpose: str | None, config: Path | None) -> Request:
    """Return what is asked under an agency's agreement; ends with status 2 if there is none in force."""
    if purpose is None:
        misused("--to-agency needs --purpose")
    try:
        settings = read_settings(config or Path("raabta.toml"))
        known = directory(load_manifests(settings.path(settings.gateway.agencies)))
    except (SettingsRefused, ManifestError):
        misused("the configuration cannot be read; run raabta check")
    agency = known.find(name)
    agreement = known.agreement(agency.id, purpose, asked.today) if agency else None
    if agency is None or agreement is None:
        misused("there is no such agency, or it has no agreement in force for this purpose")
    give = settings.routing.given(agency.id, purpose)
    return replace(asked, agency=agency.id, kind=agency.kind, agreement=agreement, give=give)


def _chosen(run: DryRun, child: int | None) -> tuple[DryDocument, ...]:
    if child is None:
        return run.documents
    if child > len(run.documents):
        misused(f"the document is about {len(run.documents)} child(ren)")
    return (run.documents[child - 1],)


def _put_out(run: DryRun, place: Path | None, target: str, *, report: bool) -> None:
    """Write what was translated where it was asked for."""
    documents = run.documents
    if report:
        reports = [each.report for each in documents]
        print_json(reports[0] if len(reports) == 1 else reports)
        return
    for each in documents:
        tell(each.translation.warnings, err)
    bodies = [each.body for each in documents]
    if place is not None and not is_file_name(place):
        write_files(bodies, place, target, run.media_type)
    elif len(documents) > 1:
        misused(f"the document is about {len(documents)} children: use --child N or --out DIR")
    else:
        write_one(bodies[0], place, run.media_type)
