"""Schemas of formats: XSD through lxml, JSON Schema through jsonschema-rs; findings without values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import jsonschema_rs
from lxml import etree

from mappings.engine.findings import Finding
from mappings.engine.xml_reader import local

Check: TypeAlias = Callable[[Any], list[Finding]]
"""A schema as a function: of an lxml element, or of a JSON value."""

_XSD_CODES = {
    "SCHEMAV_CVC_ENUMERATION_VALID": "UNKNOWN_CODE",
    "SCHEMAV_CVC_PATTERN_VALID": "INVALID_VALUE",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "MISSING_REQUIRED",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "UNKNOWN_FIELD",
}
_CONSEQUENCES = {"SCHEMAV_CVC_DATATYPE_VALID_1_2_1"}
_DATES = ("date", "dateTime", "gYear", "time")


def xsd(data: bytes) -> Check:
    """Return the check of an XML Schema.

    Raises:
        lxml.etree.XMLSchemaParseError: the schema itself is wrong.
    """
    schema = etree.XMLSchema(etree.XML(data))

    def check(element: Any) -> list[Finding]:
        if schema.validate(element):
            return []
        log: Any = schema.error_log
        return [_xsd_finding(entry) for entry in log]

    return check


def _xsd_finding(entry: Any) -> Finding:
    code = _XSD_CODES.get(entry.type_name, "SCHEMA")
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT":
        code = "MISSING_REQUIRED" if "Missing child" in entry.message else "UNKNOWN_FIELD"
    if entry.type_name in _CONSEQUENCES:
        code = "INVALID_DATE" if any(f"xs:{kind}" in entry.message for kind in _DATES) else "INVALID_VALUE"
    return Finding(code, _local_path(entry.path or ""))


def _local_path(path: str) -> str:
    """Return libxml2's path with local names: ``/*[1]/*`` stays, prefixes go."""
    return "/".join(local(part).rpartition(":")[2] for part in path.split("/"))


_JSON_CODES = {
    "required": "MISSING_REQUIRED",
    "additionalProperties": "UNKNOWN_FIELD",
    "unevaluatedProperties": "UNKNOWN_FIELD",
    "type": "WRONG_TYPE",
    "enum": "UNKNOWN_CODE",
    "const": "UNEXPECTED_VALUE",
    "pattern": "INVALID_VALUE",
    "format": "INVALID_VALUE",
    "minLength": "INVALID_VALUE",
    "maxLength": "INVALID_VALUE",
    "minimum": "INVALID_VALUE",
    "maximum": "INVALID_VALUE",
    "maxItems": "TOO_MANY",
}


def json_schema(schema: Any) -> Check:
    """Return the check of a JSON Schema (draft 2020-12), formats asserted.

    Raises:
        jsonschema_rs.ValidationError: the schema itself is wrong.
    """
    validator = jsonschema_rs.validator_for(schema, validate_formats=True)

    def check(value: Any) -> list[Finding]:
        return [_json_finding(error) for error in validator.iter_errors(value)]

    return check


def _json_finding(error: Any) -> Finding:
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.instance_path)
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    kinds = [str(part) for part in error.schema_path if str(part) in _JSON_CODES]
    code = _JSON_CODES.get(keyword) or (_JSON_CODES[kinds[-1]] if kinds else "SCHEMA")
    missing = getattr(getattr(error, "kind", None), "property", None)
    if code == "MISSING_REQUIRED" and isinstance(missing, str):
        pointer = f"{pointer}/{missing}"
    return Finding(code, pointer)
