"""The register's bytes and trees: envelopes, elements in any order, several entries, and what a notification must hold.

A document is read into the same tree whether it came alone or as text inside a SOAP envelope. Credentials and
biometrics are taken off before anything else looks at it.
"""

from __future__ import annotations

import uuid
from typing import Any

from mappings.engine.codec import Parsed, XmlCodec
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits
from mappings.engine.schema import Check
from mappings.engine.trees import Node
from mappings.engine.xml_reader import element_tree
from mappings.nadra_crms.checks import first, judge_content
from mappings.nadra_crms.grammar import judge, label_scripts
from mappings.nadra_crms.legal_basis import join, split
from mappings.nadra_crms.outcomes import OUTCOMES
from mappings.nadra_crms.requests import OF_DOCUMENT, mark_birth, missing_keys, operation_of, written_birth
from mappings.nadra_crms.soap import ROOT, read_document

IDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:raabta:nadra-crms:1")
"""Namespace of the ids that are derived from an answer of the register."""
_AT = f"/{ROOT}"
_REQUEST = f"{_AT}/REQUEST_DATA[1]"
_NEVER_READ = ("PHOTOGRAPH", "FINGER_TEMPLATE", "USER_VERIFICATION")
_GAPS = {
    "LEGAL_BASIS": "consent.basis",
    "REQUEST_DATA[1]/CRMS_NUMBER": "child.identifiers",
    "REQUEST_DATA[1]/CHILD_NUMBER": "child.identifiers",
    "REQUEST_DATA[1]/CHILD_NAME": "child.name",
    "REQUEST_DATA[1]/DOB_FROM": "child.birth_date",
    "REQUEST_DATA[1]/DOB_TO": "child.birth_date",
    "REQUEST_DATA[1]/DATE_OF_BIRTH": "child.birth_date",
    "REQUEST_DATA[1]/FATHER_ID": "persons",
    "CHILD[1]/NAME": "child.name",
    "APPLICANT[1]/NAME": "registration.applicant.name",
    "APPLICANT[1]/ID[1]": "registration.applicant.id_value",
    "APPLICANT[1]/ID[1]/@type": "registration.applicant.id_scheme",
    "OFFICE[1]/UNION_COUNCIL": "registration.office.union_council",
    "OFFICE[1]/DISTRICT": "registration.office.district",
    "PLACE_OF_BIRTH[1]": "registration.birthplace.kind",
    "REQUEST_DATA[1]/BIRTH_REGISTRATION[1]/APPLICANT[1]/RELATION": "registration.applicant.relation",
    "REQUEST_DATA[1]/BIRTH_REGISTRATION[1]/OFFICE[1]/AREA_NAME": "registration.office.area",
    "CRC[1]/@stage": "registration.certificate.stage",
    "BIRTH_REGISTRATION[1]/FATHER": "persons",
    "BIRTH_REGISTRATION[1]/MOTHER": "persons",
}
"""What is demanded but by no single rule (either language will do, or it is wanted beside something else), and ours."""


class CrmsCodec(XmlCodec):
    """The codec of CIVIL_REGISTRATION documents."""

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the tree of the inner document; the same for both body styles.

        Raises:
            Refusal: see :func:`~mappings.nadra_crms.soap.read_document`.
        """
        letter = read_document(data, limits)
        tree = element_tree(letter.element)
        if any(name.encode() in data for name in _NEVER_READ):
            _take_off(tree)
        label_scripts(tree)
        for request in tree.get("REQUEST_DATA", ()):
            request["$operation"] = operation_of(request, letter.operation)
        tree = {"$root": ROOT, "$at": _AT, **tree}
        return Parsed(tree, ROOT, letter.element, letter.warnings)

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return what is unknown, repeated, missing or contradictory, and what the schema says if it is asked."""
        found = [*judge(parsed.tree, _AT), *judge_content(parsed.tree, _AT)]
        for request in parsed.tree.get("REQUEST_DATA", ()):
            found += missing_keys(request, request["$operation"], _REQUEST)
        return found + (schema(parsed.raw) if schema else [])

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return one tree for each entry of a search; the parts of LEGAL_BASIS and an answer's id are marked."""
        _mark_basis(parsed.tree)
        for request in parsed.tree.get("REQUEST_DATA", ()):
            mark_birth(request, _REQUEST)
        for response in parsed.tree.get("RESPONSE_DATA", ()):
            response["$id"] = _answer_id(response)
        if document != "registration":
            return [parsed.tree]
        response = first(parsed.tree, "RESPONSE_DATA")
        return [
            {**parsed.tree, "RESPONSE_DATA": [{**response, "BIRTH_REGISTRATION": [_placed(birth, index)]}]}
            for index, birth in enumerate(response["BIRTH_REGISTRATION"])
        ]

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the tree with its derived parts: LEGAL_BASIS, a standard MESSAGE, the state of silent parents.

        Raises:
            Refusal: CANNOT_HOLD, a legal basis has no words in LEGAL_BASIS.
        """
        tree["$at"] = _AT
        for request in tree.get("REQUEST_DATA", ()):
            _finish_request(request)
        for response in tree.get("RESPONSE_DATA", ()):
            _finish_status(response)
        return tree

    def unwritable(self, tree: Node, document: str) -> list[Finding]:
        """Return what the register would refuse: elements that no rule alone demands, values in contradiction."""
        found = [*judge(tree, _AT), *judge_content(tree, _AT)]
        for request in tree.get("REQUEST_DATA", ()):
            found += missing_keys(request, OF_DOCUMENT[document], _REQUEST)
        return _gaps(found)


def _take_off(node: Node) -> None:
    """Empty credentials and biometrics, wherever they stand."""
    for name, items in node.items():
        if name in _NEVER_READ:
            items[:] = [{}]
        elif isinstance(items, list):
            for item in items:
                _take_off(item)


def _placed(birth: Node, index: int) -> Node:
    return {**birth, "$at": f"{_AT}/RESPONSE_DATA[1]/BIRTH_REGISTRATION[{index + 1}]"}


def _mark_basis(tree: Node) -> None:
    for request in tree.get("REQUEST_DATA", ()):
        text = first(request, "LEGAL_BASIS").get("#", "")
        request["$legal"] = {"$at": f"{_AT}/REQUEST_DATA[1]/LEGAL_BASIS[1]", **split(text)}


def _answer_id(response: Node) -> str:
    """Return the id of an answer: the same for a repeat, another one for news about the same request."""
    said = (
        first(response, "TRANSACTION_ID").get("#", ""),
        first(response, "RESPONSE_STATUS", "CODE").get("#", ""),
        first(response, "REFERRAL_REF").get("#", ""),
        first(response, "NOTIFICATION_NUMBER").get("#", ""),
        first(response, "BIRTH_REGISTRATION").get("@status", ""),
    )
    return str(uuid.uuid5(IDS, "/".join(said)))


def _finish_request(request: Node) -> None:
    legal = request.get("$legal")
    if legal:
        _write_basis(request, legal)
    for name, items in written_birth(request, _REQUEST).items():
        _insert(request, name, items, after="DOB_FROM" if name == "DOB_TO" else "CHILD_NAME")
    for birth in request.get("BIRTH_REGISTRATION", ()):
        for parent in ("FATHER", "MOTHER"):
            _state_parent(birth, parent)


def _write_basis(request: Node, legal: Node) -> None:
    text = join(legal)
    if text is None:
        raise Refusal.of("CANNOT_HOLD", f"{_AT}/REQUEST_DATA[1]/LEGAL_BASIS", "consent.basis")
    legal["$at"] = f"{_AT}/REQUEST_DATA[1]/LEGAL_BASIS[1]"
    _insert(request, "LEGAL_BASIS", [{"#": text}], after="PURPOSE_CODE")


def _state_parent(birth: Node, parent: str) -> None:
    """Say of a parent DECLARED if named, WITHHELD if not spoken of.

    UNKNOWN would be a claim, and would start the procedure for foundlings.
    """
    if parent not in birth:
        _insert(birth, parent, [{"@status": "WITHHELD"}], after="FATHER" if "FATHER" in birth else "CHILD")
    else:
        birth[parent][0].setdefault("@status", "DECLARED")


def _insert(node: Node, name: str, items: list[Any], *, after: str) -> None:
    """Put an element right behind another one, in place: other parts hold on to this node."""
    pairs = list(node.items())
    node.clear()
    for key, value in pairs:
        node[key] = value
        if key == after:
            node[name] = items
    node.setdefault(name, items)


def _finish_status(response: Node) -> None:
    status = first(response, "RESPONSE_STATUS")
    code = first(status, "CODE").get("#", "")
    if code in OUTCOMES and "MESSAGE" not in status:
        status["MESSAGE"] = [{"#": OUTCOMES[code].message}]


def _gaps(findings: list[Finding]) -> list[Finding]:
    """Return what is wrong in a finished tree, a gap under our name for what is not there.

    A gap that a single rule demands can only stand here when the caller allowed a partial document; it is told already.
    """
    errors = [f for f in findings if f.severity is Severity.ERROR]
    gaps = [f for f in errors if f.code in ("MISSING_REQUIRED", "NADRA_184", "NADRA_904")]
    named = {gap: ours for gap in gaps for end, ours in _GAPS.items() if gap.path.endswith(end)}
    missing = [Finding("MISSING_REQUIRED", f.path, Severity.ERROR, ours) for f, ours in named.items()]
    return [f for f in errors if f not in gaps] + (missing if len(named) == len(gaps) else [])


CODEC = CrmsCodec({})
