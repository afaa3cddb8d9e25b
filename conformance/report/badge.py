"""The badge: a picture, and the same said in a signed JSON that anybody can check offline.

The signed text (JWS, RFC 7515, EdDSA) names suite, profile, target, date and conclusion, and the digest of
results.json; the public key lies beside it. Whose key that is must be known from elsewhere: a laboratory signs with
its own (`--signing-key`), otherwise a fresh key proves only that nothing was changed afterwards.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey, import_key

from conformance.findings import UnusableError
from conformance.running import SUITE, Run
from conformance.verdicts import CONFORMANT, INCOMPLETE

COLOURS = {CONFORMANT: "#1a7f37", INCOMPLETE: "#9a6700"}
BAD = "#b42318"
ALGORITHM = "Ed25519"


def signing_key(file: Path | None) -> OKPKey:
    """Read a signing key (PEM), make it where the file is not there yet, or make one that is not kept."""
    if file is None:
        return OKPKey.generate_key("Ed25519", auto_kid=True)
    if file.exists():
        try:
            return import_key(file.read_text(encoding="utf-8"), "OKP")
        except (JoseError, ValueError, OSError):
            raise UnusableError(f"{file.name} is no Ed25519 key") from None
    key = OKPKey.generate_key("Ed25519", auto_kid=True)
    file.touch(mode=0o600)
    file.write_bytes(key.as_pem(private=True))
    return key


def signed(run: Run, results: str, key: OKPKey) -> str:
    """Write badge.json."""
    said = {
        "suite": SUITE,
        "profile": run.profile.name,
        "target": run.target.url,
        "operator": run.operator,
        "date": run.at.date().isoformat(),
        "conclusion": run.conclusion,
        "results_sha256": hashlib.sha256(results.encode()).hexdigest(),
    }
    text = jws.serialize_compact({"alg": ALGORITHM}, json.dumps(said).encode(), key, algorithms=[ALGORITHM])
    return json.dumps({**said, "jws": text, "public_key": key.as_dict(private=False)}, indent=1) + "\n"


def verified(text: str, results: str | None = None, key: OKPKey | None = None) -> dict[str, Any]:
    """Check a badge.json offline and give what was signed; raises `UnusableError` for one that was changed.

    Args:
        text: the badge.
        results: results.json, if its digest is to be compared too.
        key: the public key it must be signed with; by default the one inside.
    """
    try:
        badge = json.loads(text)
        public = key or OKPKey.import_key(badge["public_key"])
        said: dict[str, Any] = json.loads(jws.deserialize_compact(badge["jws"], public, algorithms=[ALGORITHM]).payload)
    except (JoseError, ValueError, KeyError, TypeError):
        raise UnusableError("the badge is not signed by this key, or was changed") from None
    if {name: badge.get(name) for name in said} != said:
        raise UnusableError("the badge says something else than what was signed")
    if results is not None and hashlib.sha256(results.encode()).hexdigest() != said["results_sha256"]:
        raise UnusableError("the results are not those the badge was made for")
    return said


def picture(run: Run) -> str:
    """Draw badge.svg."""
    left, right = f"raabta {run.profile.name}", run.conclusion
    wide, narrow = 7 * len(left) + 16, 7 * len(right) + 16
    colour = COLOURS.get(right, BAD)
    label = f"{left}: {right}, suite {SUITE}, {run.at.date()}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide + narrow}" height="20" role="img" aria-label="{label}">'
        f"<title>{label}</title>"
        f'<rect width="{wide}" height="20" fill="#333"/><rect x="{wide}" width="{narrow}" height="20" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{wide / 2}" y="14">{left}</text><text x="{wide + narrow / 2}" y="14">{right}</text></g></svg>\n'
    )
