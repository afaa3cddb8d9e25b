"""Write the configuration of a gateway for a fresh sandbox: ``raabta.toml`` and one file in ``agencies/`` for each."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Profile:
    """What the demonstration says of one simulated agency."""

    kind: str
    name: str
    format: str
    purpose: str
    labels: tuple[str, ...]
    reply_format: str | None
    scopes: tuple[str, ...]
    statute: str | None = None


_ALL = ("administrative", "identity", "family", "location", "consent")
_WRITE = ("referral.write", "referral.read", "reply.write", "trace.read", "translate")

CONSOLE = "raabta-console"
"""Who the gateway is at the OpenID provider."""

PROFILES = {
    "nadra": Profile(
        "CIVIL_REG", "Civil registry (simulated)", "nadra_crms", "REGISTER_BIRTH", (*_ALL, "registration"), None,
        ("referral.read", "reply.write", "trace.read"), "PB-RBD-RULES-2021",
    ),
    "police": Profile(
        "POLICE", "Namuna police records (simulated)", "police_psrms", "INVESTIGATE",
        (*_ALL, "concern", "incident", "needs", "contact"), "police_fir", _WRITE, "PB-PDNCA-2004",
    ),
    "health": Profile(
        "HEALTH", "Namuna DHQ Hospital (simulated)", "health_fhir", "TREAT",
        (*_ALL, "contact", "needs", "concern", "clinical", "displacement"), "health_fhir", _WRITE, "PB-PDNCA-2004",
    ),
    "school": Profile(
        "EDUCATION", "Namuna school information system (simulated)", "school_sis", "ENROL",
        (*_ALL, "contact", "needs", "education"), None, ("referral.read", "reply.write", "trace.read"), "PB-PDNCA-2004",
    ),
    "welfare": Profile(
        "SOCIAL_WELFARE", "Namuna Child Protection Bureau (simulated)", "raabta", "CASE_MANAGE",
        (*_ALL, "contact", "needs", "concern", "incident", "education", "registration", "narrative", "displacement"),
        "raabta", _WRITE, "PB-PDNCA-2004",
    ),
}  # fmt: skip
"""By the simulator's name. Labels are what the simulated agreements grant; a school is never granted a concern."""

_ROUTES = """
# A first information report about a child reaches the hospital, the child's school and the child protection bureau.
[[route]]
id = "fir-to-care"
when = {{ sender_kind = "POLICE" }}
to = [
  {{ agency = "{health}", purpose = "TREAT", service = "HEALTH_CARE", give = {common} }},
  {{ agency = "{school}", purpose = "ENROL", service = "EDUCATION", give = {school_give} }},
  {{ agency = "{welfare}", purpose = "CASE_MANAGE", service = "CASE_MANAGEMENT", give = {common} }},
]

# What a hospital suspects is told to the police as well as to the bureau it names itself.
[[route]]
id = "hospital-to-police"
when = {{ sender_kind = "HEALTH", concern = ["PHYSICAL_ABUSE", "SEXUAL_VIOLENCE", "NEGLECT", "TRAFFICKING_ABDUCTION"] }}
to = [ {{ agency = "{police}", purpose = "INVESTIGATE", service = "POLICE", give = {common} }} ]

# Who wants a child registered, or looked up in the register, asks the civil registry.
[[route]]
id = "to-the-register"
when = {{ service = "CIVIL_REGISTRATION" }}
to = [ {{ agency = "{nadra}", purpose = "REGISTER_BIRTH", service = "CIVIL_REGISTRATION", give = {common} }} ]
"""

LAPSED = "school-lapsed"
"""An agency whose agreement has ended."""
_FOCAL = '{ agency = "welfare-pb-cpb", role = "CHILD_PROTECTION_OFFICER", phone = "1121" }'
_COMMON = "{ focal_point = " + _FOCAL + ', consent = { basis = "MANDATORY_REPORT", statute_id = "PB-PDNCA-2004" } }'
_SCHOOL = (
    "{ focal_point = " + _FOCAL + ', consent = { basis = "MANDATORY_REPORT", statute_id = "PB-PDNCA-2004", '
    'expires_on = "2027-12-31" }, requested = { enrolment = "KEEP_PLACE", '
    'target = { school_scheme = "pk-punjab-emis", school_code = "39999002" } } }'
)


def configure(sandbox: Path, folder: Path, port: int, provider: str | None = None, *, time_scale: float = 0.02) -> Path:
    """Write the gateway's side of a sandbox and return the path of its ``raabta.toml``.

    Args:
        sandbox: folder that ``raabta-conformance agencies --init`` has filled.
        folder: where to write.
        port: the gateway's port on loopback.
        provider: the OpenID provider at which people log in to the consoles; without one these are closed.
        time_scale: how much faster than life retries come, so that a demonstration shows them.
    """
    told = tomllib.loads((sandbox / "gateway.toml").read_text("utf-8"))
    agencies = folder / "agencies"
    agencies.mkdir(parents=True, exist_ok=True)
    ids = {}
    for name, profile in PROFILES.items():
        ids[name] = told[name]["agency_id"]
        text = _manifest(name, profile, told, sandbox.resolve())
        (agencies / f"{ids[name]}.toml").write_text(text, "utf-8")
    (agencies / f"{LAPSED}.toml").write_text(_lapsed(told, sandbox.resolve()), "utf-8")
    config = folder / "raabta.toml"
    settings = _settings(port, time_scale) + _issuer(told["issuer"], ids["welfare"])
    settings += _console(provider) if provider else ""
    config.write_text(settings + _ROUTES.format(**ids, common=_COMMON, school_give=_SCHOOL), "utf-8")
    return config


def _issuer(told: dict[str, str], agency: str) -> str:
    """Trust the sandbox's own issuer, for one agency: a conformance run tries what must not get in."""
    return f"""
[[trusted_issuer]]
issuer = {_quoted(told["url"])}
jwks_url = {_quoted(told["jwks_url"])}
allow_private = true
clients = {{ {told["client_id"]} = {_quoted(agency)} }}
"""


def _lapsed(told: dict[str, Any], home: Path) -> str:
    """Describe an agency like the school, whose agreement has ended: nothing may ever reach it."""
    text = _manifest("school", PROFILES["school"], told, home)
    client = text.index("[client]")
    text = text[:client] + text[text.index("[[agreement]]") :]
    for old, new in (
        (_quoted(told["school"]["agency_id"]), _quoted(LAPSED)),
        (_quoted(PROFILES["school"].name), _quoted("School whose agreement has ended (simulated)")),
        ("dsa-demo-school", "dsa-demo-lapsed"),
        ("2027-12-31", "2026-01-31"),
        ("client_secret = true\n", ""),
    ):
        text = text.replace(old, new)
    return text


def _settings(port: int, time_scale: float) -> str:
    return f"""# Written for a demonstration: simulated agencies on loopback.
[gateway]
base_url = "http://127.0.0.1:{port}"
environment = "sandbox"
database = "raabta.sqlite"
agencies = "agencies"
keys = "keys"
port = {port}

[delivery]
poll = 0.2
time_scale = {time_scale}
"""


def _console(provider: str) -> str:
    return f"""
[console]
issuer = "{provider}"
client_id = "{CONSOLE}"
auditors = ["auditor"]
operators = ["operator"]
administrators = ["administrator"]
allow_private = true  # the provider is on loopback
"""


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _manifest(name: str, profile: Profile, told: dict[str, Any], home: Path) -> str:
    agency, there, client = told[name], told[name]["outbound"], told[name]["client"]
    lines = [
        f"id = {_quoted(agency['agency_id'])}",
        f"kind = {_quoted(profile.kind)}",
        f"name = {_quoted(profile.name)}",
        f"adapter = {_quoted(name)}",
        f"format = {_quoted(profile.format)}",
        f"base_url = {_quoted(agency['url'])}",
        "allow_private = true  # the simulators are on loopback",
        f"accepts_replies = {_quoted(profile.reply_format is not None)}",
    ]
    if profile.reply_format:
        lines.append(f"reply_format = {_quoted(profile.reply_format)}")
    lines += ["", "[auth]", f"token_url = {_quoted(agency['token_url'])}", *_credential(there, home, "key_file")]
    lines += ["", "[client]", f"scopes = {_quoted(list(profile.scopes))}", *_credential(client, home, "jwks_file")]
    if name == "nadra":
        lines += _registry_options(told, home)
    lines += [
        "",
        "[[agreement]]",
        f'id = "dsa-demo-{name}"',
        f"purpose = {_quoted(profile.purpose)}",
        f"labels = {_quoted(list(profile.labels))}",
        'legal_basis = "Invented agreement of the demonstration"',
        'owner = "Demonstration"',
        "valid_from = 2026-01-01",
        "valid_until = 2027-12-31",
    ]
    if client["method"] == "client_secret_basic":
        lines.append("client_secret = true")
    if profile.statute:
        lines += ['basis = "STATUTE"', f"statute_id = {_quoted(profile.statute)}"]
    return "\n".join(lines) + "\n"


def _credential(values: dict[str, str], home: Path, key: str) -> list[str]:
    lines = [f"client_id = {_quoted(values['client_id'])}", f"method = {_quoted(values['method'])}"]
    if "secret_file" in values:
        lines.append(f"secret = {_quoted('file:' + str(home / values['secret_file']))}")
    else:
        lines.append(f"{key} = {_quoted(str(home / values[key]))}")
        lines += [f"{name} = {_quoted(values[name])}" for name in ("kid", "alg") if name in values]
    return lines


def _registry_options(told: dict[str, Any], home: Path) -> list[str]:
    user = told["nadra"]["user"]
    return [
        "",
        "[options]",
        'franchise_id = "9901"',
        f"username = {_quoted(user['username'])}",
        f"password = {_quoted('file:' + str(home / user['password_file']))}",
        'body_style = "legacy"',
        "[options.operations]",
        'lookup = "GetBirthRegistration"',
        'search = "SearchBirthRegistration"',
        'verification = "VerifyChildRegistration"',
        'notification = "SubmitBirthNotification"',
    ]
