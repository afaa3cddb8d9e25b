"""``raabta check``, ``migrate``, ``serve``, ``story`` and ``ledger verify``."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Raabta
from tests.gateway.house import furnish, referral, running
from tests.gateway.manifests import AGENCY_SCOPES, HEALTH, WELFARE


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return furnish(tmp_path / "gateway", 8400, scopes=AGENCY_SCOPES)


def spoil(path: Path, before: str, after: str) -> int:
    """Change a file's text and return the line (from 1) on which it was changed."""
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    return text[: text.index(before)].count("\n") + 1


def test_a_good_configuration_is_in_order(raabta: Raabta, config: Path) -> None:
    assert raabta("check", "--config", str(config)).status == 0
    assert raabta("check", "--config", str(config), "--json").json() == {"valid": True, "mistakes": []}


def test_every_mistake_is_told_with_file_and_line(raabta: Raabta, config: Path) -> None:
    agencies = config.parent / "agencies"
    lines = {
        "raabta.toml": spoil(config, 'environment = "sandbox"', 'environment = "playground"'),
    }
    told = raabta("check", "--config", str(config), "--json")
    assert told.status == 1
    assert [(m["file"], m["line"]) for m in told.json()["mistakes"]] == [("raabta.toml", lines["raabta.toml"])]

    spoil(config, 'environment = "playground"', 'environment = "sandbox"')
    health = spoil(agencies / f"{HEALTH}.toml", 'format = "health_fhir"', 'format = "klingon"')
    route = spoil(config, "[[route]]", "[[route]]")
    spoil(config, 'sender_kind = "POLICE"', 'sender = "nobody"')
    told = raabta("check", "--config", str(config), "--json")
    places = {(m["file"], m["line"]) for m in told.json()["mistakes"]}

    assert told.status == 1
    assert (f"agencies/{HEALTH}.toml", health) in places
    assert ("raabta.toml", route) in places


@pytest.mark.parametrize(
    ("before", "after", "line_of"),
    [
        ("[gateway]", "[gateway", "[gateway]"),
        ("[limits]", "[limitz]", "[limits]"),
        ("body = 1048576", 'body = "much"', "body ="),
        ("port = 8400", "port = 99999", "port ="),
        ('id = "fir-to-care"', 'id = "FIR to care"', 'id = "fir'),
        ('sender_kind = "POLICE"', 'sender_kind = "ARMY"', "when ="),
        ('sender_kind = "POLICE"', 'colour = "red"', "when ="),
        ('service = "HEALTH_CARE"', 'service = "MAGIC"', "to ="),
        ('purpose = "TREAT"', 'purpose = "GOSSIP"', "to ="),
    ],
)
def test_a_mistake_in_the_settings_has_its_line(
    raabta: Raabta, config: Path, before: str, after: str, line_of: str
) -> None:
    lines = config.read_text("utf-8").splitlines()
    expected = next(number for number, line in enumerate(lines, 1) if line.startswith(line_of))
    spoil(config, before, after)
    (mistake,) = raabta("check", "--config", str(config), "--json").json()["mistakes"]

    assert (mistake["file"], mistake["line"]) == ("raabta.toml", expected)


@pytest.mark.parametrize(
    ("before", "after"),
    [('role = "CHILD_PROTECTION_OFFICER"', 'rank = "major"'),
     (f'agency = "{WELFARE}", purpose', 'agency = "no", purpose'),
     ("[give.school-pb-sis]", "[give.school-nowhere]"), ('enrolment = "KEEP_PLACE"', 'enrolment = "PERHAPS"')],
)  # fmt: skip
def test_a_route_that_leads_nowhere_or_gives_what_is_no_value_is_found(
    raabta: Raabta, config: Path, before: str, after: str
) -> None:
    spoil(config, before, after)
    told = raabta("check", "--config", str(config), "--json")

    assert told.status == 1
    assert all(mistake["line"] > 0 for mistake in told.json()["mistakes"])


def test_a_variable_of_the_environment_is_named_when_it_is_wrong(
    raabta: Raabta, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAABTA_GATEWAY_PORT", "many")
    (mistake,) = raabta("check", "--config", str(config), "--json").json()["mistakes"]

    assert mistake["file"] == "environment"
    assert "RAABTA_GATEWAY_PORT" in mistake["message"]
    assert "many" not in mistake["message"]


def test_two_routes_with_one_id_are_a_mistake(raabta: Raabta, config: Path) -> None:
    text = config.read_text("utf-8")
    route = text[text.index("[[route]]") : text.index("[give.")]
    config.write_text(text + "\n" + route, "utf-8")

    assert "another route has this id" in raabta("check", "--config", str(config)).out


def test_serve_refuses_to_start_on_what_check_finds(raabta: Raabta, config: Path) -> None:
    spoil(config.parent / "agencies" / f"{HEALTH}.toml", 'format = "health_fhir"', 'format = "klingon"')
    ended = raabta("serve", "--config", str(config))

    assert ended.status == 1
    assert f"{HEALTH}.toml" in ended.err
    assert not (config.parent / "raabta.sqlite").exists()


def test_a_secret_that_is_missing_is_found_and_not_told(raabta: Raabta, config: Path) -> None:
    (config.parent / "agencies" / "secret").unlink()
    ended = raabta("check", "--config", str(config))

    assert ended.status == 1
    assert str(config.parent) not in ended.out


def test_migrate_makes_the_database_and_may_be_repeated(raabta: Raabta, config: Path) -> None:
    for _ in range(2):
        assert raabta("migrate", "--config", str(config)).status == 0

    with sqlite3.connect(config.parent / "raabta.sqlite") as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"referral", "party", "delivery", "entry"} <= tables


def test_a_story_needs_a_database_and_a_referral(raabta: Raabta, config: Path) -> None:
    assert raabta("story", "nobody", "--config", str(config)).status == 1
    raabta("migrate", "--config", str(config))
    assert raabta("story", "nobody", "--config", str(config)).status == 1


def test_a_ledger_needs_a_key_and_a_database(raabta: Raabta, config: Path) -> None:
    assert raabta("ledger", "verify", "--config", str(config)).status == 1


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Lend what a gateway that accepted one referral has left, and the sender's name for it."""
    folder = tmp_path_factory.mktemp("left") / "gateway"
    with running(folder) as house:
        name = house.submit(WELFARE, referral(HEALTH, child={"name": "Kanarienvogel"}))["id"]
    return folder / "raabta.toml", str(name)


def test_a_story_is_told_without_any_personal_value(raabta: Raabta, left: tuple[Path, str]) -> None:
    config, name = left
    told = raabta("story", name, "--config", str(config), "--json")

    assert told.status == 0
    assert told.json()["lines"][0]["type"] == "referral.accepted"
    assert told.json()["lines"][-1] | {"seq": 0, "at": ""} == {
        "seq": 0, "at": "", "type": "read", "actor": "operator-local", "delivery": None,
        "fields": {"what": "command.story"}, "sentence": "read the command.story",
    }  # fmt: skip
    assert "Kanari" not in told.out
    assert HEALTH in raabta("story", name, "--config", str(config)).out


def test_a_whole_ledger_is_verified(raabta: Raabta, left: tuple[Path, str]) -> None:
    config, _ = left
    told = raabta("ledger", "verify", "--config", str(config), "--json")

    assert told.status == 0
    assert told.json()["whole"] is True
    assert told.json()["checkpoints"] >= 1
    assert "the ledger is whole" in raabta("ledger", "verify", "--config", str(config)).out


@pytest.mark.parametrize(
    "change",
    ["UPDATE entry SET actor = 'somebody' WHERE idx = 1", "DELETE FROM entry WHERE idx = 1",
     "UPDATE entry SET fields = NULL WHERE idx = 1", "DELETE FROM entry WHERE idx = (SELECT max(idx) FROM entry)"],
)  # fmt: skip
def test_a_changed_ledger_is_found_out(raabta: Raabta, left: tuple[Path, str], tmp_path: Path, change: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(left[0].parent, copy)
    with sqlite3.connect(copy / "raabta.sqlite") as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute(change)
    told = raabta("ledger", "verify", "--config", str(copy / "raabta.toml"), "--json")

    assert told.status == 1
    assert told.json()["whole"] is False
    assert told.json()["findings"]
    assert json.dumps(told.json())
