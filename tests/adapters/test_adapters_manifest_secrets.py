"""Secrets that a manifest names: where they lie, what they must be, and that they are not kept."""

import pytest

from adapters.manifest_file import ManifestError
from adapters.registry import load_manifests

URL = "http://127.0.0.1:9102"


def line_of(text: str, start: str, nth: int = 1) -> int:
    found = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start)]
    return found[nth - 1]


def test_secrets_are_checked_to_be_there_and_never_kept(manifest_text, tmp_path, monkeypatch):
    text = manifest_text("nadra", URL)
    (tmp_path / "one.toml").write_text(text)
    manifest = load_manifests(tmp_path)["nadra-pb-namuna"]
    assert "namuna-secret" not in repr(manifest)
    assert manifest.auth.secret.read().startswith("namuna-secret")
    monkeypatch.delenv("RAABTA_TEST_SECRET")
    with pytest.raises(ManifestError) as caught:
        load_manifests(tmp_path)
    lines = [mistake.line for mistake in caught.value.mistakes]
    assert lines == [line_of(text, "secret"), line_of(text, "password")]


@pytest.mark.parametrize(
    ("content", "there"),
    [("  s3cret\n", True), ("", False), ("\n", False), ("x" * 70000, False), ("a\0b", False), ("a\nb", False)],
)
def test_a_secret_in_a_file_is_trimmed_and_must_not_be_empty(manifest_text, tmp_path, content, there):
    (tmp_path / "secret").write_text(content)
    auth = 'method = "client_secret_basic"\nsecret = "file:secret"\n'
    (tmp_path / "one.toml").write_text(manifest_text("school", URL, auth=auth))
    if there:
        assert load_manifests(tmp_path)["school-pb-namuna"].auth.secret.read() == "s3cret"
    else:
        with pytest.raises(ManifestError):
            load_manifests(tmp_path)
