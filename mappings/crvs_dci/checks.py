"""What a DCI document must keep beyond the form of its values (formats/nadra.md 7.5 to 7.7, 8 cases 19 and 25)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.crvs_dci.converters import PRECISIONS
from mappings.crvs_dci.names import whole
from mappings.crvs_dci.relatives import extension, unnamed
from mappings.engine.converters import Unfit
from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node
from mappings.identifiers import thirteen_digits


def responses(tree: Node) -> list[Node]:
    """Return the search responses of a straightened document."""
    found = tree.get("message", {}).get("search_response")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def records(response: Node) -> list[Node]:
    """Return the records of a response."""
    data = response.get("data")
    found = data.get("reg_records") if isinstance(data, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def judge_answer(tree: Node) -> Iterator[Finding]:
    """Yield what is wrong with an answer that brings records: data is released with a success only."""
    header = tree.get("header")
    if isinstance(header, dict) and header.get("status", "succ") not in ("succ", "pdng"):
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
    found = tree["message"].get("search_request")
    for request in found if isinstance(found, list) else ():
        criteria = request.get("search_criteria") if isinstance(request, dict) else None
        path = f"{request['$at']}/search_criteria" if isinstance(request, dict) else "/message/search_request"
        if not isinstance(criteria, dict):
            yield Finding("MISSING_REQUIRED", path)
            continue
        query = criteria.get("query")
        if criteria.get("query_type", "idtype-value") != "idtype-value" or not isinstance(query, dict):
            yield Finding("DCI_QUERY", f"{path}/query_type")
        elif query.get("type") not in ("BRN", "UIN"):
            yield Finding("DCI_QUERY", f"{path}/query/type")
        elif "value" not in query:
            yield Finding("MISSING_REQUIRED", f"{path}/query/value")


def _record(record: Node, path: str) -> Iterator[Finding]:
    yield from unnamed(record, path)
    yield from _name(record, path)
    yield from _birth(record, path)
    yield from _parity(record, path)


def names_of(record: Node) -> dict[str, str]:
    """Return the names of the extension by language."""
    names = extension(record).get("names")
    pairs = [n for n in names if isinstance(n, dict)] if isinstance(names, list) else []
    return {str(n.get("lang")): n["value"] for n in pairs if isinstance(n.get("value"), str)}


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
    if not isinstance(date, str):
        return
    if precision in PRECISIONS.values() and precision != PRECISIONS.get(len(date)):
        yield Finding("NADRA_906", f"{path}/raabta_extension/birth_date_precision")
    registered = record.get("registration_date")
    if isinstance(registered, str) and registered[: len(date)] < date[: len(registered)]:
        yield Finding("NADRA_906", f"{path}/{'birth_date' if shown else 'raabta_extension/birth_date'}")


def _parity(record: Node, path: str) -> Iterator[Finding]:
    """Warn of an odd last digit of a girl or an even one of a boy: a hint, never the sex (formats/nadra.md 4)."""
    expected = {"male": 1, "female": 0}.get(str(record.get("sex")))
    numbers = record.get("identifier")
    for index, number in enumerate(numbers if isinstance(numbers, list) else ()):
        if expected is None or not isinstance(number, dict) or number.get("identifier_type") != "UIN":
            continue
        digits = _digits(number.get("identifier_value"))
        if digits is not None and int(digits[-1]) % 2 != expected:
            yield Finding(
                "NADRA_907", f"{number.get('$at', f'{path}/identifier/{index}')}/identifier_value", Severity.WARNING
            )


def _digits(value: Any) -> str | None:
    try:
        return thirteen_digits(value) if isinstance(value, str) else None
    except ValueError:
        return None
