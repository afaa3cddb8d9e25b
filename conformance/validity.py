"""Is a document valid in a format? Judged by the simulators' own schemas, written from the format pages."""

from functools import lru_cache

from conformance.sandbox.documents import MalformedError, read_json, read_xml, schema_paths
from conformance.sandbox.health import bundles
from conformance.sandbox.nadra.rules import XSD as CRMS_XSD
from conformance.sandbox.police.messages import FIR_XSD, REFERRAL_SCHEMA
from conformance.sandbox.school.app import REQUEST as SIS_REQUEST

XML = {"nadra_crms": CRMS_XSD, "police_fir": FIR_XSD}
JSON = {"police_psrms": REFERRAL_SCHEMA, "school_sis": SIS_REQUEST}


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
