"""The registry over the running gateway: agencies listed, suspended, given other keys; every change is an entry."""

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gateway.cli import program
from gateway.operators import CLIENT_ID, SCOPES, SECRET_FILE
from gateway.settings import read_settings
from tests.api.forgery import (
    ASSERTION_TYPE,
    assertion,
    hang_locks,
    key,
    merged,
    public,
    signed,
    token,
)
from tests.gateway.house import House, running
from tests.gateway.manifests import AGENCIES, HEALTH, POLICE, SCHOOL, SECRET, STRANGER, WELFARE, manifest

OUTSIDE = "https://idp.example.pk"


def furnish_more(config: Path) -> None:
    """Hang the locks, trust an outside issuer, and give one agency a secret of its own."""
    hang_locks(config)
    agencies = config.parent / "agencies"
    (agencies / "own-secret").write_text(SECRET, "utf-8")
    text = manifest(SCHOOL, AGENCIES[SCHOOL])
    head, mark, rest = text.partition("[client]")
    (agencies / f"{SCHOOL}.toml").write_text(head + mark + rest.replace("file:secret", "file:own-secret", 1), "utf-8")
    (config.parent / "outside.json").write_text(json.dumps({"keys": [public(key("ES256", "outside"))]}), "utf-8")
    trusted = f"""
[[trusted_issuer]]
issuer = "{OUTSIDE}"
jwks_file = "outside.json"
audience = "urn:raabta"
claim = "azp"
clients = {{ "their-name-for-it" = "{WELFARE}" }}
"""
    config.write_text(config.read_text("utf-8") + trusted, "utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(tmp_path_factory.mktemp("registry") / "gateway", amend=furnish_more) as lent:
        yield lent


@pytest.fixture(scope="module")
def operator(house: House) -> httpx.Client:
    secret = (house.folder / "keys" / SECRET_FILE).read_text("utf-8")
    form = {"grant_type": "client_credentials", "scope": SCOPES}
    given = house.http.post("/oauth/token", data=form, auth=(CLIENT_ID, secret)).json()["access_token"]
    return httpx.Client(base_url=house.url, headers={"Authorization": f"Bearer {given}"}, trust_env=False, timeout=30)


def kinds(house: House) -> list[str]:
    house.gateway.room.store.committer.run(lambda _: None)
    return [kind for kind, _ in house.entries()]


def cli(house: House, *words: str) -> str:
    result = CliRunner().invoke(program(), [*words, "--config", str(house.folder / "raabta.toml")])
    assert result.exit_code == 0, result.output
    return result.output


def test_every_agency_found_at_the_first_start_is_entered(house: House) -> None:
    assert kinds(house).count("agency.added") == len(AGENCIES)


def test_the_list_shows_agreements_and_no_secret(house: House) -> None:
    output = cli(house, "agency", "list", "--json")

    shown = {each["id"]: each for each in json.loads(output)["items"]}
    agreement = shown[WELFARE]["agreements"][0]
    assert shown.keys() == AGENCIES.keys()
    assert (agreement["purpose"], agreement["in_force"], agreement["owner"]) == ("CASE_MANAGE", True, "Tests")
    assert agreement["legal_basis"]
    assert agreement["valid_until"] == "2099-12-31"
    assert shown[HEALTH]["login"]["method"] == "private_key_jwt"
    assert SECRET not in output + cli(house, "agency", "list")


def test_an_agency_that_is_not_the_operator_gets_nowhere(house: House) -> None:
    for path in ("suspension", "resume", "keys", "secret"):
        assert house.call(WELFARE, "POST", f"/v1/agencies/{SCHOOL}/{path}", json={}).status_code == 403
    assert house.call(WELFARE, "GET", "/v1/agencies").status_code == 403
    assert house.call(WELFARE, "POST", "/v1/keys/rotation").status_code == 403


def test_a_suspended_agency_neither_calls_nor_gets_tokens_until_resumed(house: House) -> None:
    held = {"Authorization": f"Bearer {house.token(STRANGER, 'referral.read')}"}
    assert house.http.get("/v1/referrals", headers=held).status_code == 200

    cli(house, "agency", "suspend", STRANGER, "--reason", "INCIDENT")
    assert house.http.get("/v1/referrals", headers=held).status_code == 401
    form = {"grant_type": "client_credentials", "scope": "referral.read"}
    answer = house.http.post("/oauth/token", data=form, auth=(STRANGER, SECRET))
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    told = {each["id"]: each for each in json.loads(cli(house, "agency", "list", "--json"))["items"]}[STRANGER]
    assert (told["suspended"], told["paused"]) == (True, "SUSPENDED")

    cli(house, "agency", "resume", STRANGER)
    assert house.http.get("/v1/referrals", headers=held).status_code == 200
    assert house.http.post("/oauth/token", data=form, auth=(STRANGER, SECRET)).status_code == 200
    assert {"agency.suspended", "agency.resumed"} <= set(kinds(house))


@pytest.mark.parametrize(("name", "status"), [("nobody", 404), (STRANGER, 422)])
def test_what_is_not_there_or_not_suspended_is_not_resumed(
    house: House, operator: httpx.Client, name: str, status: int
) -> None:
    assert operator.post(f"/v1/agencies/{name}/resume", json={}).status_code == status


def ask(house: House, text: str) -> int:
    form = {
        "grant_type": "client_credentials", "scope": "referral.read", "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": text,
    }  # fmt: skip
    return house.http.post("/oauth/token", data=form).status_code


def test_replaced_keys_count_at_once_and_the_old_ones_no_more(house: House, tmp_path: Path) -> None:
    assert ask(house, assertion(house, "ES384")) == 200
    old = (house.folder / "agencies" / "keys.json").read_bytes()
    fresh = tmp_path / "fresh.json"
    fresh.write_text(json.dumps({"keys": [public(key("ES256"), kid="ES256-own")]}), "utf-8")

    cli(house, "agency", "rotate-key", HEALTH, "--jwks", str(fresh))

    assert ask(house, assertion(house, "ES384")) == 401
    assert ask(house, assertion(house, "ES256")) == 200
    assert "agency.keys-replaced" in kinds(house)
    fresh.write_bytes(old)
    cli(house, "agency", "rotate-key", HEALTH, "--jwks", str(fresh))
    assert ask(house, assertion(house, "ES384")) == 200


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        (HEALTH, b"{}", 422),
        (HEALTH, b"{", 422),
        (WELFARE, b"{}", 422),
        ("nobody", b"{}", 404),
        (HEALTH, b"x" * 70000, 413),
    ],
)
def test_what_is_no_key_set_or_has_no_place_is_refused(
    house: House, operator: httpx.Client, name: str, body: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/jwk-set+json"}
    assert operator.post(f"/v1/agencies/{name}/keys", content=body, headers=headers).status_code == status
    assert ask(house, assertion(house)) == 200


def test_a_new_secret_is_told_once_and_kept_as_a_hash(house: House) -> None:
    form = {"grant_type": "client_credentials", "scope": "referral.read"}
    assert house.http.post("/oauth/token", data=form, auth=(SCHOOL, SECRET)).status_code == 200

    secret = cli(house, "agency", "rotate-key", SCHOOL, "--secret").strip()

    assert house.http.post("/oauth/token", data=form, auth=(SCHOOL, SECRET)).status_code == 401
    assert house.http.post("/oauth/token", data=form, auth=(SCHOOL, secret)).status_code == 200
    kept = (house.folder / "agencies" / "own-secret").read_text("utf-8")
    assert kept.startswith("scrypt$")
    assert secret not in kept


def test_a_secret_that_something_else_uses_is_not_replaced(house: House, operator: httpx.Client) -> None:
    answer = operator.post(f"/v1/agencies/{WELFARE}/secret", json={})

    assert (answer.status_code, answer.json()["code"]) == (422, "NO_SECRET_FILE")


def test_a_new_signing_key_is_published_before_it_signs_and_the_old_tokens_hold(house: House) -> None:
    held = {"Authorization": f"Bearer {house.token(WELFARE, 'referral.read')}"}
    before = {each["kid"] for each in house.http.get("/oauth/jwks").json()["keys"]}

    made = json.loads(cli(house, "keys", "rotate", "--json"))

    after = {each["kid"] for each in house.http.get("/oauth/jwks").json()["keys"]}
    assert after == before | {made["kid"]}
    assert house.http.get("/v1/referrals", headers=held).status_code == 200
    assert house.gateway.keys.signing_key(time.time()).kid in before
    assert "key.rotated" in kinds(house)
    again = CliRunner().invoke(program(), ["keys", "rotate", "--config", str(house.folder / "raabta.toml")])
    assert again.exit_code == 1


def test_an_agency_is_added_by_its_file_or_told_what_is_wrong(house: House, tmp_path: Path) -> None:
    config = tmp_path / "raabta.toml"
    config.write_text('[gateway]\nagencies = "agencies"\n', "utf-8")
    good = tmp_path / "one.toml"
    good.write_text(manifest(WELFARE, AGENCIES[WELFARE]), "utf-8")
    (tmp_path / "agencies").mkdir()
    (tmp_path / "agencies" / "secret").write_text(SECRET, "utf-8")

    added = CliRunner().invoke(program(), ["agency", "add", str(good), "--config", str(config)])
    good.rename(tmp_path / "two.toml")
    twice = CliRunner().invoke(program(), ["agency", "add", str(tmp_path / "two.toml"), "--config", str(config)])

    assert added.exit_code == 0, added.output
    assert twice.exit_code == 1
    assert "agencies/two.toml:1: Another agency has this id." in twice.output
    assert sorted(path.name for path in (tmp_path / "agencies").glob("*.toml")) == ["one.toml"]


def outside(house: House, header: dict[str, object] | None = None, **changes: object) -> int:
    now = int(time.time())
    claims = {
        "iss": OUTSIDE, "sub": "their-name-for-it", "azp": "their-name-for-it", "aud": "urn:raabta", "iat": now,
        "exp": now + 300, "jti": str(uuid.uuid4()), "scope": "openid referral.read", "agency": POLICE,
    }  # fmt: skip
    head = merged({"alg": "ES256", "typ": "at+jwt", "kid": "ES256-outside"}, header or {})
    text = signed(head, merged(claims, changes), key("ES256", "outside"), "ES256")
    return house.http.get("/v1/referrals", headers={"Authorization": f"Bearer {text}"}).status_code


def test_an_outside_issuers_token_is_its_clients_and_nobody_elses(house: House) -> None:
    assert outside(house) == 200
    assert outside(house, azp="somebody") == 401
    assert outside(house, azp=WELFARE) == 401
    assert outside(house, aud=house.url) == 401
    assert outside(house, iss="https://other.example.pk") == 401
    assert outside(house, iss=house.url) == 401
    assert outside(house, scope="openid ledger.write") == 401
    assert outside(house, scope="openid trace.read") == 403
    assert outside(house, header={"kid": "ES256-own"}) == 401
    assert outside(house, exp=int(time.time()) + 3600) == 401
    assert token(house)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('[tls]\ncertificate = "a.pem"\n', "a certificate comes with its key_file"),
        ('[tls]\nclient_certificate_header = "Client-Cert"\n', "client_certificate_header comes with trusted_proxies"),
        ('[tls]\ntrusted_proxies = ["x y"]\n', "trusted_proxies"),
        ('[[trusted_issuer]]\nissuer = "https://a.example"\nclients = { a = "b" }\n', "jwks_url or from jwks_file"),
        ('[[trusted_issuer]]\nissuer = "nonsense"\njwks_file = "x"\nclients = { a = "b" }\n', "issuer"),
        ('[[trusted_issuer]]\nissuer = "https://a.example"\njwks_file = "x"\nclients = {}\n', "clients"),
    ],
)
def test_a_spoiled_section_is_explained_with_file_and_line(tmp_path: Path, section: str, message: str) -> None:
    config = tmp_path / "raabta.toml"
    config.write_text(section, "utf-8")

    result = CliRunner().invoke(program(), ["check", "--config", str(config), "--json"])

    (first, *_) = json.loads(result.output)["mistakes"]
    assert result.exit_code == 1
    assert (first["file"], first["line"] > 0) == ("raabta.toml", True)
    assert message in first["message"]


@pytest.mark.parametrize(
    ("old", "new", "file", "message"),
    [
        ("client_secret = true\n", "", "agency", "client_secret_basic needs an agreement"),
        ('method = "client_secret_basic"\nsecret = "file:secret"\nscopes', 'method = "tls_client_auth"\nscopes',
         "agency", "tls_client_auth one of subject_dn"),
        ('scopes = ["', 'scopes = ["system/Task.sur", "', "agency", "This is no scope."),
        ('id = "welfare-pb-cpb"\n', 'id = "operator-local"\n', "agency", "the operator of the gateway has this id"),
    ],
)  # fmt: skip
def test_a_spoiled_agency_is_explained_with_file_and_line(
    tmp_path: Path, old: str, new: str, file: str, message: str
) -> None:
    agencies = tmp_path / "agencies"
    agencies.mkdir()
    (agencies / "secret").write_text(SECRET, "utf-8")
    text = manifest(WELFARE, AGENCIES[WELFARE])
    spoiled = text.replace(old, new, 1) if "client_secret_basic" not in old else new.join(text.rsplit(old, 1))
    assert spoiled != text
    (agencies / f"{file}.toml").write_text(spoiled, "utf-8")
    config = tmp_path / "raabta.toml"
    config.write_text("", "utf-8")

    found = json.loads(CliRunner().invoke(program(), ["check", "--config", str(config), "--json"]).output)["mistakes"]

    assert read_settings(config).gateway.agencies == Path("agencies")
    told = [each for each in found if message in each["message"]]
    assert [(each["file"], each["line"] > 0) for each in told] == [(f"agencies/{file}.toml", True)]
