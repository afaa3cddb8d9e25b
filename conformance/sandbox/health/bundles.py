"""Reads Bundles strictly: a whitelist walk, then fhir.resources, then the rules of health.md 9.1 and 9.6.

fhir.resources is imported from its R4B package only: its default is R5, and R4B equals R4 4.0.1 in the
resource types used here. It raises a bare KeyError for an unknown resourceType, so the walk comes first.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from conformance.sandbox.documents import MalformedError, first_null, read_json

TYPES = frozenset(
    {"AuditEvent", "Bundle", "CapabilityStatement", "Communication", "Condition", "Consent",
     "DocumentReference", "Encounter", "Endpoint", "Flag", "HealthcareService", "Location",
     "MessageHeader", "Observation", "OperationOutcome", "Organization", "Patient", "Practitioner",
     "PractitionerRole", "Provenance", "RelatedPerson", "ServiceRequest", "Task"}
)  # fmt: skip
"""Resource types this server takes; anything else is refused before the FHIR library sees it."""
FOREIGN_KEYS = ("__ext", "_fhir", "resource_type", "fhir_comments")
"""Marks of Python attribute names, which fhir.resources would accept on the wire."""
MAX_ENTRIES = 200
_PRIORITIES = frozenset({"routine", "urgent", "asap", "stat"})
BINDINGS = {
    "Patient": {"gender": frozenset({"male", "female", "other", "unknown"})},
    "ServiceRequest": {"priority": _PRIORITIES},
    "Task": {"priority": _PRIORITIES},
}
"""Codes of required bindings (FHIR R4 administrative-gender, request-priority)."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
DEFAULT_BASE = "https://gateway.example.pk/fhir"

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: an issue type of FHIR and a FHIRPath, never a value."""

    code: str
    expression: str


class BadBundleError(Exception):
    """The Bundle is refused; `status` is 400 for its form, 422 for what it says."""

    def __init__(self, status: int, *problems: Problem) -> None:
        """Keep the findings."""
        super().__init__()
        self.status = status
        self.problems = problems


def read(body: bytes, kind: str) -> Json:
    """Read a Bundle of one type (`transaction` or `message`); raises `BadBundleError`."""
    try:
        bundle = read_json(body)
    except MalformedError:
        raise BadBundleError(400, Problem("structure", "Bundle")) from None
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise BadBundleError(400, Problem("structure", "Bundle"))
    if first_null(bundle) is not None:
        raise BadBundleError(400, Problem("structure", "Bundle"))
    foreign = [*_unknown_types(bundle, "Bundle"), *_foreign_keys(bundle, "Bundle")]
    if foreign:
        raise BadBundleError(400, *foreign)
    _check_structure(bundle)
    _check_profile(bundle, kind)
    return bundle


def resources(bundle: Json, kind: str = "") -> list[Json]:
    """List the resources of a Bundle, or those of one type."""
    found = [entry["resource"] for entry in entries(bundle) if isinstance(entry.get("resource"), dict)]
    typed = [resource for resource in found if isinstance(resource, dict)]
    return [one for one in typed if not kind or one.get("resourceType") == kind]


def entries(bundle: Json) -> list[Json]:
    """List the entries of a Bundle."""
    listed = bundle.get("entry")
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def message_id(bundle: Json) -> str:
    """Give Bundle.identifier.value in lower case, or ""."""
    identifier = bundle.get("identifier")
    return str(identifier.get("value", "")).lower() if isinstance(identifier, dict) else ""


def base_url(bundle: Json) -> str:
    """Derive the gateway's FHIR base from the message identifier's system."""
    identifier = bundle.get("identifier")
    system = str(identifier.get("system", "")) if isinstance(identifier, dict) else ""
    return system.removesuffix("/sid/message") if system.endswith("/sid/message") else DEFAULT_BASE


def identifiers(resource: Json) -> list[Json]:
    """List the identifiers of a resource."""
    listed = resource.get("identifier")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def placer(resource: Json, system: str) -> str:
    """Give the value of the PLAC identifier with this system, or ""."""
    for one in identifiers(resource):
        if one.get("system") == system and _is_placer(one):
            return str(one.get("value", ""))
    return ""


def _is_placer(identifier: Json) -> bool:
    kind = identifier.get("type")
    codings = kind.get("coding", []) if isinstance(kind, dict) else []
    return any(isinstance(one, dict) and one.get("code") == "PLAC" for one in codings)


def _unknown_types(value: object, path: str) -> Iterator[Problem]:
    for inner, place in _walk(value, path):
        if isinstance(inner, dict) and "resourceType" in inner and inner["resourceType"] not in TYPES:
            yield Problem("structure", place)


def _foreign_keys(value: object, path: str) -> Iterator[Problem]:
    for inner, place in _walk(value, path):
        if isinstance(inner, dict) and any(mark in key for key in inner for mark in FOREIGN_KEYS):
            yield Problem("structure", place)


def _walk(value: object, path: str) -> Iterator[tuple[object, str]]:
    yield value, path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _walk(inner, f"{path}.{key}" if NAME.fullmatch(key) else path)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{path}[{index}]")


def _check_structure(bundle: Json) -> None:
    if len(entries(bundle)) > MAX_ENTRIES:
        raise BadBundleError(400, Problem("too-costly", "Bundle.entry"))
    try:
        Bundle.model_validate(bundle)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        problems = [Problem(_issue(one["type"]), _fhirpath(one["loc"])) for one in found]
        raise BadBundleError(400, *dict.fromkeys(problems)) from None


def _issue(kind: str) -> str:
    return "required" if "missing" in kind else "structure" if "extra" in kind else "value"


def _fhirpath(steps: tuple[int | str, ...]) -> str:
    path = "Bundle"
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif NAME.fullmatch(step):
            path += f".{step}"
    return path


def _check_profile(bundle: Json, kind: str) -> None:
    problems: list[Problem] = []
    if bundle.get("type") != kind:
        problems.append(Problem("value", "Bundle.type"))
    if not _is_uuid(message_id(bundle)):
        problems.append(Problem("required", "Bundle.identifier"))
    problems += _transaction(bundle) if kind == "transaction" else _message(bundle)
    problems += [*_references(bundle), *_codes(bundle)]
    if problems:
        raise BadBundleError(422, *problems)


def _transaction(bundle: Json) -> Iterator[Problem]:
    for index, entry in enumerate(entries(bundle)):
        request = entry.get("request")
        if not isinstance(request, dict) or request.get("method") != "POST":
            yield Problem("business-rule", f"Bundle.entry[{index}].request")
    for kind in ("ServiceRequest", "Task", "Patient"):
        if len(resources(bundle, kind)) != 1:
            yield Problem("required", f"Bundle.entry.resource.ofType({kind})")


def _codes(bundle: Json) -> Iterator[Problem]:
    """Find codes that a required binding of FHIR R4 does not hold; the library checks their form only."""
    for index, entry in enumerate(entries(bundle)):
        resource = entry.get("resource")
        kind = str(resource.get("resourceType", "")) if isinstance(resource, dict) else ""
        for name, known in BINDINGS.get(kind, {}).items():
            value = resource.get(name) if isinstance(resource, dict) else None
            if value is not None and value not in known:
                yield Problem("code-invalid", f"Bundle.entry[{index}].resource.{name}")


def _message(bundle: Json) -> Iterator[Problem]:
    first = resources(bundle)[:1]
    if not first or first[0].get("resourceType") != "MessageHeader":
        yield Problem("invariant", "Bundle.entry[0].resource")


def _references(bundle: Json) -> Iterator[Problem]:
    """Find entries without a urn:uuid address and references that resolve to no entry."""
    known = {str(entry.get("fullUrl", "")) for entry in entries(bundle)}
    for index, entry in enumerate(entries(bundle)):
        address = str(entry.get("fullUrl", ""))
        if not (address.startswith("urn:uuid:") and _is_uuid(address[9:])):
            yield Problem("value", f"Bundle.entry[{index}].fullUrl")
        for inner, place in _walk(entry.get("resource"), f"Bundle.entry[{index}].resource"):
            target = inner.get("reference") if isinstance(inner, dict) else None
            if isinstance(target, str) and target.startswith("urn:uuid:") and target not in known:
                yield Problem("not-found", f"{place}.reference")


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
