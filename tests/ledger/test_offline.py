"""The verifier is run as an auditor runs it: in an empty environment, with no network and none of our packages."""

import subprocess
import sys
import venv
from pathlib import Path

import cffi
import cryptography
import pytest

from gateway.ledger.bundle import export_bundle
from gateway.ledger.signing import sign_ledger
from tests.ledger.bundles import unpacked
from tests.ledger.samples import event


@pytest.fixture
def alone(tmp_path):
    """Lend what runs a file in a new environment that holds `cryptography` (and the library it loads), nothing else."""
    venv.create(tmp_path / "empty", with_pip=False, system_site_packages=False, symlinks=True)
    (packages,) = (tmp_path / "empty/lib").glob("python3*/site-packages")
    for package in (cryptography, cffi):
        folder = Path(package.__file__).parent
        (packages / folder.name).symlink_to(folder)
    for built in Path(cffi.__file__).parents[1].glob("_cffi_backend*"):
        (packages / built.name).symlink_to(built)
    quiet = ["unshare", "--net"] if subprocess.run(["unshare", "--net", "true"], check=False).returncode == 0 else []  # noqa: S607

    def run(*words):
        call = [*quiet, str(tmp_path / "empty/bin/python"), "-I", *words]
        return subprocess.run(call, capture_output=True, text=True, check=False, cwd=tmp_path)

    return run


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_bundle_verifies_without_network_database_or_our_packages(store, journal, signer, clock, alone, tmp_path):
    store.committer.run(lambda _: [journal.append(event()) for _ in range(20)])
    store.committer.run(lambda c: sign_ledger(c, journal, signer, clock.now()))
    with store.readers.connection() as connection:
        bundle = export_bundle(connection, signer)
    (tmp_path / "bundle.zip").write_bytes(bundle)
    (tmp_path / "broken.zip").write_bytes(bundle.replace(b"police-lahore", b"police-multan", 1))
    (tmp_path / "verify.py").write_bytes(unpacked(bundle)["verify.py"])
    (tmp_path / "key").write_text(signer.verifier.text + "\n", "utf-8")

    ours = alone("-c", "import gateway")
    good = alone("verify.py", "bundle.zip", "--key", "key")
    bad = alone("verify.py", "broken.zip", "--key", signer.verifier.text)

    assert "No module named 'gateway'" in ours.stderr
    assert (good.returncode, good.stdout, good.stderr) == (
        0,
        "PROVEN: 20 entries are in the ledger, as they were signed\n",
        "",
    )
    assert (bad.returncode, bad.stdout.split()[0]) == (1, "CONTAINER")
    assert alone("verify.py", "bundle.zip", "--key", "nowhere").returncode == 2
    assert sys.prefix not in good.stdout
