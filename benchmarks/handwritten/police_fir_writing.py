"""Police XML by hand: writing a first information report, elements in the schema's order."""

from __future__ import annotations

from benchmarks.handwritten.elements import quoted, shown
from benchmarks.handwritten.police_fir import CHILD_ROLES, NAMESPACE, NUMBERS, RELATIONS, ROLES, SEXES, URGENCIES
from benchmarks.handwritten.refusing import Untranslatable, coded, demanded, turned
from mappings.dates import in_karachi
from mappings.identifiers import dashed
from mappings.incident import Incident, Offence, Official, Station
from mappings.people import Child, Person
from mappings.police.names import is_arabic, join_scripts
from mappings.police.offences import categories
from mappings.police.series import as_uuid
from mappings.referral import Referral
from mappings.text import fold_digits

_LEVELS = {"T0": "RED", "T1": "RED", "T2": "YELLOW", "T3": "GREEN"}
_SEX_WRITTEN = turned(SEXES)
_URGENCY_WRITTEN = turned(URGENCIES)
_CHILD_ROLE_WRITTEN = turned(CHILD_ROLES)
_ROLE_WRITTEN = {**turned(ROLES), "REPORTER": "INFORMANT", "CAREGIVER": "GUARDIAN"}
_NUMBER_WRITTEN = {**turned(NUMBERS), "pk-bform": "BFORM"}
_RELATION_WRITTEN = {
    **{relation: relation for relation in RELATIONS}, "FATHER": "PARENT", "MOTHER": "PARENT",
    "STEP_FATHER": "STEP_PARENT", "STEP_MOTHER": "STEP_PARENT", "GRANDFATHER": "RELATIVE",
    "GRANDMOTHER": "RELATIVE", "SIBLING": "RELATIVE", "UNCLE_AUNT": "RELATIVE", "INSTITUTION": "UNKNOWN",
    "OTHER": "UNKNOWN",
}  # fmt: skip


def write(referral: Referral) -> bytes:
    """Return a referral as the report of the police it came from."""
    incident: Incident = demanded(referral.incident, "incident")
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<FIRDocument xmlns="{NAMESPACE}" schemaVersion="1.0">',
    ]
    _header(parts, referral, incident)
    _registration(parts, incident)
    _incident(parts, incident)
    if incident.offences_text is not None:
        parts.append(f"<OffensesRawText>{shown(incident.offences_text)}</OffensesRawText>")
    for offence in incident.offences:
        _offence(parts, offence)
    _people(parts, referral)
    for official in incident.officials:
        _official(parts, official)
    _protection(parts, referral)
    status = demanded(incident.status, "incident.status")
    code = demanded(status.code, "incident.status.code")
    day = f' date="{status.date}"' if status.date is not None else ""
    words = f' raw="{quoted(status.text)}"' if status.text is not None else ""
    parts.append(f'<CaseStatus code="{code.value}"{day}{words}/></FIRDocument>')
    return "".join(parts).encode()


def _header(parts: list[str], referral: Referral, incident: Incident) -> None:
    kind = demanded(incident.document, "incident.document")
    tier = demanded(incident.tier, "incident.tier")
    sender = demanded(referral.sender, "sender.system")
    message = as_uuid(demanded(referral.message_id, "message_id"))
    moment = in_karachi(demanded(referral.authored_at or referral.received_at, "authored_at"))
    parts.append(
        f"<Header><MessageID>{message}</MessageID><MessageTypeCode>{kind.value}</MessageTypeCode>"
        f"<MessageDateTime>{moment}</MessageDateTime>"
        f"<SenderSystemID>{shown(demanded(sender.system, 'sender.system'))}</SenderSystemID>"
        f"<ReceiverSystemID>RAABTA</ReceiverSystemID><DisclosureTierCode>{tier.value}</DisclosureTierCode>"
        f"<IncidentDisseminationLevelCode>{_LEVELS[tier.value]}</IncidentDisseminationLevelCode></Header>"
    )


def _registration(parts: list[str], incident: Incident) -> None:
    number = demanded(incident.number, "incident.number")
    route = demanded(incident.registered_under, "incident.registered_under")
    serial, _, year = fold_digits(number).partition("/")
    full = year if len(year) == 4 else f"20{year}"
    parts.append(
        f"<Registration><FIRNumber>{number}</FIRNumber><FIRSerialNumber>{int(serial)}</FIRSerialNumber>"
        f"<FIRYear>{full}</FIRYear><RegisteredUnderCode>{route.value}</RegisteredUnderCode>"
    )
    _station(parts, demanded(incident.station, "incident.station"))
    parts.append("</Registration>")


def _station(parts: list[str], station: Station) -> None:
    name = shown(demanded(station.name, "incident.station.name"))
    language = f' lang="{station.name_language.value}"' if station.name_language is not None else ""
    province = demanded(station.province, "incident.station.province").value
    code = demanded(station.code, "incident.station.code")
    district = shown(demanded(station.district, "incident.station.district"))
    parts.append(
        f"<EnforcementUnit><EnforcementUnitName{language}>{name}</EnforcementUnitName>"
        f"<EnforcementUnitID>{province}:{code}</EnforcementUnitID><DistrictName>{district}</DistrictName>"
        f"<ProvinceCode>{province}</ProvinceCode>"
    )
    if station.beat is not None:
        parts.append(f"<EnforcementUnitBeatID>{shown(station.beat)}</EnforcementUnitBeatID>")
    parts.append("</EnforcementUnit>")


def _incident(parts: list[str], incident: Incident) -> None:
    parts.append("<Incident>")
    if (occurred := incident.occurred) is not None:
        precision = demanded(occurred.precision, "incident.occurred.precision")
        start = f' start="{in_karachi(occurred.start)}"' if occurred.start is not None else ""
        end = f' end="{in_karachi(occurred.end)}"' if occurred.end is not None else ""
        parts.append(f'<ActivityDate{start}{end} precision="{precision.value}"/>')
    reported = in_karachi(demanded(incident.reported_at, "incident.reported_at"))
    parts.append(f"<ActivityReportedDateTime>{reported}</ActivityReportedDateTime>")
    if incident.dispatched_at is not None:
        parts.append(f"<DispatchDateTime>{in_karachi(incident.dispatched_at)}</DispatchDateTime>")
    if incident.information_mode is not None:
        parts.append(f"<InformationModeCode>{incident.information_mode.value}</InformationModeCode>")
    if incident.place is not None:
        address = shown(demanded(incident.place.address, "incident.place.address"))
        parts.append(f"<ActivityLocation><AddressFullText>{address}</AddressFullText></ActivityLocation>")
    if incident.steps_taken is not None:
        parts.append(f"<StepsTakenText>{shown(incident.steps_taken)}</StepsTakenText>")
    parts.append("<IncidentMinorInvolvedIndicator>true</IncidentMinorInvolvedIndicator></Incident>")


def _offence(parts: list[str], offence: Offence) -> None:
    act = demanded(offence.act, "incident.offences.act")
    section = demanded(offence.section, "incident.offences.section")
    clause = f' clause="{offence.clause}"' if offence.clause is not None else ""
    named = [code.value for code in offence.categories] or categories(act, section, offence.clause or "")
    inside = "".join(f"<CPCategoryCode>{code}</CPCategoryCode>" for code in named)
    parts.append(f'<Offense act="{quoted(act)}" section="{section}"{clause}>{inside}</Offense>')


def _people(parts: list[str], referral: Referral) -> None:
    """Write the child first, then the others, each with an id by position, and what ties them to the child."""
    child = referral.child
    roles = [coded(_CHILD_ROLE_WRITTEN, role, "child.roles") for role in child.roles]
    if not {"VICTIM", "MISSING_CHILD"} & set(roles):
        raise Untranslatable("CANNOT_HOLD", "child.roles")
    address = child.location.address if child.location is not None else None
    _person(parts, 1, roles, child, address)
    ties = []
    for number, person in enumerate((p for p in referral.persons if p.roles), 2):
        roles = [coded(_ROLE_WRITTEN, role, "persons.roles") for role in person.roles]
        _person(parts, number, roles, person, person.address)
        if person.relation is not None:
            code = coded(_RELATION_WRITTEN, person.relation, "persons.relation")
            ties.append(f'<Association from="p{number}" to="p1" code="{code}"/>')
    parts += ties


def _person(parts: list[str], number: int, roles: list[str], person: Child | Person, address: str | None) -> None:
    parts.append(f'<Person id="p{number}">')
    parts += [f"<RoleCode>{role}</RoleCode>" for role in roles]
    if person.name_ur is not None or person.name is not None:
        full = join_scripts(person.name_ur, person.name)
        script = "Arab" if is_arabic(full) else "Latn"
        parts.append(f'<PersonFullName script="{script}">{shown(full)}</PersonFullName>')
    found = next((i for i in person.identifiers if i.scheme in _NUMBER_WRITTEN), None)
    if found is not None:
        kind = _NUMBER_WRITTEN[found.scheme]
        parts.append(f'<PersonNationalID type="{kind}">{dashed(found.value)}</PersonNationalID>')
    if person.birth_date is not None and len(person.birth_date) == 10:
        parts.append(f"<PersonBirthDate>{person.birth_date}</PersonBirthDate>")
    if person.sex is not None:
        parts.append(f"<PersonSexText>{coded(_SEX_WRITTEN, person.sex, 'persons.sex')}</PersonSexText>")
    if address is not None:
        parts.append(f"<ResidenceAddress>{shown(address)}</ResidenceAddress>")
    if person.phone is not None:
        parts.append(f"<TelephoneNumber>{shown(person.phone)}</TelephoneNumber>")
    parts.append("</Person>")


def _official(parts: list[str], official: Official) -> None:
    role = demanded(official.role, "incident.officials.role")
    leaves = (("name", official.name), ("rank", official.rank), ("belt", official.belt), ("phone", official.phone))
    said = "".join(f' {name}="{quoted(value)}"' for name, value in leaves if value is not None)
    parts.append(f'<Official role="{role.value}"{said}/>')


def _protection(parts: list[str], referral: Referral) -> None:
    urgency = coded(_URGENCY_WRITTEN, demanded(referral.priority, "priority"), "priority")
    concern = demanded(referral.concern, "concern")
    accused = demanded(concern.caregiver_is_accused, "concern.caregiver_is_accused")
    place = demanded(referral.child.whereabouts, "child.whereabouts")
    parts.append(
        f"<ChildProtection><UrgencyCode>{urgency}</UrgencyCode>"
        f"<CaregiverIsAccusedIndicator>{'true' if accused else 'false'}</CaregiverIsAccusedIndicator>"
        f"<CurrentWhereaboutsCode>{place.value}</CurrentWhereaboutsCode></ChildProtection>"
    )
