"""Each cell of formats/case-management.md 6.4, as the page writes it, against the versioned data; nothing is left over.

The page is copied by hand, so that neither a change of the data nor of the way it is read can pass unseen. What the
page says beside a letter ("if SAFE", "clinical need") is a rule of its own; its tests stand in tests/policy.
"""

from __future__ import annotations

import pytest

from gateway.policy.matrix import matrix

VERSION = "1.1.0"
"""The version these cells belong to: another cell is another version."""
KINDS = ("CIVIL_REG", "POLICE", "HEALTH", "EDUCATION", "SOCIAL_WELFARE")
PAGE = """
Name, sex, DOB             | Y                             | c             | Y                | Y                | Y
B-Form/CRC no.             | Y                             | c             | c                | c                | c
Caregiver name + CNIC      | Y (parents, for registration) | c             | c                | c, not if UNSAFE | Y
Caregiver phone / address  | -                             | o             | c if SAFE        | c if SAFE        | Y
Current shelter address    | -                             | o             | -                | -                | Y
District (admin2)          | Y                             | Y             | Y                | Y                | Y
Concern category           | -                             | c/o           | c, clinical need | -                | Y
Incident, perpetrator      | -                             | c/o           | -                | -                | c
Narrative                  | -                             | o             | -                | -                | c
Clinical findings          | -                             | o (medico-legal) | Y             | -                | -
Disability/language needs  | -                             | c             | Y                | Y                | Y
Displacement, UNHCR/PoR no. | -                            | - (o)         | c                | -                | c
Enrolment history          | -                             | -             | -                | Y                | c
FIR number                 | -                             | Y             | c (MLC)          | -                | c
Consent evidence           | flag                          | flag          | flag             | flag             | hash
Reporter identity          | -                             | o             | -                | -                | -
Risk level                 | -                             | priority only | priority         | priority         | Y
Focal point (role, phone)  | Y                             | Y             | Y                | Y                | Y
"""
GROUPS = {
    "Name, sex, DOB": ["child_basics"],
    "B-Form/CRC no.": ["child_number"],
    "Caregiver name + CNIC": ["caregiver_identity"],
    "Caregiver phone / address": ["caregiver_contact"],
    "Current shelter address": ["shelter"],
    "District (admin2)": ["district"],
    "Concern category": ["concern"],
    "Incident, perpetrator": ["incident", "perpetrator"],
    "Narrative": ["narrative"],
    "Clinical findings": ["clinical"],
    "Disability/language needs": ["needs"],
    "Displacement, UNHCR/PoR no.": ["displacement"],
    "Enrolment history": ["enrolment"],
    "FIR number": ["fir_number"],
    "Consent evidence": ["consent_evidence"],
    "Reporter identity": ["reporter"],
    "Risk level": ["risk"],
    "Focal point (role, phone)": ["administrative"],
}
"""Which groups of the data a row of the page is."""
READ_AS = {"flag": "-", "hash": "Y", "priority only": "-", "priority": "-", "c/o": "c", "- (o)": "-"}
"""Cells that are no plain letter. The flag and the priority are groups of their own, which everybody may know; of "c/o"
and "- (o)" the data holds what needs no order: with one, an offence's narrative is told to the police besides."""
BEYOND = {
    "sender": "Y Y Y - Y", "hospital_number": "- - Y - c", "school_number": "- - - Y c", "other_number": "- - - - c",
    "contact_rule": "- c c - Y", "medico_legal": "- Y c - c", "perpetrator_contact": "- o - - -",
    "clinical_note": "- - - - c", "placement": "- - - Y Y", "release": "- - - Y Y", "registration": "Y - - - c",
    "consent_flag": "Y Y Y Y Y", "consent_reference": "Y Y Y - Y", "links": "- c - - Y", "answer_text": "- - c - c",
    "police_reference": "- Y - - c",
}  # fmt: skip
"""Groups the page does not have: facts of formats/police.md A5 and B1, of school.md 4.3, and what a referral needs."""


def rows() -> dict[str, list[str]]:
    found = {}
    for line in PAGE.strip().splitlines():
        name, *cells = (each.strip() for each in line.split("|"))
        found[name] = cells
    return found


CELLS = [
    pytest.param(group, kind, READ_AS.get(cell, cell[:1]), id=f"{row}-{kind}-{group}")
    for row, cells in rows().items()
    for kind, cell in zip(KINDS, cells, strict=True)
    for group in GROUPS[row]
]
OTHERS = [
    pytest.param(group, kind, cell, id=f"{group}-{kind}")
    for group, cells in BEYOND.items()
    for kind, cell in zip(KINDS, cells.split(), strict=True)
]


@pytest.mark.parametrize(("group", "kind", "cell"), CELLS + OTHERS)
def test_a_cell_of_the_data_is_the_cell_of_the_page(group: str, kind: str, cell: str) -> None:
    assert matrix().cells[group].get(kind, "-") == cell


def test_the_page_is_whole_and_no_group_of_the_data_is_left_over() -> None:
    covered = [group for row in rows() for group in GROUPS[row]]

    assert len(rows()) == 18
    assert set(rows()) == set(GROUPS)
    assert sorted([*covered, *BEYOND]) == sorted(matrix().cells)
    assert {kind for row in matrix().cells.values() for kind in row} == set(KINDS), "the MIS is named nowhere"


def test_these_cells_are_those_of_the_version_in_force() -> None:
    assert matrix().version == VERSION
