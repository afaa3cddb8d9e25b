"""W, R and the formats' own requirements: every vector is sent through the target's dry run, both ways."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import httpx

from conformance.checking import check
from conformance.checks.answers import FHIR, as_json, media_type, places, refused, status
from conformance.findings import NotMetError, UnusableError, expect
from conformance.requirements import table
from conformance.target import Target
from conformance.validity import faults
from conformance.vectors.cases import Case, of
from conformance.vectors.paths import Missing, find, parsed

REPORT = "application/vnd.raabta.report+json"
OWN = {
    "NADRA-01": "nadra_crms", "NADRA-02": "nadra_crms", "FIR-01": "police_fir", "FIR-02": "police_fir",
    "FHIR-01": "health_fhir", "FHIR-02": "health_fhir", "FHIR-03": "health_fhir", "EMIS-01": "school_sis",
    "EMIS-02": "school_oneroster", "DCI-01": "crvs_dci", "DCI-02": "crvs_dci", "DCI-03": "crvs_dci",
    "DCI-04": "crvs_dci", "EMIS-03": "school_oneroster", "EMIS-04": "school_oneroster", "EMIS-05": "school_oneroster",
}  # fmt: skip
"""Requirements of one format only."""


def translated(target: Target, case: Case, accept: str = "") -> httpx.Response:
    """Send one vector through the dry run."""
    trap = next((peer.trap for peer in target.peers.values()), "http://trap.invalid/")
    headers = {"Content-Type": case.sent_as, "Accept": accept or case.wanted_as}
    body = case.body.replace(b"{trap}", trap.encode())
    return target.call(case.sender, "POST", "/v1/translations", "translate", content=body, headers=headers)


def judged(target: Target, case: Case) -> None:
    """Judge what became of one vector."""
    answer = translated(target, case)
    if case.refused is not None:
        if case.warned and answer.status_code == 200:
            _accounted(target, case)
        else:
            refused(answer, case.why, case.refused)
        return
    status(answer, 200, of=case.why)
    if case.writes:
        _valid(case, answer)
    _as_expected(case, answer)


def _accounted(target: Target, case: Case) -> None:
    """A document whose unknown part was not refused: the account of the translation must name that part."""
    answer = translated(target, case, REPORT)
    status(answer, 200, of=case.why)
    named = case.warned and case.warned in answer.text
    expect(named, f"{case.why}: neither refused nor named in the account as left over")


def _valid(case: Case, answer: httpx.Response) -> None:
    said = media_type(answer)
    expect(said == case.wanted_as, f"{case.why}: asked for {case.wanted_as}, got {said or 'no media type'}")
    wrong = faults(case.format, answer.content)
    expect(not wrong, f"{case.why}: the document breaks the schema at {', '.join(wrong[:3])}")


def _as_expected(case: Case, answer: httpx.Response) -> None:
    try:
        document = parsed(answer.content, case.wanted_as)
    except ValueError:
        raise NotMetError(f"{case.why}: the document cannot be parsed") from None
    for path, wanted in case.expected.items():
        got = find(document, path)
        expect(got == wanted, f"{case.why}: {path} must be {wanted!r}, it is {got!r}")
    for path in case.absent:
        expect(isinstance(find(document, path), Missing), f"{case.why}: {path} must not be there")
    for text in case.without:
        expect(text not in answer.text, f"{case.why}: {text!r} must stand nowhere in it")


def encoded_as_said(target: Target, case: Case) -> None:
    """W-05: the bytes are UTF-8 without a byte order mark, and an XML document says so."""
    judged(target, case)
    body = translated(target, case).content
    expect(not body.startswith(b"\xef\xbb\xbf"), f"{case.why}: it begins with a byte order mark")
    if "xml" in case.wanted_as:
        head = body[:100].lower()
        expect(b"<?xml" in head and b"utf-8" in head, f"{case.why}: it does not declare its encoding as UTF-8")


def unfetched(target: Target, case: Case) -> None:
    """R-05: a hostile document is refused, and nobody fetches what it names."""
    before = {name: peer.trapped() for name, peer in target.peers.items()}
    judged(target, case)
    after = {name: peer.trapped() for name, peer in target.peers.items()}
    expect(after == before, f"{case.why}: the address inside the document was called")


def references_resolve(target: Target, case: Case) -> None:
    """FHIR-01: valid, and every urn:uuid reference leads to an entry of the same Bundle."""
    judged(target, case)
    bundle = as_json(translated(target, case))
    urls = {one.get("fullUrl") for one in bundle.get("entry", [])}
    lost = sorted({each for each in _references(bundle) if each.startswith("urn:uuid:")} - urls)
    expect(not lost, f"{case.why}: {len(lost)} references lead nowhere")


def _references(value: object) -> list[str]:
    if isinstance(value, list):
        return [each for one in value for each in _references(one)]
    if not isinstance(value, dict):
        return []
    own = [str(value["reference"])] if isinstance(value.get("reference"), str) else []
    return own + [each for one in value.values() for each in _references(one)]


def outcome_with_place(target: Target, case: Case) -> None:
    """FHIR-03: the refusal is an OperationOutcome whose issue has an expression."""
    answer = translated(target, case)
    refused(answer, case.why)
    body = as_json(answer)
    right = media_type(answer) == FHIR and body.get("resourceType") == "OperationOutcome"
    expect(right, f"{case.why}: the refusal is no OperationOutcome")
    expect(any("gender" in place for place in places(answer)), f"{case.why}: no expression names the place")


def harmless_cells(target: Target, case: Case) -> None:
    """EMIS-02: no cell of a package begins as a formula does; a harmless name is written, a formula may be refused."""
    plain = replace(case, body=case.body.replace(b"=CONF(1)", b"Conf One"))
    status(translated(target, plain), 200, of="a package with a harmless name")
    answer = translated(target, case)
    if answer.status_code == 422:
        return
    status(answer, 200, of=case.why)
    try:
        package = zipfile.ZipFile(io.BytesIO(answer.content))
    except zipfile.BadZipFile:
        raise UnusableError("the package is no zip file") from None
    for name in package.namelist():
        rows = list(csv.reader(io.StringIO(package.read(name).decode("utf-8-sig"))))
        cells = [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
        expect(not cells, f"{case.why}: a cell of {name} begins with {cells[0][:1]!r}" if cells else "")


_JUDGES = {
    "W-05": encoded_as_said,
    "R-05": unfetched,
    "FHIR-01": references_resolve,
    "FHIR-03": outcome_with_place,
    "EMIS-02": harmless_cells,
}


def _register(requirement: str, name: str, *, part: str) -> None:
    each_case = _JUDGES.get(requirement, judged)

    @check(requirement, of=part, hostile=requirement == "R-05")
    def all_vectors(target: Target) -> None:
        for case in of(requirement, name):
            each_case(target, case)


for _one in table().values():
    for _format in _one.formats:
        _register(_one.id, _format, part=_format)
for _own, _only in OWN.items():
    _register(_own, _only, part="")
