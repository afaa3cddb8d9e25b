"""Six invented agencies, and the manifests the gateway of the tests knows them by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.api.scopes import OPERATORS_OWN, SCOPES

POLICE, HEALTH, SCHOOL = "police-pb-psrms", "health-lhr-dhq", "school-pb-sis"
WELFARE, NADRA, STRANGER = "welfare-pb-cpb", "nadra-crms", "welfare-sd-cpa"
AGENCY_SCOPES = [scope for scope in SCOPES if scope not in OPERATORS_OWN]
"""What `raabta check` lets an agency's file grant."""
SECRET = "an-invented-secret-of-a-namuna-agency"
EVERY = ",".join(
    f'"{label}"'
    for label in (
        "administrative", "identity", "family", "contact", "location", "needs", "concern", "incident", "clinical",
        "education", "registration", "consent", "narrative", "displacement",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """What the configuration says of one agency."""

    kind: str
    adapter: str
    format: str
    purpose: str
    labels: str = EVERY
    replies: bool = False
    statute: bool = True
    until: str = "2099-12-31"
    extra: str = ""


AGENCIES = {
    POLICE: Profile("POLICE", "police", "police_fir", "INVESTIGATE", replies=True),
    HEALTH: Profile("HEALTH", "health", "health_fhir", "TREAT", replies=True),
    SCHOOL: Profile(
        "EDUCATION", "school", "school_sis", "ENROL",
        '"administrative","identity","family","contact","location","needs","education","consent"',
    ),
    WELFARE: Profile("SOCIAL_WELFARE", "welfare", "raabta", "CASE_MANAGE", replies=True),
    NADRA: Profile(
        "CIVIL_REG", "nadra", "nadra_crms", "REGISTER_BIRTH", '"administrative","identity","family","location",'
        '"registration","consent"', extra="""
[options]
franchise_id = "9901"
username = "namuna"
password = "file:secret"
body_style = "legacy"
operations = { lookup = "GetBirthRegistration", notification = "SubmitBirthNotification" }
""",
    ),
    STRANGER: Profile("SOCIAL_WELFARE", "welfare", "raabta", "CASE_MANAGE", statute=False),
}  # fmt: skip


def manifest(name: str, profile: Profile, client: str = "", scopes: Iterable[str] = SCOPES) -> str:
    """Return the manifest of an agency nobody listens for."""
    takes = f'accepts_replies = true\nreply_format = "{profile.format}"' if profile.replies else ""
    statute = 'basis = "STATUTE"\nstatute_id = "PB-PDNCA-2004"' if profile.statute else ""
    return f"""id = "{name}"
kind = "{profile.kind}"
name = "Namuna {profile.kind.lower()}"
adapter = "{profile.adapter}"
format = "{profile.format}"
base_url = "https://{name}.example.pk"
{takes}

[auth]
token_url = "https://{name}.example.pk/oauth/token"
method = "client_secret_basic"
client_id = "raabta"
secret = "file:secret"

[client]
client_id = "{name}"
method = "client_secret_basic"
secret = "file:secret"
scopes = [{", ".join(f'"{scope}"' for scope in scopes)}]
{client}
{profile.extra}
[[agreement]]
id = "dsa-{name}"
purpose = "{profile.purpose}"
labels = [{profile.labels}]
legal_basis = "Invented agreement of the tests"
owner = "Tests"
valid_from = 2020-01-01
valid_until = {profile.until}
client_secret = true
{statute}
"""
