"""Bodies that are meant to do harm, by the door they come to; none of them is a document anybody could mean."""

from __future__ import annotations

import io
import zipfile

TRAP = "http://127.0.0.1:9/trap"
"""What a document would make us fetch, were we to fetch anything; every try to connect is watched."""
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DEEP, MANY = 100_000, 200_000

JSON_BOMBS: dict[str, bytes] = {
    "arrays within arrays": b"[" * DEEP + b"]" * DEEP,
    "objects within objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep inside a member": b'{"child":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "never closed": b"[" * DEEP,
    "a long list": b'{"aliases":[' + b"1," * MANY + b"1]}",
    "many members": b"{" + b",".join(b'"k%d":1' % number for number in range(MANY)) + b"}",
    "the same member again and again": b'{"type":"referral",' + b",".join([b'"child":{}'] * 10_000) + b"}",
    "a number of a million digits": b'{"child":{"age":' + b"9" * 1_000_000 + b"}}",
    "an exponent": b'{"child":{"age":1e999999999}}',
    "a tiny exponent": b'{"child":{"age":1e-999999999}}',
    "a fraction of a million digits": b'{"child":{"age":0.' + b"1" * 1_000_000 + b"}}",
    "infinity": b'{"child":{"age":Infinity}}',
    "minus zero and not a number": b'[-0, NaN]',
    "a long text": b'{"child":{"name":"' + b"a" * 1_000_000 + b'"}}',
    "escapes": b'{"child":{"name":"' + b"\\u0041" * 150_000 + b'"}}',
    "half a pair of surrogates": b'{"child":{"name":"\\ud800"}}',
    "a zero octet": b'{"child":{"name":"\\u0000"}}',
    "another encoding": '{"type":"referral"}'.encode("utf-16"),
    "octets that are no text": b'{"child":{"name":"\xff\xfe"}}',
    "a prototype": b'{"__proto__":{"type":"referral"},"constructor":{"prototype":{}}}',
    "nothing": b"",
    "white space": b" " * 1_000_000,
}  # fmt: skip

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
XML_BOMBS: dict[str, bytes] = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}]><x>&l9;</x>'.encode(),
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><x>{"&a;" * 5_000}</x>'.encode(),
    "entity that reads a file": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    "entity that is fetched": f'<!DOCTYPE x [<!ENTITY f SYSTEM "{TRAP}">]><x>&f;</x>'.encode(),
    "parameter entity": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{TRAP}"> %p;]><x/>'.encode(),
    "document type that is fetched": f'<!DOCTYPE x SYSTEM "{TRAP}"><x/>'.encode(),
    "public document type": f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "{TRAP}"><html/>'.encode(),
    "a document type and no more": b"<!DOCTYPE x><x/>",
    "style sheet": f'<?xml-stylesheet type="text/xsl" href="{TRAP}"?><x/>'.encode(),
    "inclusion": f'<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{TRAP}"/></x>'.encode(),
    "schema location": f'<x xmlns:i="{XSI}" i:schemaLocation="u {TRAP}"/>'.encode(),
    "schema without a name": f'<x xmlns:i="{XSI}" i:noNamespaceSchemaLocation="{TRAP}"/>'.encode(),
    "deep": b"<a>" * DEEP + b"</a>" * DEEP,
    "never closed": b"<a>" * DEEP,
    "many attributes": b"<x " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>",
    "the same attribute twice": b'<x a="1" a="2"/>',
    "many elements": b"<x>" + b"<y/>" * 200_000 + b"</x>",
    "many names": b"<x " + b" ".join(b'xmlns:n%d="urn:%d"' % (n, n) for n in range(20_000)) + b"/>",
    "a long name": b"<" + b"a" * 500_000 + b"/>",
    "a long text": b"<x>" + b"a" * 1_500_000 + b"</x>",
    "a long comment": b"<x><!--" + b"a" * 1_000_000 + b"--></x>",
    "a lie about the encoding": b'<?xml version="1.0" encoding="utf-16"?><x/>',
    "an encoding nobody has": b'<?xml version="1.0" encoding="x-farzi"?><x/>',
    "an encoding that hides a document type": "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>".encode("utf-7"),
    "wide characters": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16"),
    "control characters": b"<x>\x00\x01</x>",
    "nothing": b"",
}  # fmt: skip


def _zipped(*entries: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, body in entries:
            archive.writestr(name, body)
    return target.getvalue()


_MANIFEST = b"propertyName,value\r\nmanifest.version,1.0\r\n"
ZIP_BOMBS: dict[str, bytes] = {
    "forty megabytes in forty kilobytes": _zipped(("manifest.csv", _MANIFEST), ("users.csv", b"0" * 40_000_000)),
    "a bomb within": _zipped(("manifest.csv", _MANIFEST), ("users.zip", _zipped(("a", b"0" * 10_000_000)))),
    "many files": _zipped(*((f"{number}.csv", b"a,b\r\n") for number in range(5_000))),
    "a way out": _zipped(("../../etc/passwd", b"x"), ("manifest.csv", _MANIFEST)),
    "an absolute way out": _zipped(("/etc/passwd", b"x"), ("manifest.csv", _MANIFEST)),
    "another way out": _zipped(("..\\..\\farzi.csv", b"x"), ("manifest.csv", _MANIFEST)),
    "a line of ten megabytes": _zipped(("manifest.csv", _MANIFEST), ("users.csv", b'"' + b"a" * 10_000_000 + b'"')),
    "a quote that never ends": _zipped(("manifest.csv", _MANIFEST + b'"' + b"a" * 1_000_000)),
    "many columns": _zipped(("manifest.csv", b"propertyName,value" + b",x" * 200_000 + b"\r\n")),
    "cut off": _zipped(("manifest.csv", _MANIFEST), ("users.csv", b"sourcedId\r\n"))[:-30],
    "a directory that lies": _zipped(("manifest.csv", _MANIFEST)).replace(b"manifest.csv", b"manifest.csw", 1),
    "no archive": b"PK\x03\x04" + b"\x00" * 100,
    "nothing": b"",
}  # fmt: skip

LINES = [
    "a\r\nSet-Cookie: a=b", "a\nX-Injected: 1", "a\x00b", "a\x85b", "a\u2028b", "a\x1b[2Jb", "a%0d%0aX-Injected:%201",
    '{"level":"critical","event":"forged"}', "${jndi:ldap://127.0.0.1:9/a}", "{{7*7}}", "%s%s%s%n", "../../etc/passwd",
]  # fmt: skip
"""Texts that break a header, a log line, a template or a path where they are put in unescaped."""

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://127.0.0.1:9")', "=cmd|' /C calc'!A0",
]  # fmt: skip
"""Cells a spreadsheet would run."""
