"""The civil register's entry of a birth (formats/nadra.md 7.3).

Names written in two scripts have two leaves: plain is Latin, ``_ur`` is Urdu; neither is ever made from the other.
Parents, grandfather and guardian are people of the record (``persons[]``), not of this section.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from mappings.dates import Day
from mappings.identifiers import Scheme
from mappings.labels import Label, Node
from mappings.people import Phone
from mappings.text import Line, Short
from mappings.vocabulary.register import (
    Area,
    BirthplaceKind,
    CertificateStage,
    RegistrationKind,
    RegistrationStatus,
)

Reg = Label.REGISTRATION

CrmsNumber = Annotated[str, StringConstraints(pattern=r"^B[0-9]{6}-[0-9]{2}-[0-9]{5}$")]
"""Number of a birth certificate, for example ``B999901-16-00017``."""
BarcodeNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]
"""The number printed as a barcode: up to ten digits, leading zeros count."""
NotificationNumber = Annotated[str, StringConstraints(pattern=r"^BN-[0-9]{8}$")]
"""The receipt number of a birth notification, for example ``BN-99990001``."""


class Office(Node):
    """The union council where the birth is registered."""

    union_council: Annotated[Short | None, Reg] = None
    union_council_ur: Annotated[Short | None, Reg] = None
    uc_number: Annotated[Short | None, Reg] = None
    tehsil: Annotated[Short | None, Reg] = None
    tehsil_ur: Annotated[Short | None, Reg] = None
    district: Annotated[Short | None, Reg] = None
    district_ur: Annotated[Short | None, Reg] = None
    area: Annotated[Area | None, Reg] = None


class Applicant(Node):
    """Who applied for the registration."""

    name: Annotated[Short | None, Reg] = None
    name_ur: Annotated[Short | None, Reg] = None
    id_scheme: Annotated[Scheme | None, Reg] = None
    id_value: Annotated[Short | None, Reg] = None
    relation: Annotated[Short | None, Reg] = None


class Birthplace(Node):
    """Where the child was born."""

    kind: Annotated[BirthplaceKind | None, Reg] = None
    name: Annotated[Short | None, Reg] = None
    district: Annotated[Short | None, Reg] = None
    district_ur: Annotated[Short | None, Reg] = None


class Residence(Node):
    """The address on the birth form, part by part."""

    district: Annotated[Short | None, Reg] = None
    district_ur: Annotated[Short | None, Reg] = None
    tehsil: Annotated[Short | None, Reg] = None
    tehsil_ur: Annotated[Short | None, Reg] = None
    village_city: Annotated[Short | None, Reg] = None
    village_city_ur: Annotated[Short | None, Reg] = None
    flat_house: Annotated[Short | None, Reg] = None
    flat_house_ur: Annotated[Short | None, Reg] = None
    lane_street: Annotated[Short | None, Reg] = None
    lane_street_ur: Annotated[Short | None, Reg] = None
    sector_block: Annotated[Short | None, Reg] = None
    sector_block_ur: Annotated[Short | None, Reg] = None
    neighbourhood: Annotated[Short | None, Reg] = None
    neighbourhood_ur: Annotated[Short | None, Reg] = None
    additional: Annotated[Line | None, Reg] = None
    additional_ur: Annotated[Line | None, Reg] = None
    mobile: Annotated[Phone | None, Reg] = None
    permanent: Annotated[Line | None, Reg] = None
    """The permanent address as an identity service prints it, in one line."""


class Certificate(Node):
    """The child registration certificate (B-Form) issued on the entry."""

    stage: Annotated[CertificateStage | None, Reg] = None
    issued_on: Annotated[Day | None, Reg] = None
    expires_on: Annotated[Day | None, Reg] = None


class Sought(Node):
    """Between which days a child was born for whom the register is searched, where no one date says it."""

    born_from: Annotated[Day | None, Label.IDENTITY] = None
    born_to: Annotated[Day | None, Label.IDENTITY] = None


class Registration(Node):
    """One entry in the register of births."""

    crms_number: Annotated[CrmsNumber | None, Reg] = None
    barcode_number: Annotated[BarcodeNumber | None, Reg] = None
    old_number: Annotated[Short | None, Reg] = None
    """Entry in the paper book, from before the numbers were computerised."""
    notification_number: Annotated[NotificationNumber | None, Reg] = None
    status: Annotated[RegistrationStatus | None, Reg] = None
    kind: Annotated[RegistrationKind | None, Reg] = None
    office: Office | None = None
    applicant: Applicant | None = None
    child_name_latn: Annotated[Short | None, Reg] = None
    """The register's transliteration of the child's Urdu name (``ur-Latn``), beside the English spelling."""
    child_relation: Annotated[Short | None, Reg] = None
    child_relation_ur: Annotated[Short | None, Reg] = None
    birthplace: Birthplace | None = None
    twins: Annotated[bool | None, Reg] = None
    vaccinated: Annotated[bool | None, Reg] = None
    religion: Annotated[Short | None, Reg] = None
    religion_ur: Annotated[Short | None, Reg] = None
    disability: Annotated[Short | None, Reg] = None
    """The words of the birth form; what a child needs stands in ``child.disabilities``."""
    disability_ur: Annotated[Short | None, Reg] = None
    attendant: Annotated[Short | None, Reg] = None
    attendant_ur: Annotated[Short | None, Reg] = None
    residence: Residence | None = None
    registered_on: Annotated[Day | None, Reg] = None
    applied_on: Annotated[Day | None, Reg] = None
    issued_on: Annotated[Day | None, Reg] = None
    verified_by: Annotated[Short | None, Reg] = None
    remarks: Annotated[Line | None, Reg] = None
    certificate: Certificate | None = None
    sought: Sought | None = None
