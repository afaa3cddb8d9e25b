"""Makes a sandbox from nothing: fresh keys and secrets for both sides, and the TOML that names them.

    DIR/sandbox.toml                     what the simulated agencies read
    DIR/gateway.toml                     the other side: what the gateway needs to know of each agency
    DIR/keys/gateway-police.pem          the gateway's key at that agency     (+ .jwks.json, public)
    DIR/keys/police-client.pem           the agency's own key at the gateway  (+ .jwks.json, public)
    DIR/secrets/gateway-nadra            the gateway's secret at that agency
    DIR/secrets/nadra-client             the agency's own secret at the gateway
    DIR/secrets/nadra-user               password of USER_VERIFICATION inside civil registry requests
    DIR/keys/issuer.pem                  key of an issuer of access tokens, for a gateway that is told to trust it

Every file is readable by its owner only (mode 0600).
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import ECKey, KeySet

from conformance.sandbox.seeded import USUAL
from conformance.sandbox.settings import ASSERTION, BASIC

GATEWAY_CLIENT = "raabta"
NADRA_USER = "gateway_test"
CURVES = {"ES256": "P-256", "ES384": "P-384"}
FIRST_PORT = 9101
ISSUER = "https://issuer.conformance.example"
ISSUED_FOR = "conformance-welfare"
"""The client in the tokens of the sandbox's issuer; a gateway is told that it stands for the bureau."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who an agency is at the gateway, and how both sides of the pair log in. `alg` "" means a secret."""

    agency_id: str
    client_id: str
    alg: str = ""

    @property
    def method(self) -> str:
        """The client authentication method of this pair (OpenID Connect Core section 9)."""
        return ASSERTION if self.alg else BASIC


IDENTITIES = {
    "nadra": Identity("nadra-crms", "crms-pk-01"),
    "police": Identity("police-pb-psrms", "fir-pb-01", "ES256"),
    "health": Identity("health-lhr-dhq", "his-lhr-01", "ES384"),
    "school": Identity("school-pb-sis", "sis-pb-01"),
    "welfare": Identity("welfare-pb-cpb", "cms-pb-01", "ES256"),
}


def initialise(directory: Path, gateway: str, ports: dict[str, int] | None = None, seed: int = USUAL) -> Path:
    """Write a fresh sandbox into a directory and give the path of its `sandbox.toml`.

    `gateway` is the gateway's base URL; `ports` gives each agency its port, from 9101 on by default; `seed` makes the
    children and schools.
    Raises `FileExistsError` rather than replace keys that somebody may rely on.
    """
    config = directory / "sandbox.toml"
    if config.exists():
        raise FileExistsError("the directory already holds a sandbox")
    for folder in ("keys", "secrets"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    chosen = ports or {name: FIRST_PORT + place for place, name in enumerate(IDENTITIES)}
    ours, theirs = [f"gateway = {_quoted(gateway)}"], [f"gateway = {_quoted(gateway)}"]
    for name, identity in IDENTITIES.items():
        inbound = _credential(directory, f"gateway-{name}", identity)
        outbound = _credential(directory, f"{name}-client", identity)
        ours += _agency_tables(name, identity, chosen[name], inbound, outbound)
        theirs += _gateway_tables(name, identity, chosen[name], inbound, outbound)
    told = _issuer(directory, chosen["welfare"])
    ours[1:1] = ['issuer_jwks_file = "keys/issuer.jwks.json"', f"seed = {seed}"]
    theirs += _table("issuer", told)
    _write(directory / "secrets" / "nadra-user", secrets.token_urlsafe(18))
    user = {"username": NADRA_USER, "password_file": "secrets/nadra-user"}
    _write(directory / "gateway.toml", "\n".join([*theirs, *_table("nadra.user", user)]) + "\n")
    _write(config, "\n".join([*ours, *_table("nadra.user", user)]) + "\n")
    return config


def _credential(directory: Path, name: str, identity: Identity) -> dict[str, str]:
    """Make one credential; gives the settings that name it, for the side that holds the private part."""
    if not identity.alg:
        _write(directory / "secrets" / name, secrets.token_urlsafe(32))
        return {"secret_file": f"secrets/{name}"}
    key = ECKey.generate_key(CURVES[identity.alg], {"use": "sig", "alg": identity.alg}, auto_kid=True)
    _write(directory / "keys" / f"{name}.pem", key.as_pem(private=True).decode())
    public = KeySet([key]).as_dict(private=False)
    _write(directory / "keys" / f"{name}.jwks.json", json.dumps(public, indent=2) + "\n")
    return {"key_file": f"keys/{name}.pem", "alg": identity.alg, "kid": key.thumbprint()}


def _issuer(directory: Path, port: int) -> dict[str, str]:
    """Make the issuer with which a conformance run proves what a gateway thinks of tokens; gives its settings."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    _write(directory / "keys" / "issuer.pem", key.as_pem(private=True).decode())
    _write(directory / "keys" / "issuer.jwks.json", json.dumps(KeySet([key]).as_dict(private=False), indent=2) + "\n")
    return {
        "url": ISSUER,
        "jwks_url": f"http://127.0.0.1:{port}/_sandbox/issuer/jwks",
        "key_file": "keys/issuer.pem",
        "kid": key.thumbprint(),
        "client_id": ISSUED_FOR,
        "agency": "welfare",
    }


def _agency_tables(
    name: str, identity: Identity, port: int, inbound: dict[str, str], outbound: dict[str, str]
) -> list[str]:
    caller = {"client_id": GATEWAY_CLIENT, "method": identity.method, **_public(inbound)}
    login = {"client_id": identity.client_id, "agency_id": identity.agency_id, "method": identity.method}
    return [
        *_table(name, {"port": port}),
        *_table(f"{name}.inbound", caller),
        *_table(f"{name}.outbound", {**login, **outbound}),
    ]


def _gateway_tables(
    name: str, identity: Identity, port: int, inbound: dict[str, str], outbound: dict[str, str]
) -> list[str]:
    url = f"http://127.0.0.1:{port}"
    at_agency = {"client_id": GATEWAY_CLIENT, "method": identity.method, **inbound}
    client = {"client_id": identity.client_id, "method": identity.method, **_public(outbound)}
    return [
        *_table(name, {"agency_id": identity.agency_id, "url": url, "token_url": f"{url}/oauth/token"}),
        *_table(f"{name}.outbound", at_agency),
        *_table(f"{name}.client", client),
        *_table(f"{name}.sends", {"url": f"{url}/_sandbox/send"}),
    ]


def _public(credential: dict[str, str]) -> dict[str, str]:
    """Give what the other side needs: the public key set, or the same secret."""
    if "key_file" in credential:
        return {"jwks_file": credential["key_file"].replace(".pem", ".jwks.json")}
    return credential


def _table(name: str, values: dict[str, str] | dict[str, int]) -> list[str]:
    lines = [f"{key} = {_quoted(value) if isinstance(value, str) else value}" for key, value in values.items()]
    return ["", f"[{name}]", *lines]


def _quoted(text: str) -> str:
    """Write a TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(text)


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(text, encoding="utf-8")
