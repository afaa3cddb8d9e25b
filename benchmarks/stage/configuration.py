"""A gateway's configuration for a benchmark: one sender, and agencies that the cheap peer plays."""

from __future__ import annotations

from pathlib import Path

SENDER, WELFARE, POLICE, SCHOOL = "welfare-kp-cpu", "welfare-pb-cpb", "police-pb-psrms", "school-pb-sis"
SECRET = "an-invented-secret-of-a-benchmark"  # noqa: S105 - invented
_LABELS = (
    '["administrative", "identity", "family", "contact", "location", "needs", "concern", "incident", "education", '
    '"registration", "consent"]'
)
_AGENCIES = {
    SENDER: ("SOCIAL_WELFARE", "welfare", "raabta", "CASE_MANAGE"),
    WELFARE: ("SOCIAL_WELFARE", "welfare", "raabta", "CASE_MANAGE"),
    POLICE: ("POLICE", "police", "police_psrms", "INVESTIGATE"),
    SCHOOL: ("EDUCATION", "school", "school_sis", "ENROL"),
}
_FOCAL = '{ agency = "welfare-pb-cpb", role = "CHILD_PROTECTION_OFFICER", phone = "1121" }'


def furnish(folder: Path, port: int, peer: int, *, more: str = "") -> Path:
    """Write a whole configuration into a folder and return its ``raabta.toml``; `more` is added to it."""
    agencies = folder / "agencies"
    agencies.mkdir(parents=True, exist_ok=True)
    (agencies / "secret").write_text(SECRET, "utf-8")
    (agencies / "secret").chmod(0o600)
    for name in _AGENCIES:
        (agencies / f"{name}.toml").write_text(_manifest(name, peer), "utf-8")
    config = folder / "raabta.toml"
    config.write_text(
        f"""[gateway]
base_url = "http://127.0.0.1:{port}"
environment = "sandbox"
database = "raabta.sqlite"
agencies = "agencies"
keys = "keys"
port = {port}

[limits]
rate = 1000000.0
burst = 1000000

[give.{SCHOOL}]
focal_point = {_FOCAL}
requested = {{ enrolment = "KEEP_PLACE", target = {{ school_scheme = "pk-punjab-emis", school_code = "39999002" }} }}

[give.{POLICE}]
focal_point = {_FOCAL}
consent = {{ basis = "MANDATORY_REPORT", statute_id = "PB-PDNCA-2004" }}
{more}""",
        "utf-8",
    )
    return config


def _manifest(name: str, peer: int) -> str:
    kind, adapter, format_id, purpose = _AGENCIES[name]
    return f"""id = "{name}"
kind = "{kind}"
name = "Namuna {kind.lower()}"
adapter = "{adapter}"
format = "{format_id}"
base_url = "http://127.0.0.1:{peer}"
allow_private = true

[auth]
token_url = "http://127.0.0.1:{peer}/oauth/token"
method = "client_secret_basic"
client_id = "raabta"
secret = "file:secret"

[client]
client_id = "{name}"
method = "client_secret_basic"
secret = "file:secret"
scopes = ["referral.write", "referral.read"]

[[agreement]]
id = "dsa-{name}"
purpose = "{purpose}"
labels = {_LABELS}
legal_basis = "Invented agreement of the benchmarks"
owner = "Benchmarks"
valid_from = 2020-01-01
valid_until = 2099-12-31
client_secret = true
basis = "STATUTE"
statute_id = "PB-PDNCA-2004"
"""
