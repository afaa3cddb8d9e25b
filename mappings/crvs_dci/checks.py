"""What a DCI document must keep beyond the form of its values (formats/nadra.md 7.5 to 7.7, 8 cases 19 and 25)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.crvs_dci import relatives
from mappings.crvs_dci.converters import PRECISIONS
from mappings.crvs_dci.names import whole
from mappings.crvs_dci.relatives import extension
from mappings.dates import partial_date
from mappings.engine.converters import Unfit
from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node


def responses(tree: Node) -> list[Node]:
    """Return the search responses of a straightened document."""
    found: list[Node] = tree["message"].get("search_response", [])
    return found


def records(response: Node) -> list[Node]:
    """Return the records of a response."""
    found: list[Node] = response.get("data", {}).get("reg_records", [])
    return found


def judge_answer(tree: Node) -> Iterator[Finding]:
    """Yield what is wrong with an answer that brings records: data is released with a success only."""
    if tree.get("header", {}).get("status", "succ") not in ("succ", "pdng"):
        yield Finding("DCI_BREACH", "/header/status")
    for response in responses(tree):
        found = records(response)
        if not found:
            yield Finding("DCI_EMPTY_BESIDE", str(response["$at"]), Severity.WARNING)
        elif response.get("status", "succ") != "succ":
            yield Finding("DCI_BREACH", f"{response['$at']}/status")
        for record in found:
            yield from _record(record, str(record["$at"]))


def judge_search(tree: Node) -> Iterator[Finding]:
    """Yield the searches of a kind that is not understood, and those that name no number."""
    for request in tree["message"]["search_request"]:
        path = f"{request['$at']}/search_criteria"
        criteria = request.get("search_criteria", {})
        query = criteria.get("query", {})
        if not query:
            yield Finding("MISSING_REQUIRED", f"{path}/query")
        elif criteria.get("query_type", "idtype-value") != "idtype-value":
            yield Finding("DCI_QUERY", f"{path}/query_type")
        elif query.get("type") not in ("BRN", "UIN"):
            yield Finding("DCI_QUERY", f"{path}/query/type")
        elif "value" not in query:
            yield Finding("MISSING_REQUIRED", f"{path}/query/value")


def _record(record: Node, path: str) -> Iterator[Finding]:
    yield from relatives.judge(record, path)
    yield from _name(record, path)
    yield from _birth(record, path)
    yield from _parity(record, path)


def names_of(record: Node) -> dict[str, str]:
    """Return the names of the extension by language."""
    names = extension(record).get("names", ())
    return {str(name.get("lang")): name["value"] for name in names if isinstance(name.get("value"), str)}


def _name(record: Node, path: str) -> Iterator[Finding]:
    """Judge that the name DCI shows is one of the extension's."""
    named = names_of(record)
    try:
        shown = whole(record.get("name"))
    except Unfit:
        return
    expected = named.get("en") or named.get("ur")
    if shown and expected and shown != " ".join(expected.split()) and shown != expected.strip():
        yield Finding("DCI_CONTRADICTION", f"{path}/name")


def _birth(record: Node, path: str) -> Iterator[Finding]:
    own = extension(record)
    shown, partial, precision = record.get("birth_date"), own.get("birth_date"), own.get("birth_date_precision")
    if shown is not None and partial is not None:
        yield Finding("DCI_CONTRADICTION", f"{path}/raabta_extension/birth_date")
    date: Any = shown or partial
    if not isinstance(date, str) or not _exists(date):
        return
    if precision in PRECISIONS.values() and precision != PRECISIONS.get(len(date)):
        yield Finding("NADRA_906", f"{path}/raabta_extension/birth_date_precision")
    registered = record.get("registration_date")
    if isinstance(registered, str) and registered[: len(date)] < date[: len(registered)]:
        yield Finding("NADRA_906", f"{path}/{'birth_date' if shown else 'raabta_extension/birth_date'}")


def _exists(date: str) -> bool:
    try:
        return bool(partial_date(date))
    except ValueError:
        return False


def _parity(record: Node, path: str) -> Iterator[Finding]:
    """Warn of an odd last digit of a girl or an even one of a boy: a hint, never the sex (formats/nadra.md 4)."""
    expected = {"male": 1, "female": 0}.get(str(record.get("sex")))
    for index, number in enumerate(record.get("identifier", ())):
        digits = relatives.digits(number.get("identifier_value")) if number.get("identifier_type") == "UIN" else None
        if digits is not None and expected is not None and int(digits[-1]) % 2 != expected:
            place = number.get("$at", f"{path}/identifier/{index}")
            yield Finding("NADRA_907", f"{place}/identifier_value", Severity.WARNING)
