"""``raabta ledger``, ``evidence`` and ``story`` beside a running gateway."""

import base64
import json
from pathlib import Path

import pytest
from fhir.resources.R4B.bundle import Bundle

from tests.cli.conftest import Raabta
from tests.gateway.house import House, referral, running
from tests.gateway.manifests import HEALTH, POLICE, SCHOOL


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with running(tmp_path_factory.mktemp("house") / "gateway") as lent:
        yield lent


@pytest.fixture
def ledger(house: House, raabta: Raabta):
    """Send a referral, sign the ledger, and lend the command with the gateway's configuration."""
    ref = house.submit(POLICE, referral(HEALTH, SCHOOL))["id"]
    house.gateway.sign(None)
    return ref, lambda *words, **given: raabta(*words, "--config", str(house.folder / "raabta.toml"), **given)


def test_evidence_is_taken_once_and_verifies_with_the_key(ledger, raabta, tmp_path):
    ref, told = ledger
    key = told("ledger", "key").out.strip()

    assert told("evidence", ref, "--out", "evidence.zip").status == 0
    assert told("evidence", ref, "--out", "evidence.zip").status == 2
    assert told("ledger", "export", "--out", "ledger.zip").status == 0
    assert told("evidence", "unknown", "--out", "none.zip").status == 1
    assert (tmp_path / "evidence.zip").stat().st_mode & 0o077 == 0
    for file in ("evidence.zip", "ledger.zip"):
        good = raabta("ledger", "verify", "--bundle", file, "--key", key, "--json")
        assert (good.status, good.json()["whole"]) == (0, True)
    content = (tmp_path / "ledger.zip").read_bytes()
    (tmp_path / "ledger.zip").write_bytes(content.replace(b"referral.accepted", b"referral.rejected", 1))
    bad = raabta("ledger", "verify", "--bundle", "ledger.zip", "--key", key, "--json")
    assert (bad.status, bad.json()["findings"][0]["fault"]) == (1, "CONTAINER")
    assert raabta("ledger", "verify", "--bundle", "ledger.zip").status == 2
    assert raabta("ledger", "verify", "--bundle", "ledger.zip", "--key", "no-key").status == 2


def test_the_database_is_verified_and_a_changed_row_named(house, ledger):
    _, told = ledger
    assert told("ledger", "verify", "--json").json()["whole"]
    house.write(lambda c: c.exec_driver_sql("UPDATE entry SET actor = 'nobody' WHERE idx = 1").rowcount)

    bad = told("ledger", "verify")

    house.write(lambda c: c.exec_driver_sql("UPDATE entry SET actor = 'gateway' WHERE idx = 1").rowcount)
    assert bad.status == 1
    assert bad.out.startswith("CHANGED at 1: this entry is not what")


def test_a_checkpoint_kept_from_earlier_is_held_against_the_database(house, ledger, tmp_path: Path):
    _, told = ledger
    kept = house.call(POLICE, "GET", "/v1/ledger/checkpoint").text
    (tmp_path / "seen.txt").write_text(kept, "utf-8")
    size = int(kept.split("\n")[1])
    (tmp_path / "forged.txt").write_text(house.gateway.signer.sign(size, b"\x01" * 32), "utf-8")

    assert told("ledger", "verify", "--seen", "seen.txt").status == 0
    forged = told("ledger", "verify", "--seen", "forged.txt")
    assert (forged.status, forged.out.split()[:3]) == (1, ["FORKED", "at", f"{size}:"])


def test_an_agency_witnesses_on_its_own_machine(house, ledger, raabta, tmp_path: Path):
    _, told = ledger
    (tmp_path / "key").write_text(told("ledger", "key").out, "utf-8")

    def update(seen: int) -> bytes:
        return house.call(HEALTH, "GET", f"/v1/ledger/consistency?from={seen}").content

    first = raabta("ledger", "witness", "--state", "seen.txt", "--key", "key", given=update(0))
    size = int(first.out.split()[1])
    house.submit(POLICE, referral(HEALTH))
    house.gateway.sign(None)
    good = raabta("ledger", "witness", "--state", "seen.txt", "--key", "key", given=update(size))
    forged = house.gateway.signer.sign(10_000, b"\x01" * 32).encode()
    proof = f"old {good.out.split()[1]}\n{base64.b64encode(bytes(32)).decode()}\n\n".encode()
    bad = raabta("ledger", "witness", "--state", "seen.txt", "--key", "key", given=proof + forged)

    assert (first.status, good.status, bad.status) == (0, 0, 1)
    assert int(good.out.split()[1]) > size
    assert "no continuation" in bad.err


def test_a_story_is_told_in_both_languages_as_json_audit_events_and_page(ledger, tmp_path: Path):
    ref, told = ledger

    english, urdu = told("story", ref).out, told("story", ref, "--urdu").out
    data, fhir = told("story", ref, "--json").json(), told("story", ref, "--fhir").json()

    assert "must acknowledge it by" in english
    assert "Withheld: " in english
    assert "Under agreement " in english
    assert "معاہدہ: " in urdu
    assert "وصولی کی تصدیق کرنی ہے" in urdu
    assert {each["agency"] for each in data["standing"]["receivers"]} >= {HEALTH, SCHOOL}
    Bundle.model_validate(fhir)
    assert told("story", ref, "--html", "story.html").status == 0
    assert "<svg" in (tmp_path / "story.html").read_text("utf-8")
    assert "Farzi Bachi" not in english + urdu + json.dumps(data) + json.dumps(fhir)


def test_every_look_from_the_command_line_is_an_entry_of_the_running_gateway(house, ledger):
    ref, told = ledger
    real = house.id_of(POLICE, ref)
    with house.reading() as connection:
        delivery = connection.exec_driver_sql("SELECT id FROM delivery WHERE referral = ?", (real,)).scalars().first()

    for words, what in (
        (["story", ref], "command.story"), (["explain", delivery], "command.explanation"),
        (["explain", delivery, "--values"], "command.values"),
        (["evidence", ref, "--out", "looked.zip"], "command.evidence"),
    ):  # fmt: skip
        assert told(*words).status == 0
        asked = "SELECT actor, referral, delivery FROM entry WHERE fields = ? AND referral = ?"
        with house.reading() as connection:
            looks = connection.exec_driver_sql(asked, (f'{{"what":"{what}"}}', real)).all()
        assert looks == [("operator-local", real, delivery if words[0] == "explain" else None)]


def test_what_cannot_be_entered_is_not_shown(house, ledger):
    ref, told = ledger
    secret = house.folder / "keys" / "operator.secret"
    kept = secret.read_text("utf-8")
    secret.write_text("farzi", "utf-8")
    try:
        for words in (["story", ref], ["evidence", ref, "--out", "unseen.zip"]):
            ended = told(*words)
            assert (ended.status, ended.out) == (1, "")
    finally:
        secret.write_text(kept, "utf-8")
    assert not Path("unseen.zip").exists()
