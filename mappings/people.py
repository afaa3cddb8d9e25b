"""People of the canonical language: the child, and everybody a document names beside the child.

Source: formats/case-management.md 6.1; the leaves that only one agency knows come from formats/nadra.md 7.3,
formats/police.md B1, formats/health.md 9.1 and formats/school.md 4.2.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from mappings.dates import Day, PartialDate
from mappings.identifiers import Scheme, normalise
from mappings.labels import Label, Node
from mappings.text import Line, Prose, Short, Token
from mappings.vocabulary import (
    AgeBasis,
    AgeUnit,
    Authority,
    CareArrangement,
    ChildRole,
    ContactRule,
    Displacement,
    IdentifierStatus,
    Parent,
    PersonRole,
    PersonStatus,
    Province,
    Relation,
    Sex,
    TriState,
    Whereabouts,
)

Phone = Annotated[str, Field(min_length=3, max_length=30, pattern=r"^\+?[0-9][0-9 \-]*$")]
"""A telephone number as received, digits folded."""


class _Numbered(Node):
    """A number with its scheme; the value is kept in the scheme's one form."""

    scheme: Annotated[Scheme, Label.IDENTITY]
    value: Annotated[Short, Label.IDENTITY]

    @model_validator(mode="before")
    @classmethod
    def _normal_form(cls, data: object) -> object:
        if isinstance(data, dict) and isinstance(data.get("value"), str) and isinstance(data.get("scheme"), str):
            return {**data, "value": normalise(data["scheme"], data["value"])}
        return data


class Identifier(_Numbered):
    """A number of the child."""

    status: Annotated[IdentifierStatus | None, Label.IDENTITY] = None
    issuer: Annotated[Short | None, Label.IDENTITY] = None


class PersonIdentifier(_Numbered):
    """A number of another person: the same shape, labelled family."""

    scheme: Annotated[Scheme, Label.FAMILY]
    value: Annotated[Short, Label.FAMILY]


class Age(Node):
    """An age as stated, where no birth date is known."""

    value: Annotated[float | None, Field(ge=0, le=150), Label.IDENTITY] = None
    unit: Annotated[AgeUnit | None, Label.IDENTITY] = None
    estimated: Annotated[bool | None, Label.IDENTITY] = None
    basis: Annotated[AgeBasis | None, Label.IDENTITY] = None
    text: Annotated[Short | None, Label.IDENTITY] = None
    """The words of the source, for example ``تقریباً 16/17 سال``."""


class PersonAge(Age):
    """An age of another person: the same shape, labelled family."""

    value: Annotated[float | None, Field(ge=0, le=150), Label.FAMILY] = None
    unit: Annotated[AgeUnit | None, Label.FAMILY] = None
    estimated: Annotated[bool | None, Label.FAMILY] = None
    basis: Annotated[AgeBasis | None, Label.FAMILY] = None
    text: Annotated[Short | None, Label.FAMILY] = None


class Parentage(Node):
    """The name a person is tied to in a document: son, daughter or wife of."""

    kind: Annotated[Parent | None, Label.FAMILY] = None
    name: Annotated[Short | None, Label.FAMILY] = None


class Place(Node):
    """Where the child lives or stays; the district is no finer than an agency's area of work."""

    edition: Annotated[Token | None, Label.LOCATION] = None
    """Which list of P-codes the district is from, for example ``cod-ab-2022-09-09``."""
    district: Annotated[Token | None, Label.LOCATION] = None
    """Admin-2 P-code, for example ``PK617``."""
    district_name: Annotated[Short | None, Label.LOCATION] = None
    province: Annotated[Province | None, Label.LOCATION] = None
    province_name: Annotated[Short | None, Label.LOCATION] = None
    tehsil: Annotated[Short | None, Label.CONTACT] = None
    address: Annotated[Line | None, Label.CONTACT] = None
    shelter: Annotated[bool | None, Label.LOCATION] = None
    """The address is a shelter's: it is then withheld from everybody the matrix does not name."""


class Child(Node):
    """The child a document is about."""

    name: Annotated[Short | None, Label.IDENTITY] = None
    """Full name in Latin script; never split into given and family name by guess."""
    name_ur: Annotated[Short | None, Label.IDENTITY] = None
    """Full name in Urdu or another Arabic-script language, as received."""
    aliases: Annotated[tuple[Short, ...], Field(max_length=20), Label.IDENTITY] = ()
    given_name: Annotated[Short | None, Label.IDENTITY] = None
    """Only when the source held the parts apart."""
    family_name: Annotated[Short | None, Label.IDENTITY] = None
    sex: Annotated[Sex | None, Label.IDENTITY] = None
    birth_date: Annotated[PartialDate | None, Label.IDENTITY] = None
    birth_date_estimated: Annotated[bool | None, Label.IDENTITY] = None
    age: Age | None = None
    identifiers: Annotated[tuple[Identifier, ...], Field(max_length=20)] = ()
    unknown: Annotated[bool | None, Label.IDENTITY] = None
    """True when nobody knows who the child is (foundling, unconscious child)."""
    parentage: Parentage | None = None
    phone: Annotated[Phone | None, Label.CONTACT] = None
    languages: Annotated[tuple[Token, ...], Field(max_length=10), Label.NEEDS] = ()
    """BCP 47 tags."""
    disabilities: Annotated[tuple[Short, ...], Field(max_length=20), Label.NEEDS] = ()
    nationality: Annotated[Token | None, Label.DISPLACEMENT] = None
    """ISO 3166 alpha-3."""
    displacement: Annotated[Displacement | None, Label.DISPLACEMENT] = None
    location: Place | None = None
    care_arrangement: Annotated[CareArrangement | None, Label.CONCERN] = None
    whereabouts: Annotated[Whereabouts | None, Label.CONCERN] = None
    roles: Annotated[tuple[ChildRole, ...], Field(max_length=5), Label.INCIDENT] = ()
    description: Annotated[Line | None, Label.INCIDENT] = None
    """What a missing child looks like and wore."""
    protected_token: Annotated[Token | None, Label.INCIDENT] = None
    """Handle under which the police keep a protected identity sealed."""


class Custody(Node):
    """By what authority a guardian has the child."""

    kind: Annotated[Authority | None, Label.REGISTRATION] = None
    reference: Annotated[Short | None, Label.REGISTRATION] = None
    decided_on: Annotated[Day | None, Label.REGISTRATION] = None


class Person(Node):
    """Somebody a document names beside the child."""

    relation: Annotated[Relation | None, Label.FAMILY] = None
    roles: Annotated[tuple[PersonRole, ...], Field(max_length=10), Label.FAMILY] = ()
    """Who cares for the child is a fact of the family; that somebody is accused or a witness is a police matter too."""
    status: Annotated[PersonStatus | None, Label.FAMILY] = None
    name: Annotated[Short | None, Label.FAMILY] = None
    name_ur: Annotated[Short | None, Label.FAMILY] = None
    aliases: Annotated[tuple[Short, ...], Field(max_length=20), Label.FAMILY] = ()
    given_name: Annotated[Short | None, Label.FAMILY] = None
    family_name: Annotated[Short | None, Label.FAMILY] = None
    sex: Annotated[Sex | None, Label.FAMILY] = None
    birth_date: Annotated[PartialDate | None, Label.FAMILY] = None
    age: PersonAge | None = None
    parentage: Parentage | None = None
    identifiers: Annotated[tuple[PersonIdentifier, ...], Field(max_length=20)] = ()
    nationality: Annotated[Token | None, Label.DISPLACEMENT] = None
    occupation: Annotated[Short | None, Label.INCIDENT] = None
    caste: Annotated[Short | None, Label.INCIDENT] = None
    phone: Annotated[Phone | None, Label.CONTACT] = None
    address: Annotated[Line | None, Label.CONTACT] = None
    contact_rule: Annotated[ContactRule | None, Label.CONTACT] = None
    """Silence means only through the case worker."""
    alleged_perpetrator: Annotated[TriState | None, Label.INCIDENT] = None
    description: Annotated[Line | None, Label.INCIDENT] = None
    count: Annotated[int | None, Field(ge=1, le=99), Label.INCIDENT] = None
    """How many unknown accused this entry stands for."""
    arrest_status: Annotated[Token | None, Label.INCIDENT] = None
    """NOT_ARRESTED, ARRESTED, BAIL, ABSCONDER, PO or RELEASED (formats/police.md B1)."""
    protected_token: Annotated[Token | None, Label.INCIDENT] = None
    custody: Custody | None = None


class Reporter(Node):
    """Who told; protected everywhere (formats/case-management.md 6.4)."""

    name: Annotated[Short | None, Label.REPORTER] = None
    phone: Annotated[Phone | None, Label.REPORTER] = None
    relation: Annotated[Relation | None, Label.REPORTER] = None
    channel: Annotated[Token | None, Label.REPORTER] = None
    statement: Annotated[Prose | None, Label.REPORTER] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("an empty reporter says nothing")
        return self
