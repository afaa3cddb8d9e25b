"""What the gateway sends to the police, and what comes back: REFERRAL and StatusUpdate in both syntaxes."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema_rs
import pytest
from lxml import etree

from mappings.engine import laws
from mappings.engine.mapping import Mapping
from mappings.referral import Referral
from mappings.reply import Reply
from tests.mappings.police_documents import SANDBOX, fir, psrms, read, unwritten

ASKED: dict[str, Any] = {
    "message_id": "0f9d1c1e-1111-4a11-8a11-0000000000aa",
    "ref": "RAABTA-TEST-000321",
    "authored_at": "2026-11-21T05:00:00Z",
    "priority": "HIGH",
    "sender": {"agency": "welfare:pb-cpb", "kind": "SOCIAL_WELFARE"},
    "focal_point": {"agency": "welfare:pb-cpb", "role": "CASE_WORKER", "phone": "03990000111"},
    "requested": {"service": "POLICE", "action": "INVESTIGATE", "reply_by": "2026-11-22T05:00:00Z"},
    "child": {
        "name": "Misali Farzi",
        "name_ur": "مثالی فرضی",
        "sex": "MALE",
        "roles": ["VICTIM"],
        "whereabouts": "HOSPITAL",
        "identifiers": [{"scheme": "hospital-mrn", "value": "MRN-1"}, {"scheme": "pk-bform", "value": "3999900003033"}],
    },
    "persons": [{"relation": "FATHER", "name": "Azmaishi Farzi"}],
    "concern": {"types": ["SEXUAL_EXPLOITATION", "SEXUAL_VIOLENCE", "OUT_OF_SCHOOL"], "caregiver_is_accused": False},
    "consent": {"basis": "MANDATORY_REPORT", "statute_id": "PDNCA-2004"},
}
BOTH = pytest.mark.parametrize("mapping", [fir(), psrms()], ids=["xml", "json"])


def asked(**changes: Any) -> Referral:
    return Referral.model_validate({k: v for k, v in {**ASKED, **changes}.items() if v is not None})


def own_schema(mapping: Mapping, data: bytes) -> bool:
    """Tell whether the simulator's own schema takes a document."""
    if mapping.codec.xml:
        return bool(etree.XMLSchema(etree.parse(SANDBOX / "fir.xsd")).validate(etree.fromstring(data)))
    schema = json.loads((SANDBOX / "referral.schema.json").read_text("utf-8"))
    return jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(json.loads(data))


@BOTH
def test_a_referral_is_written_as_the_simulator_takes_it(mapping: Mapping) -> None:
    written = mapping.write(asked())
    assert written.document == "referral"
    assert own_schema(mapping, written.value)


@BOTH
def test_a_referral_keeps_the_laws(mapping: Mapping) -> None:
    for law in (laws.round_trip, laws.accounted, laws.valid):
        assert law(mapping, asked()) == []


@BOTH
def test_a_referral_is_read_back_with_both_names_and_the_concern(mapping: Mapping) -> None:
    value = read(mapping, mapping.write(asked()).value)
    assert isinstance(value, Referral)
    assert value.concern is not None
    assert (value.child.name, value.child.name_ur, value.ref) == ("Misali Farzi", "مثالی فرضی", "RAABTA-TEST-000321")
    assert value.concern.types == ("SEXUAL_VIOLENCE",)
    assert [i.scheme for i in value.child.identifiers] == ["pk-bform"]


@BOTH
def test_nobody_beside_the_child_is_named(mapping: Mapping) -> None:
    written = mapping.write(asked())
    assert b"Azmaishi" not in written.value
    assert b"MRN-1" not in written.value
    assert {"persons[0].name", "child.identifiers[0].value"} <= {drop.path for drop in written.dropped}


@BOTH
@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"priority": None}, "priority"),
        ({"ref": None}, "ref"),
        ({"sender": None}, "sender.agency"),
        ({"consent": None}, "consent.basis"),
        ({"consent": {"basis": "MANDATORY_REPORT"}}, "consent.statute_id"),
        ({"focal_point": None}, "focal_point.role"),
        ({"requested": {"service": "POLICE"}}, "requested.action"),
        ({"concern": {"types": ["NEGLECT"]}}, "concern.caregiver_is_accused"),
        ({"child": {"whereabouts": "HOME"}}, "child.name"),
    ],
)
def test_what_the_police_demand_is_never_made_up(mapping: Mapping, changes: dict[str, Any], missing: str) -> None:
    found = unwritten(mapping, asked(**changes))
    assert ("MISSING_REQUIRED", missing) in found
    assert {code for code, _ in found} == {"MISSING_REQUIRED"}


@BOTH
def test_an_unknown_child_can_be_referred(mapping: Mapping) -> None:
    value = read(mapping, mapping.write(asked(child={"unknown": True, "whereabouts": "HOSPITAL"})).value)
    assert isinstance(value, Referral)
    assert value.child.unknown is True


@BOTH
def test_a_name_the_field_would_split_is_refused(mapping: Mapping) -> None:
    assert unwritten(mapping, asked(child={"name": "Misali urf Guddu"})) == {("CANNOT_HOLD", "name")}


@BOTH
def test_an_id_that_is_no_uuid_is_replaced_the_same_way_each_time(mapping: Mapping) -> None:
    value = asked(message_id="9999000000000000017")
    assert mapping.write(value).value == mapping.write(value).value
    assert b"9999000000000000017" not in mapping.write(value).value


ANSWERED: dict[str, Any] = {
    "message_id": "0f9d1c1e-1111-4a11-8a11-0000000000ad",
    "in_reply_to": "0f9d1c1e-1111-4a11-8a11-0000000000aa",
    "ref": "RAABTA-TEST-000321",
    "state": "REJECTED",
    "reason": "NO_CAPACITY",
    "references": [{"scheme": "pk-etag", "value": "FT-15/03/2025-0042"}],
    "at": "2026-11-21T08:00:00Z",
}


@BOTH
def test_a_status_update_is_written_and_read_back(mapping: Mapping) -> None:
    value = Reply.model_validate(ANSWERED)
    written = mapping.write(value)
    assert written.document == "status_update"
    assert read(mapping, written.value) == value.model_copy(update={"kind": "REJECT"})
    for law in (laws.round_trip, laws.accounted, laws.valid):
        assert law(mapping, value) == []


@BOTH
def test_golden_samples_are_in_normal_form(mapping: Mapping) -> None:
    folder = resources.files(f"mappings.{mapping.format}").joinpath("samples")
    golden = [f for f in folder.iterdir() if not f.name.startswith("fullest.")]
    assert golden
    for file in golden:
        assert laws.stable(mapping, file.read_bytes()) == [], file.name


@BOTH
def test_the_fullest_documents_are_written_and_judged(mapping: Mapping) -> None:
    folder = resources.files(f"mappings.{mapping.format}").joinpath("samples")
    full = [f for f in folder.iterdir() if f.name.startswith("fullest.")]
    assert {f.name.split(".")[1] for f in full} == {d.name for d in mapping.documents if d.writes}
    for file in full:
        tree = json.loads(file.read_text("utf-8"))
        value = (Referral if tree["type"] == "referral" else Reply).model_validate(tree)
        assert mapping.write(value).document == file.name.split(".")[1]
        assert laws.round_trip(mapping, value) == []
        assert laws.accounted(mapping, value) == []


def test_the_simulators_schema_takes_every_xml_sample_of_ours() -> None:
    folder = resources.files("mappings.police_fir").joinpath("samples")
    golden = [file.read_bytes() for file in folder.iterdir() if file.name.endswith(".xml")]
    assert len(golden) == 5
    assert all(own_schema(fir(), data) for data in golden)
