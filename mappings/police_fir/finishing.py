"""A tree the rules wrote becomes a police document: order of elements, ids of people, names, associations."""

from __future__ import annotations

from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node
from mappings.police.names import is_arabic, join_scripts
from mappings.police.offences import categories

_TOP = (
    "@schemaVersion", "Header", "Registration", "Incident", "OffensesRawText", "Offense", "Person", "Association",
    "Official", "ChildProtection", "CaseStatus", "RelatedReport", "SealedIndicator", "Attachment", "Referral",
)  # fmt: skip
_HEADER = (
    "MessageID", "MessageTypeCode", "MessageDateTime", "SenderSystemID", "ReceiverSystemID", "SupersedesMessageID",
    "DisclosureTierCode", "IncidentDisseminationLevelCode", "DisclosureAuthority",
)  # fmt: skip
_PERSON = (
    "@id", "RoleCode", "PersonFullName", "PersonAlias", "Parentage", "PersonNationalID", "PersonBirthDate",
    "PersonAgeMeasure", "PersonSexText", "OccupationText", "CasteText", "ResidenceAddress", "TelephoneNumber",
    "PersonDescriptionText", "CountQuantity", "ProtectedIdentityToken", "ArrestStatusCode",
)  # fmt: skip
_UNIT = ("EnforcementUnitName", "EnforcementUnitID", "DistrictName", "ProvinceCode", "EnforcementUnitBeatID")


def finish(tree: Node, document: str) -> Node:
    """Return the finished tree of a document, whatever may be missing in it."""
    if document == "status_update":
        tree["$at"] = "/StatusUpdate"
        return tree
    tree["$at"] = "/FIRDocument"
    tree["@schemaVersion"] = "1.0"
    for header in tree.get("Header", ()):
        _order(header, _HEADER)
    for incident in tree.get("Incident", ()):
        incident["IncidentMinorInvolvedIndicator"] = [{"#": "true"}]
    _station(tree)
    _categories(tree)
    _people(tree)
    if document == "referral":
        tree.setdefault("Person", [{"@id": "p1"}])
        _distinct_categories(tree)
    if document == "fir_update":
        _case(tree)
    _order(tree, _TOP)
    return tree


def _station(tree: Node) -> None:
    for registration in tree.get("Registration", ()):
        for unit in registration.get("EnforcementUnit", ()):
            province = (unit.get("ProvinceCode") or [{}])[0].get("#")
            number = unit.pop("$id", None)
            if number and province:
                number["$at"] = "/FIRDocument/Registration[1]/EnforcementUnit[1]/EnforcementUnitID[1]"
                unit["EnforcementUnitID"] = [{"#": f"{province}:{number['@code']}"}]
            _order(unit, _UNIT)


def _categories(tree: Node) -> None:
    """Say what a section means where our value does not: the form's readers go by it."""
    for offence in tree.get("Offense", ()):
        if "CPCategoryCode" not in offence:
            known = categories(str(offence["@act"]), str(offence["@section"]), str(offence.get("@clause", "")))
            offence["CPCategoryCode"] = [{"#": category} for category in known]
            _order(offence, ("CPCategoryCode", "OffenseAttemptedIndicator"))


def _people(tree: Node) -> None:
    """Give every person an id by position, and lead the associations to the child."""
    persons: list[Node] = tree.get("Person", [])
    ids = {id(person): f"p{n}" for n, person in enumerate(persons, 1)}
    child = next((ids[id(person)] for person in persons if person.get("$child")), "")
    ties: list[Node] = []
    for person in persons:
        person["@id"] = ids[id(person)]
        _name(person)
        tie = person.pop("$association", None)
        if tie:
            tie["$at"] = f"/FIRDocument/Association[{len(ties) + 1}]"
            tie.update({"@from": person["@id"], "@to": child, "@code": tie.pop("@code")})
            ties.append(tie)
        _order(person, _PERSON)
    if ties:
        tree["Association"] = ties


def _name(person: Node) -> None:
    names = person.get("$names")
    if not names:
        return
    number = person["@id"].removeprefix("p")
    names["$at"] = f"/FIRDocument/Person[{number}]/PersonFullName[1]"
    text = join_scripts(names.get("@arabic"), names.get("@latin"))
    person["PersonFullName"] = [{"@script": "Arab" if is_arabic(text) else "Latn", "#": text}]


def unrecognisable(tree: Node) -> list[Finding]:
    """Demand something by which a referral's child can be recognised, or that it is unknown (decisions 9)."""
    unknown = (tree.get("Referral") or [{}])[0].get("UnknownChildIndicator")
    if unknown or {"PersonFullName", "PersonAgeMeasure", "PersonSexText"} & set(tree["Person"][0]):
        return []
    return [Finding("MISSING_REQUIRED", "/FIRDocument/Person[1]/PersonFullName", Severity.ERROR, "child.name")]


def _case(tree: Node) -> None:
    """Write the key of a case, ``PB-9901-2025-123``, as the registration it is made of."""
    if "$uid" not in tree:
        return
    key = tree["$uid"][0]
    key["$at"] = "/FIRDocument/Registration[1]"
    province, station, year, serial = key["@uid"].split("-")
    number = {"FIRNumber": f"{serial}/{year}", "FIRSerialNumber": serial, "FIRYear": year}
    unit = {"EnforcementUnitID": [{"#": f"{province}:{station}"}], "ProvinceCode": [{"#": province}]}
    tree["Registration"] = [
        {name: [{"#": text}] for name, text in number.items()}
        | {"RegisteredUnderCode": [{"#": "CRPC_154"}], "EnforcementUnit": [unit]}
    ]


def _distinct_categories(tree: Node) -> None:
    for referral in tree.get("Referral", ()):
        items = referral.get("CategoryCode", [])
        first = {item["#"]: item for item in reversed(items)}
        if items:
            referral["CategoryCode"] = [item for item in items if first[item["#"]] is item]


def _order(node: Node, names: tuple[str, ...]) -> None:
    for name in names:
        if name in node:
            node[name] = node.pop(name)
