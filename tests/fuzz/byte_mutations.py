"""Mutations of bytes, which know nothing of any grammar; and of zip packages, which know a little."""

from __future__ import annotations

import io
import warnings
import zipfile
from random import Random

from tests.fuzz import canary
from tests.fuzz.texts import text

_CUTS = (
    b"", b"\x00", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"{", b"]", b'"', b"<", b">", b"&", b",", b"\\", b"\r\n",
)  # fmt: skip
"""Nothing is planted here: it could land in a key, and the place of a finding is named by keys."""


def mutate_bytes(random: Random, data: bytes) -> bytes:
    """Return a document with octets flipped, cut out, repeated, put in, or in another encoding."""
    spoilt = bytearray(data)
    for _ in range(random.choice([1, 1, 2, 5, 20])):
        at = random.randint(0, max(len(spoilt) - 1, 0))
        kind = random.random()
        if kind < 0.3 and spoilt:
            spoilt[at] ^= 1 << random.randint(0, 7)
        elif kind < 0.5:
            spoilt[at : at + random.choice([0, 1, 4])] = random.choice(_CUTS)
        elif kind < 0.65:
            del spoilt[at : at + random.choice([1, 2, 10, 100])]
        elif kind < 0.75:
            spoilt[at:at] = spoilt[at : at + random.choice([1, 10, 200])] * random.choice([1, 2, 50])
        elif kind < 0.9:
            del spoilt[at:]
    return _encoded(random, bytes(spoilt))


def _encoded(random: Random, data: bytes) -> bytes:
    kind = random.random()
    if kind < 0.05:
        return b"\xef\xbb\xbf" + data
    if kind < 0.1:
        encoding = random.choice(["utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7"])
        return data.decode("utf-8", "replace").encode(encoding, "replace")
    return data


def mutate_zip(random: Random, data: bytes) -> bytes:
    """Return a package whose texts, names or octets are mutated."""
    if random.random() < 0.3:
        return mutate_bytes(random, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that stands twice is one of the mutations
        for name, body in files.items():
            if random.random() < 0.03:
                continue
            packed.writestr(_name(random, name), _table(random, body) if random.random() < 0.3 else body)
    return target.getvalue()


def _name(random: Random, name: str) -> str:
    if random.random() > 0.04:
        return name
    return random.choice(
        [f"x/{name}", f"../{name}", name.upper(), "users.csv", canary.WORD, f"{name}\u202e", "\\" + name]
    )


def _table(random: Random, body: bytes) -> bytes:
    """Return a data file with a cell, a row or a column spoilt."""
    rows = [line.split(",") for line in body.decode("utf-8").splitlines()]
    for _ in range(random.choice([1, 1, 2, 4])):
        row = random.choice(rows) if rows else [""]
        at = random.randrange(len(row))
        kind = random.random()
        if kind < 0.5:
            row[at] = random.choice([text(random), f'"{text(random)}"', "", "active", row[random.randrange(len(row))]])
        elif kind < 0.6:
            del row[at]
            row = row or [""]
        elif kind < 0.7:
            row.insert(at, canary.WORD)
        elif kind < 0.8:
            rows.append(list(row))
        elif kind < 0.9:
            rows.remove(row)
        else:
            rows.extend([list(row)] * random.choice([5, 300]))
        rows = [line for line in rows if line] or [[""]]
    return (
        random.choice(["\n", "\r\n", "\r\n", "\r"]).join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")
    )
