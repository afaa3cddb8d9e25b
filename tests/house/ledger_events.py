"""The catalogue of the ledger's events as a document; run as a program, it writes it."""

from pathlib import Path

from gateway.ledger.catalogue import CATALOGUE, Spec
from gateway.ledger.kinds import Kind
from gateway.trace.urdu import SAYS

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "ledger-events.md"
_HEAD = """# Every event of the ledger

Generated from `gateway/ledger/catalogue.py` by `python -m tests.house.ledger_events`; nothing else can be entered. A
field with a question mark may be missing. No kind of field has room for free text.

| kind of field | what it holds |
|---|---|
"""
_KINDS = {
    Kind.ID: "a UUID",
    Kind.LABEL: "a lower-case label from the configuration: agency, mapping, purpose",
    Kind.LABELS: "several labels",
    Kind.SCOPE: "an OAuth scope",
    Kind.SCOPES: "several scopes",
    Kind.ACTOR: "who did it: an agency, the gateway, or a person's pseudonym",
    Kind.CODE: "a capital-letter code from our own lists",
    Kind.DIGEST: "SHA-256 in hexadecimal, keyed or salted where it is of something personal",
    Kind.COUNT: "a number of things, milliseconds, or an HTTP status",
    Kind.INSTANT: "RFC 3339 in UTC",
    Kind.QUERY: "what Tasks were searched with: states, dates, counts, the searcher's own label",
}


def events_document() -> str:
    """Return the document as Markdown."""
    kinds = "".join(f"| {kind.value} | {meaning} |\n" for kind, meaning in _KINDS.items())
    events = "".join(_event(kind.value, spec) for kind, spec in CATALOGUE.items())
    return f"{_HEAD}{kinds}\n| event | told as | in Urdu | fields |\n|---|---|---|---|\n{events}"


def _event(name: str, spec: Spec) -> str:
    fields = ", ".join(f"`{field}` {kind.value}" for field, kind in spec.fields.items())
    return f"| `{name}` | {spec.says} | {SAYS[name]} | {fields} |\n"


if __name__ == "__main__":
    PUBLISHED.write_text(events_document(), encoding="utf-8")
