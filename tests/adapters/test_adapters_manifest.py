import json
import re
from datetime import date

import pytest
from joserfc.jwk import ECKey

from adapters.manifest_file import ManifestError
from adapters.registry import DOORS, adapter_for, load_manifests
from auth.clients import AuthMethod
from mappings.labels import Label
from mappings.vocabulary import AgencyKind, Purpose

URL = "http://127.0.0.1:9102"
FULL = """\
id = "police-pb-namuna"
kind = "POLICE"
name = "Namuna Police"
name_ur = "نمونہ پولیس"
adapter = "police"
format = "police_psrms"
base_url = "https://police.example.pk"
accepts_replies = true
reply_format = "police_fir"
effect = "at-least-once"

[limits]
connect_seconds = 2
total_seconds = 9.5

[options]
referrals = "/api/v2/referrals"

[auth]
token_url = "https://login.example.pk/oauth/token"
method = "private_key_jwt"
client_id = "raabta"
key_file = "keys/us.pem"
kid = "k1"
alg = "ES256"
audience = "https://login.example.pk"
scope = "police.referral.write police.receipt.read"

[client]
client_id = "fir-pb-01"
method = "private_key_jwt"
jwks_file = "keys/them.jwks.json"
scopes = ["referral.write", "reply.write"]

[[agreement]]
id = "police-pb-2026-01"
purpose = "INVESTIGATE"
labels = ["identity", "concern", "incident"]
legal_basis = "Section 4 of the invented Act"
basis = "STATUTE"
statute_id = "NAMUNA-2016-4"
owner = "Home Department (invented)"
valid_from = 2026-01-01
valid_until = 2026-12-31

[[agreement]]
id = "police-pb-2026-02"
purpose = "TRACE_FAMILY"
labels = ["identity"]
legal_basis = "Memorandum of an invented day"
owner = "Home Department (invented)"
valid_from = 2026-02-01
"""


@pytest.fixture
def folder(tmp_path):
    keys = tmp_path / "keys"
    keys.mkdir()
    ours, theirs = ECKey.generate_key("P-256"), ECKey.generate_key("P-256", {"kid": "t1"})
    (keys / "us.pem").write_bytes(ours.as_pem(private=True))
    (keys / "them.jwks.json").write_text(json.dumps({"keys": [theirs.as_dict(private=False)]}))
    return tmp_path


def load(folder, text: str = FULL):
    (folder / "police.toml").write_text(text, encoding="utf-8")
    return load_manifests(folder)


def mistakes(folder, text: str) -> list[tuple[int, str]]:
    with pytest.raises(ManifestError) as caught:
        load(folder, text)
    assert {mistake.file for mistake in caught.value.mistakes} == {folder / "police.toml"}
    return [(mistake.line, mistake.message) for mistake in caught.value.mistakes]


def line_of(text: str, start: str, nth: int = 1) -> int:
    found = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start)]
    return found[nth - 1]


def changed(old: str, new: str) -> str:
    assert old in FULL
    return FULL.replace(old, new, 1)


def test_a_full_manifest_says_everything(folder):
    manifest = load(folder)["police-pb-namuna"]
    assert (manifest.kind, manifest.adapter, manifest.format) == (AgencyKind.POLICE, "police", "police_psrms")
    assert manifest.name_ur == "نمونہ پولیس"
    assert (manifest.accepts_replies, manifest.format_of_replies) == (True, "police_fir")
    assert (manifest.effect, manifest.allow_private) == ("at-least-once", False)
    assert (manifest.limits.connect_seconds, manifest.limits.total_seconds, manifest.limits.connections) == (2, 9.5, 8)
    assert manifest.options == {"referrals": "/api/v2/referrals"}
    assert (manifest.auth.method, manifest.auth.alg) == (AuthMethod.PRIVATE_KEY_JWT, "ES256")
    assert manifest.auth.key_file == folder / "keys/us.pem"
    assert manifest.client.scopes == ("referral.write", "reply.write")
    assert manifest.client.jwks_file == folder / "keys/them.jwks.json"
    first, second = manifest.agreements
    assert (first.purpose, first.labels) == (Purpose.INVESTIGATE, (Label.IDENTITY, Label.CONCERN, Label.INCIDENT))
    assert (first.basis, first.statute_id, second.basis) == ("STATUTE", "NAMUNA-2016-4", None)
    assert first.digest != second.digest
    assert re.fullmatch("[0-9a-f]{64}", manifest.file_digest)


def test_an_agreement_holds_on_both_its_days_and_not_around_them(folder):
    closed, open_ended = load(folder)["police-pb-namuna"].agreements
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [closed.in_force(day) for day in days] == [False, True, True, False]
    assert open_ended.in_force(date(2099, 1, 1))


def test_the_digest_of_an_agreement_changes_with_each_word_and_not_with_its_neighbours(folder):
    first = load(folder)["police-pb-namuna"].agreements[0].digest
    assert load(folder, changed("Namuna Police", "Other"))["police-pb-namuna"].agreements[0].digest == first
    other = changed('labels = ["identity", "concern", "incident"]', 'labels = ["identity", "concern"]')
    assert load(folder, other)["police-pb-namuna"].agreements[0].digest != first


@pytest.mark.parametrize(
    ("old", "new", "start", "message"),
    [
        ('kind = "POLICE"', 'kind = "ARMY"', "kind", "kind: input should be"),
        ('adapter = "police"', 'adapter = "fax"', "adapter", "There is no adapter of this name."),
        ('id = "police-pb-namuna"', 'id = "police pb"', "id =", "id: string should match pattern"),
        ('effect = "at-least-once"', 'effect = "maybe"', "effect", "effect: input should be"),
        ("accepts_replies = true", 'accepts_replies = "yes"', "accepts_replies", "accepts_replies: input should be"),
        ("connect_seconds = 2", "connect_seconds = 0", "connect_seconds", "greater than 0"),
        ("connect_seconds = 2", "connections = 9", "connections", "less than or equal to 8"),
        ("connect_seconds = 2", "speed = 9", "speed", "The key speed is not known."),
        ("/api/v2/referrals", "/api/../referrals", "referrals", "string should match pattern"),
        ("/api/v2/referrals", "https://evil.example", "referrals", "string should match pattern"),
        ('referrals = "', 'refferals = "', "refferals", "The key refferals is not known."),
        ("https://police.example.pk", "http://police.example.pk", "base_url", "https URL"),
        ("https://police.example.pk", "https://127.0.0.1", "base_url", "not one that may be reached"),
        ("https://police.example.pk", "https://2130706433", "base_url", "canonical form"),
        ("https://police.example.pk", "https://a:b@police.example.pk", "base_url", "user information"),
        ("https://login.example.pk/oauth/token", "https://169.254.169.254/t", "token_url", "not one that may"),
        ("https://login.example.pk/oauth/token", "https://login.example.pk", "token_url", "names the path"),
        ('alg = "ES256"', 'alg = "HS256"', "alg", "alg: input should be"),
        ('alg = "ES256"', 'alg = "ES384"', "alg", "cannot sign with this algorithm"),
        ("keys/us.pem", "keys/nobody.pem", "key_file", "no private key in PEM"),
        ("keys/us.pem", "keys/them.jwks.json", "key_file", "no private key in PEM"),
        ("keys/them.jwks.json", "keys/nobody.json", "jwks_file", "no usable set of public keys"),
        ("keys/them.jwks.json", "keys/us.pem", "jwks_file", "no usable set of public keys"),
        ('kid = "k1"\n', "", "[auth]", "private_key_jwt needs key_file, kid and alg"),
        ('kid = "k1"\n', 'kid = "k1"\nsecret = "env:HOME"\n', "[auth]", "and no secret"),
        ('kid = "k1"\n', 'kid = "k1"\nsecret = "hunter2"\n', "secret", "never inline"),
        ('scopes = ["referral.write", "reply.write"]\n', "", "[client]", "The key scopes is missing."),
        ("INVESTIGATE", "GOSSIP", "purpose", "purpose: input should be"),
        ('"concern", "incident"]', '"rumour"]', "labels", "labels: input should be"),
        ('"concern", "incident"]', '"identity"]', "[[agreement]]", "names at least one label, and each once"),
        ('["identity", "concern", "incident"]', "[]", "[[agreement]]", "names at least one label, and each once"),
        ("valid_until = 2026-12-31", "valid_until = 2025-12-31", "[[agreement]]", "ends on or after the day it begins"),
        ("valid_until = 2026-12-31", 'valid_until = "2026-12-31"', "valid_until", "valid_until: input should be"),
        ("valid_until = 2026-12-31", "valid_until = 2026-12-31T00:00:00Z", "valid_until", "valid_until:"),
        ('statute_id = "NAMUNA-2016-4"\n', "", "[[agreement]]", "has a statute_id"),
        ('basis = "STATUTE"\n', "", "[[agreement]]", "a statute_id has a basis"),
        ('basis = "STATUTE"', 'basis = "HABIT"', "basis", "basis: input should be"),
        ("accepts_replies = true\n", "", "id", "takes no replies"),
        ('name = "Namuna Police"\n', "", "id", "The key name is missing."),
        ('name = "Namuna Police"', 'name = "Namuna\\nPolice"', "name =", "string should match pattern"),
        ('name = "Namuna Police"', 'name = "x"\nfile_digest = "0"', "file_digest", "The key file_digest is not known."),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line(folder, old, new, start, message):
    text = changed(old, new)
    found = mistakes(folder, text)
    assert len(found) == 1, found
    assert found[0][0] == line_of(text, start)
    assert message in found[0][1]


def test_a_mistake_in_the_second_agreement_is_found_there(folder):
    text = FULL.replace('labels = ["identity"]', 'labels = ["nobody"]')
    assert [line for line, _ in mistakes(folder, text)] == [line_of(text, "labels", 2)]


def test_every_mistake_is_told_at_once_and_in_order(folder):
    text = FULL
    for old, new in [("POLICE", "ARMY"), ('kid = "k1"', "kid = 1"), ("2026-01-01", '"soon"'), ("/api/v2", "api")]:
        text = text.replace(f'"{old}"' if old == "POLICE" else old, f'"{new}"' if old == "POLICE" else new, 1)
    lines = [line for line, _ in mistakes(folder, text)]
    starts = ["kind", "referrals", "kid", "valid_from"]
    assert lines == [line_of(text, start) for start in starts]


def test_no_mistake_shows_a_value_of_the_file(folder):
    text = changed('kid = "k1"\n', 'kid = "k1"\nsecret = "hunter2-canary"\n').replace("POLICE", "canary-kind")
    found = mistakes(folder, text)
    assert len(found) == 2
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    ("text", "line"),
    [("id = \n", 1), ("a = 1\n\nb = [1,\n", 4), ("a = 1\na = 2\n", 2), ('x = "', 1)],
)
def test_a_file_that_is_not_toml_is_told_with_its_line(folder, text, line):
    [(found, message)] = mistakes(folder, text)
    assert message == "This is not TOML."
    assert abs(found - line) <= 1


def test_a_file_that_is_not_utf8_is_a_mistake(folder):
    (folder / "police.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(ManifestError) as caught:
        load_manifests(folder)
    assert [mistake.message for mistake in caught.value.mistakes] == ["The file is not UTF-8."]


def test_an_empty_folder_is_a_mistake(tmp_path):
    with pytest.raises(ManifestError) as caught:
        load_manifests(tmp_path)
    assert str(caught.value.mistakes[0]) == f"{tmp_path}:1: There is no manifest in this folder."


def test_two_files_must_not_claim_one_agency_one_client_or_one_agreement(folder):
    (folder / "a.toml").write_text(FULL, encoding="utf-8")
    found = mistakes(folder, FULL)
    assert found == [
        (line_of(FULL, "id ="), "Another agency has this id."),
        (line_of(FULL, "client_id", 2), "Another client has this id."),
        (line_of(FULL, "id =", 2), "Another agreement has this id."),
        (line_of(FULL, "id =", 3), "Another agreement has this id."),
    ]


def test_mistakes_of_all_files_are_collected(folder):
    (folder / "a.toml").write_text("id = 1\n")
    (folder / "b.toml").write_text("=\n")
    with pytest.raises(ManifestError) as caught:
        load(folder)
    assert {mistake.file.name for mistake in caught.value.mistakes} == {"a.toml", "b.toml"}
    assert len(caught.value.mistakes) > 5


@pytest.mark.parametrize("adapter", sorted(DOORS))
def test_a_manifest_of_each_kind_opens_its_door(manifest_text, tmp_path, adapter):
    (tmp_path / "one.toml").write_text(manifest_text(adapter, URL))
    [manifest] = load_manifests(tmp_path).values()
    assert type(adapter_for(manifest)).__name__.lower() == f"{adapter}adapter"


def test_a_registry_without_its_options_is_told_what_is_missing(manifest_text, tmp_path):
    (tmp_path / "police.toml").write_text(manifest_text("nadra", URL, options="[options]\n"))
    with pytest.raises(ManifestError) as caught:
        load_manifests(tmp_path)
    told = [mistake.message for mistake in caught.value.mistakes]
    assert told == [f"The key {key} is missing." for key in ("franchise_id", "operations", "password", "username")]


def test_a_tls_file_that_is_not_there_is_a_mistake(folder):
    text = changed("[limits]", '[tls]\nca_file = "keys/nobody.pem"\n\n[limits]')
    assert mistakes(folder, text) == [
        (line_of(text, "[tls]"), "A file of this table is missing or not what its name says.")
    ]
