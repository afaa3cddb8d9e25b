"""Is a document valid in a format? By schemas of the simulators and of the vectors, from the format pages."""

from functools import lru_cache

from conformance.sandbox.documents import MalformedError, read_json, read_xml, schema_paths
from conformance.sandbox.health import bundles
from conformance.sandbox.nadra.rules import XSD as CRMS_XSD
from conformance.sandbox.police.messages import FIR_XSD, REFERRAL_SCHEMA
from conformance.sandbox.police.messages import HERE as POLICE
from conformance.sandbox.schemas import JsonSchema
from conformance.sandbox.school.app import HERE as SCHOOL
from conformance.sandbox.school.app import REQUEST as SIS_REQUEST
from conformance.sandbox.welfare.app import HERE as WELFARE
from conformance.vectors.cases import HERE as VECTORS

XML = {"nadra_crms": CRMS_XSD, "police_fir": FIR_XSD}
JSON = {
    "police_psrms": REFERRAL_SCHEMA,
    "school_sis": SIS_REQUEST,
    "psrms report": JsonSchema(POLICE / "report.schema.json"),
    "sis enrolment": JsonSchema(SCHOOL / "enrolment.schema.json"),
    "crvs_dci": JsonSchema(VECTORS / "crvs_dci" / "written.schema.json"),
    "school_oneroster": JsonSchema(VECTORS / "school_oneroster" / "written.schema.json"),
    "raabta": JsonSchema(WELFARE / "letter.schema.json"),
}
SPOKEN = {
    "nadra": {"application/vnd.raabta.crms+xml": "nadra_crms"},
    "police": {"application/vnd.raabta.fir+xml": "police_fir", "application/vnd.raabta.fir+json": "psrms report"},
    "health": {"application/fhir+json": "health_fhir"},
    "school": {"application/vnd.raabta.sis+json": "school_sis"},
    "welfare": {"application/json": "raabta"},
}
"""What each kind of agency may send as a new letter, by media type."""


class UnjudgedError(Exception):
    """There is no schema here for what was sent."""


def letter_faults(profile: str, media_type: str, body: bytes) -> tuple[str, ...]:
    """List the places where an agency's own letter breaks its format; raises `UnjudgedError` for a media type that
    this suite has no schema for.
    """  # noqa: D205 - one sentence
    name = SPOKEN[profile].get(media_type)
    if name is None:
        raise UnjudgedError
    if name == "school_sis" and b'"student_id"' in body and b'"request_id"' not in body:
        name = "sis enrolment"
    return faults(name, body)


@lru_cache(maxsize=2_000)
def faults(name: str, body: bytes) -> tuple[str, ...]:
    """List the places where a document breaks the schema of a format; empty: it is valid."""
    try:
        if name in XML:
            return tuple(schema_paths(XML[name], read_xml(body)))
        if name in JSON:
            return tuple(place or "/" for place, _ in JSON[name].findings(read_json(body)))
        bundles.read(body, "transaction")
    except MalformedError as error:
        return (str(error),)
    except bundles.BadBundleError as bad:
        return tuple(problem.expression or "Bundle" for problem in bad.problems)
    return ()
