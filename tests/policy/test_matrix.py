"""The need-to-know matrix against a table written by hand from formats/case-management.md 6.4."""

import tomllib
from importlib import resources
from typing import Annotated

import pytest

from gateway.policy import Basis
from gateway.policy.matrix import Cell, MatrixMistake, matrix, read_matrix
from mappings.labels import Label, Node
from mappings.referral import Record, Referral
from mappings.reply import Reply
from tests.policy.cases import KINDS, floor, holds, referral, told

# Row of 6.4: a leaf that stands for it, and its cells for civil register, police, health, education, social welfare.
TABLE = {
    "name": ("child.name", "Y c Y Y Y"),
    "sex": ("child.sex", "Y c Y Y Y"),
    "birth date": ("child.birth_date", "Y c Y Y Y"),
    "B-Form number": ("child.identifiers[0].value", "Y c c c c"),
    "caregiver's name": ("persons[0].name", "Y c c c Y"),
    "caregiver's CNIC": ("persons[0].identifiers[0].value", "Y c c c Y"),
    "caregiver's telephone": ("persons[0].phone", "- o c c Y"),
    "caregiver's address": ("persons[0].address", "- o c c Y"),
    "child's address": ("child.location.address", "- o c c Y"),
    "district": ("child.location.district", "Y Y Y Y Y"),
    "concern": ("concern.primary", "- c c - Y"),
    "incident": ("incident.property_text", "- c - - c"),
    "narrative": ("concern.narrative", "- o - - c"),
    "clinical findings": ("clinical.findings[0].text", "- o Y - -"),
    "note of the hospital": ("clinical.note", "- - - - c"),
    "language": ("child.languages[0]", "- c Y Y Y"),
    "disability": ("child.disabilities[0]", "- c Y Y Y"),
    "displacement": ("child.displacement", "- - c - c"),
    "UNHCR number": ("child.identifiers[1].value", "- - c - c"),
    "nationality": ("child.nationality", "- - c - c"),
    "caregiver's nationality": ("persons[0].nationality", "- - c - c"),
    "enrolment history": ("enrolment.student_id", "- - - Y c"),
    "FIR number": ("incident.number", "- Y c - c"),
    "medico-legal reference": ("incident.medico_legal_ref", "- Y c - c"),
    "register's entry": ("registration.crms_number", "Y - - - c"),
    "consent flag": ("consent.basis", "Y Y Y Y Y"),
    "consent evidence": ("consent.evidence_hash", "- - - - Y"),
    "order or statute": ("consent.order_ref", "Y Y Y - Y"),
    "reporter": ("reporter.name", "- o - - -"),
    "risk": ("risk.level", "- - - - Y"),
    "priority": ("priority", "Y Y Y Y Y"),
    "focal point": ("focal_point.phone", "Y Y Y Y Y"),
    "safety rules": ("requested.safety[0]", "Y Y Y Y Y"),
    "sender's unit": ("sender.unit", "Y Y Y - Y"),
}
CELLS = [
    pytest.param(kind, path, cell, id=f"{row}-{kind}")
    for row, (path, cells) in TABLE.items()
    for kind, cell in zip(KINDS, cells.split(), strict=True)
]


@pytest.mark.parametrize(("kind", "path", "cell"), CELLS)
def test_a_cell_holds_under_every_basis(kind: str, path: str, cell: str) -> None:
    seen = {basis: holds(told(referral(), kind, basis), path) for basis in Basis}

    assert seen == {
        Basis.NONE: cell == "Y",
        Basis.REVOKED: cell == "Y",
        Basis.CONSENT: cell in "Yc",
        Basis.STATUTE: cell in "Yc",
        Basis.ORDER: cell in "Yco",
    }


@pytest.mark.parametrize(("kind", "path", "cell"), CELLS)
def test_without_an_agreement_only_the_floor_holds_and_what_needs_one_is_marked(
    kind: str, path: str, cell: str
) -> None:
    projection = floor(referral(), kind)

    assert holds(projection, path) == (cell in "Yc")
    assert (path in {each.path for each in projection.conditional}) == (cell == "c")


@pytest.mark.parametrize(("kind", "path", "cell"), CELLS)
def test_what_is_withheld_is_accounted_for_with_its_rule(kind: str, path: str, cell: str) -> None:
    withheld = {each.path for each in told(referral(), kind, Basis.CONSENT).withheld}

    assert (path in withheld) == (cell in "o-")


def test_the_register_of_statistics_learns_nothing_of_a_single_child() -> None:
    projection = told(referral(), "MIS", Basis.ORDER, origin="MIS")

    assert projection.value == Referral()
    assert all(each.rule.startswith("floor:") for each in projection.withheld)


def test_a_kind_nobody_knows_learns_nothing() -> None:
    assert not any(row.get("ARMY") for row in matrix().cells.values())
    assert matrix().cell("administrative", "ARMY", None) is Cell.NEVER


def test_a_fir_number_reaches_a_hospital_for_forensic_examination_only() -> None:
    treated = told(referral(), "HEALTH", Basis.ORDER, purpose="TREAT")
    examined = told(referral(), "HEALTH", Basis.ORDER, purpose="FORENSIC_EXAM")

    assert not holds(treated, "incident.number")
    assert holds(examined, "incident.number")
    assert holds(treated, "incident.medico_legal_ref")


class Novelty(Node):
    """A document with a leaf the matrix has never heard of."""

    shoe_size: Annotated[int | None, Label.IDENTITY] = None


class Unlabelled(Node):
    """A document with a leaf that carries no label."""

    name: str | None = None


def _file() -> bytes:
    return resources.files("gateway.policy").joinpath("matrix.toml").read_bytes()


def test_a_new_leaf_without_a_group_stops_the_start() -> None:
    with pytest.raises(MatrixMistake, match="shoe_size belongs to no group"):
        read_matrix(_file(), [Referral, Novelty])


def test_a_new_leaf_without_a_label_stops_the_start() -> None:
    with pytest.raises(TypeError, match="exactly one sensitivity label"):
        read_matrix(_file(), [Referral, Unlabelled])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('group = "risk"', 'group = "weather"'),
        ('[labels]\n', '[labels]\nweather = "concern"\n'),
        ('reporter            = "reporter"', 'reporter            = "gossip"'),
        ('risk               = { SOCIAL_WELFARE = "Y" }', 'risk               = { SOCIAL_WELFARE = "perhaps" }'),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_stops_the_start(before: str, after: str) -> None:
    text = _file().decode()
    assert before in text

    with pytest.raises(MatrixMistake):
        read_matrix(text.replace(before, after).encode(), [Record, Referral, Reply])


def test_every_group_that_has_cells_is_used() -> None:
    by_nature = {
        "caregiver_identity", "caregiver_contact", "contact_rule", "perpetrator", "perpetrator_contact", "reporter",
        "incident", "displacement", "child_number", "hospital_number", "school_number", "other_number",
        "police_reference", "registration", "enrolment", "administrative",
    }  # fmt: skip

    assert set(matrix().cells) - set(matrix().groups.values()) - by_nature == set()


def test_the_digest_names_the_file_as_it_is() -> None:
    other = read_matrix(_file() + b"\n# another word\n", [Referral])

    assert other.digest != matrix().digest
    assert other.version == matrix().version == tomllib.loads(_file().decode())["version"]
