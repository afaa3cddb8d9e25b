"""Rules of the CSV binding over whole files: headers, what bulk and delta demand, references between files.

A finding names file, row and column: ``/enrollments.csv/3/sourcedId``. Rows are counted as a spreadsheet shows them,
the header being row 1. The two codes that begin with ``row.`` are the binding's own words (formats/school.md 4.7, 14).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mappings.engine.findings import Finding, Severity
from mappings.school_oneroster.cells import check_of, suspicious
from mappings.school_oneroster.tables import COMMON, HEADERS, OLD_NAMES, REFERENCES, REQUIRED

FORBIDDEN_IN_BULK = "row.field_forbidden_in_bulk"
REQUIRED_IN_DELTA = "row.field_required_in_delta"
_MOST = 500
"""Findings about one package; whoever mends them sees the others next time."""


@dataclass(frozen=True, slots=True)
class Table:
    """One data file, row by row."""

    name: str
    """Without ``.csv``."""
    mode: str
    """``bulk`` or ``delta``."""
    columns: list[str]
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Row numbers, and the cells that are not blank by column."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        """Identifiers of all rows."""
        return {row["sourcedId"] for _, row in self.rows if "sourcedId" in row}


def read_table(name: str, mode: str, version: str, cells: list[list[str]]) -> Table:
    """Return a data file from its cells, with what is wrong with its header and its rows."""
    columns = [_today(name, column, version) for column in cells[0]] if cells else []
    table = Table(name, mode, columns)
    table.findings.extend(_header(name, columns, version))
    if any(f.severity is Severity.ERROR for f in table.findings):
        return table
    demanded = sorted(_required(name, version))
    checks = [check_of(name, column) for column in columns]
    seen: set[str] = set()
    for number, row in enumerate(cells[1:], 2):
        at = f"/{name}.csv/{number}"
        if len(row) != len(columns):
            table.findings.append(Finding("CSV_COLUMNS", at))
            continue
        for column, cell, check in zip(columns, row, checks, strict=True):
            if cell and (code := check(cell)):
                table.findings.append(Finding(code, f"{at}/{column}"))
            elif suspicious(column, cell):
                table.findings.append(Finding("CSV_FORMULA", f"{at}/{column}", Severity.WARNING))
        record = {column: cell for column, cell in zip(columns, row, strict=True) if cell}
        table.findings.extend(_row(demanded, mode, record, at))
        if record.get("sourcedId", "") in seen:
            table.findings.append(Finding("REPEATED", f"{at}/sourcedId"))
        seen.add(record.get("sourcedId", at))
        table.rows.append((number, record))
        if len(table.findings) > _MOST:
            break
    return table


def _today(name: str, column: str, version: str) -> str:
    return OLD_NAMES.get(f"{name}.{column}", column) if version != "1.2" else column


def _header(name: str, columns: list[str], version: str) -> Iterator[Finding]:
    """Yield a finding if the header is not the binding's: its columns in order, then those of ``metadata.``."""
    own = [column for column in columns if not column.startswith("metadata.")]
    if version != "1.2":
        right = _required(name, version) <= set(own) and len(set(columns)) == len(columns)
    elif name in HEADERS:
        right = columns[: len(own)] == HEADERS[name] and len(set(columns)) == len(columns)
    else:
        right = columns[:3] == list(COMMON)
    if not right:
        yield Finding("CSV_HEADER", f"/{name}.csv/1")
    elif name not in HEADERS:
        yield Finding("CSV_NOT_READ", f"/{name}.csv", Severity.WARNING)


def _required(name: str, version: str) -> set[str]:
    """Return the columns that hold something in every row; systems of 1.1 left sign-in names blank."""
    columns = {"sourcedId", *REQUIRED.get(name, ())}
    return columns if version == "1.2" else columns - {"username"}


def _row(demanded: list[str], mode: str, row: dict[str, str], at: str) -> Iterator[Finding]:
    for column in demanded:
        if column not in row:
            yield Finding("MISSING_REQUIRED", f"{at}/{column}")
    for column in ("status", "dateLastModified"):
        if mode == "bulk" and column in row:
            yield Finding(FORBIDDEN_IN_BULK, f"{at}/{column}")
        elif mode == "delta" and column not in row:
            yield Finding(REQUIRED_IN_DELTA, f"{at}/{column}")


def across(tables: dict[str, Table]) -> Iterator[Finding]:
    """Yield what is wrong between files: a row that is pointed to and is not there, a role or profile of another user.

    Only a file that holds the whole set (bulk) can show that a row is missing.
    """
    whole = {name: table.ids for name, table in tables.items() if table.mode == "bulk"}
    for name, table in tables.items():
        for number, row in table.rows:
            for column, target in _pointers(name, row):
                if target in whole and any(one not in whole[target] for one in row[column].split(",")):
                    yield Finding("CSV_REFERENCE", f"/{name}.csv/{number}/{column}")
    yield from _roles(tables)
    yield from _profiles(tables)


def _pointers(name: str, row: dict[str, str]) -> Iterator[tuple[str, str]]:
    for column, target in REFERENCES.items():
        if column in row:
            yield column, target
    if "parentSourcedId" in row:
        yield "parentSourcedId", name


def _roles(tables: dict[str, Table]) -> Iterator[Finding]:
    """Yield every primary organisation at which ``roles.csv`` gives its user no role."""
    if "roles" not in tables or "users" not in tables:
        return
    known = {(row.get("userSourcedId"), row.get("orgSourcedId")) for _, row in tables["roles"].rows}
    for number, row in tables["users"].rows:
        if "primaryOrgSourcedId" in row and (row.get("sourcedId"), row["primaryOrgSourcedId"]) not in known:
            yield Finding("CSV_REFERENCE", f"/users.csv/{number}/primaryOrgSourcedId")


def _profiles(tables: dict[str, Table]) -> Iterator[Finding]:
    """Yield every role whose profile is another user's."""
    if "roles" not in tables or "userProfiles" not in tables:
        return
    owners = {row.get("sourcedId"): row.get("userSourcedId") for _, row in tables["userProfiles"].rows}
    for number, row in tables["roles"].rows:
        profile = row.get("userProfileSourcedId")
        if profile in owners and owners[profile] not in (None, row.get("userSourcedId")):
            yield Finding("CSV_REFERENCE", f"/roles.csv/{number}/userProfileSourcedId")
