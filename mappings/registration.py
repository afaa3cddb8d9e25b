"""The civil register's entry of a birth (formats/nadra.md 7.3).

Names written in two scripts have two leaves: plain is Latin, ``_ur`` is Urdu; neither is ever made from the other.
Parents, grandfather and guardian are people of the record (``persons[]``), not of this section.
"""

from __future__ import annotations

from typing import Annotated

from mappings.dates import Day
from mappings.identifiers import Scheme
from mappings.labels import Label, Node
from mappings.people import Phone
from mappings.text import Line, Short, Token

Reg = Label.REGISTRATION


class Office(Node):
    """The union council where the birth is registered."""

    union_council: Annotated[Short | None, Reg] = None
    union_council_ur: Annotated[Short | None, Reg] = None
    uc_number: Annotated[Short | None, Reg] = None
    tehsil: Annotated[Short | None, Reg] = None
    tehsil_ur: Annotated[Short | None, Reg] = None
    district: Annotated[Short | None, Reg] = None
    district_ur: Annotated[Short | None, Reg] = None
    area: Annotated[Token | None, Reg] = None
    """NADRA's area name: PUNJAB, SINDH, KPK, BALUCHISTAN, ISLAMABAD, FATA, GILGIT_BALTISTAN, AZAD_KASHMIR."""


class Applicant(Node):
    """Who applied for the registration."""

    name: Annotated[Short | None, Reg] = None
    name_ur: Annotated[Short | None, Reg] = None
    id_scheme: Annotated[Scheme | None, Reg] = None
    id_value: Annotated[Short | None, Reg] = None
    relation: Annotated[Short | None, Reg] = None


class Birthplace(Node):
    """Where the child was born."""

    kind: Annotated[Token | None, Reg] = None
    """HOSPITAL, HOME, HEALTH_CENTER or OTHER."""
    name: Annotated[Short | None, Reg] = None
    district: Annotated[Short | None, Reg] = None
    district_ur: Annotated[Short | None, Reg] = None


class Residence(Node):
    """The address on the birth form, part by part."""

    district: Annotated[Short | None, Reg] = None
    tehsil: Annotated[Short | None, Reg] = None
    village_city: Annotated[Short | None, Reg] = None
    flat_house: Annotated[Short | None, Reg] = None
    lane_street: Annotated[Short | None, Reg] = None
    sector_block: Annotated[Short | None, Reg] = None
    neighbourhood: Annotated[Short | None, Reg] = None
    additional: Annotated[Line | None, Reg] = None
    mobile: Annotated[Phone | None, Reg] = None


class Certificate(Node):
    """The child registration certificate (B-Form) issued on the entry."""

    stage: Annotated[Token | None, Reg] = None
    """UNDER_3, UNDER_10, UNDER_18 or LEGACY_B_FORM."""
    issued_on: Annotated[Day | None, Reg] = None
    expires_on: Annotated[Day | None, Reg] = None


class Registration(Node):
    """One entry in the register of births."""

    crms_number: Annotated[Token | None, Reg] = None
    barcode_number: Annotated[Token | None, Reg] = None
    old_number: Annotated[Short | None, Reg] = None
    notification_number: Annotated[Token | None, Reg] = None
    status: Annotated[Token | None, Reg] = None
    """REGISTERED, NOTIFIED, CORRECTED or CANCELLED."""
    kind: Annotated[Token | None, Reg] = None
    """NORMAL, LATE, ABANDONED, ADOPTED, FOREIGNER, JAIL or ABROAD."""
    office: Office | None = None
    applicant: Applicant | None = None
    child_relation: Annotated[Short | None, Reg] = None
    child_relation_ur: Annotated[Short | None, Reg] = None
    birthplace: Birthplace | None = None
    twins: Annotated[bool | None, Reg] = None
    vaccinated: Annotated[bool | None, Reg] = None
    religion: Annotated[Short | None, Reg] = None
    religion_ur: Annotated[Short | None, Reg] = None
    attendant: Annotated[Short | None, Reg] = None
    attendant_ur: Annotated[Short | None, Reg] = None
    residence: Residence | None = None
    registered_on: Annotated[Day | None, Reg] = None
    applied_on: Annotated[Day | None, Reg] = None
    issued_on: Annotated[Day | None, Reg] = None
    verified_by: Annotated[Short | None, Reg] = None
    remarks: Annotated[Line | None, Reg] = None
    certificate: Certificate | None = None
