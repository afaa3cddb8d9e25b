"""What the papers show as configuration is configuration the gateway takes."""

import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey, KeySet

from adapters.registry import load_manifests
from gateway.checking import mistakes
from gateway.connected import directory
from gateway.settings import read_settings
from tests.house.repository import read


def _blocks(paper: str) -> list[str]:
    return re.findall(r"```toml\n(.*?)```", read(paper), re.DOTALL)


def _keys(folder: Path) -> None:
    """Make the key files that the page's manifest names."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "raabta-at-sis.pem").write_bytes(pem)
    theirs = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    public = KeySet([theirs]).as_dict(private=False)
    (folder / "sis-pb.jwks.json").write_text(json.dumps(public), encoding="utf-8")


def test_the_manifest_that_new_agency_builds_piece_by_piece_is_one(tmp_path: Path) -> None:
    identity, login, client, agreement, routes = _blocks("docs/new-agency.md")
    agencies = tmp_path / "agencies"
    agencies.mkdir()
    _keys(agencies / "keys")
    (agencies / "school-pb-sis.toml").write_text("\n".join([identity, login, client, agreement]), encoding="utf-8")
    (tmp_path / "raabta.toml").write_text(routes, encoding="utf-8")

    settings = read_settings(tmp_path / "raabta.toml")

    assert [str(mistake) for mistake in mistakes(settings)] == []
    assert settings.routing.routes[0].to[0].agency == "school-pb-sis"
    (agency,) = directory(load_manifests(agencies)).all()
    assert agency.agreements[0].purpose == "ENROL"


def test_the_manifest_of_the_readme_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIS_SECRET", "an-invented-secret-of-some-length")
    (tmp_path / "school-pb-sis.toml").write_text(_blocks("README.md")[0], encoding="utf-8")

    assert list(load_manifests(tmp_path)) == ["school-pb-sis"]


def test_every_key_of_a_rule_that_new_format_explains_is_known_to_the_engine() -> None:
    explained = set(re.findall(r"`([a-z]+) = [^`]*`", read("docs/new-format.md"))) | {
        "id",
        "ours",
        "theirs",
        "as",
        "each",
    }
    known = set(re.findall(r"^``(\w+)``", read("mappings/engine/rules.py"), re.MULTILINE))

    assert explained - known == set()
