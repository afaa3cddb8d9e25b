"""How evidence of a ledger is changed in one byte, and how the gateway's own command is asked about it."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from conformance.connecting import gateway
from conformance.evidence import BadEvidenceError, Opinion, changed, numbers
from conformance.findings import UnusableError
from conformance.sandbox.credentials import initialise


def packed(content: str, name: str = "entries.jsonl") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("note.txt", "kept")
        made.writestr(name, content)
    return out.getvalue()


def files(evidence: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(evidence)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_one_byte_of_the_chosen_entry_is_changed_and_nothing_else() -> None:
    evidence = packed('{"seq": 4, "type": "a"}\n{"seq": 7, "type": "a", "at": "1999"}\n')

    assert numbers(evidence) == [4, 7]
    first, second = files(changed(evidence, 7, "type")), files(changed(evidence, 7, "at"))
    assert first["note.txt"] == second["note.txt"] == b"kept"
    assert first["entries.jsonl"] == b'{"seq": 4, "type": "a"}\n{"seq": 7, "type": "1", "at": "1999"}\n'
    assert second["entries.jsonl"] == b'{"seq": 4, "type": "a"}\n{"seq": 7, "type": "a", "at": "0999"}\n'


@pytest.mark.parametrize("evidence", [b"no zip", packed("{}"), packed("[]"), packed("x"), packed("", "other.jsonl")])
def test_what_is_no_evidence_is_said_to_be_none(evidence: bytes) -> None:
    with pytest.raises(BadEvidenceError):
        numbers(evidence)


def test_an_entry_without_the_member_cannot_be_changed() -> None:
    with pytest.raises(BadEvidenceError):
        changed(packed('{"seq": 4}\n'), 4, "type")


@pytest.mark.parametrize(
    ("words", "named"),
    [("CHANGED at 12: this", True), ("#12", True), ("112, 120 and 1.12", False), ("entry12b", False), ("", False)],
)
def test_an_entry_is_named_by_its_number_alone(words: str, named: bool) -> None:
    assert Opinion(holds=False, words=words).names(12) is named


def test_the_command_is_given_both_files_and_its_status_is_the_verdict(tmp_path: Path) -> None:
    initialise(tmp_path, "http://gateway.invalid")
    told = tmp_path / "conformance.toml"

    def asked(script: str) -> Opinion:
        words = ["sh", "-c", script, "verify", "{evidence}", "{key}"]
        told.write_text(f'sandbox = "sandbox.toml"\nverify = {words!r}\n'.replace("'", '"'), "utf-8")
        target = gateway("http://gateway.invalid", told)
        assert "verify" in target.capabilities
        assert target.means.verify is not None
        return target.means.verify(b"evidence", "key")

    assert asked("cat $1 $2") == Opinion(holds=True, words="evidencekey")
    assert asked("echo entry 3 >&2; exit 1") == Opinion(holds=False, words="entry 3\n")
    with pytest.raises(UnusableError):
        asked("exit 2")
    told.write_text('sandbox = "sandbox.toml"\n', "utf-8")
    assert "verify" not in gateway("http://gateway.invalid", told).capabilities
