"""An account as one HTML file: no script, nothing loaded, every value escaped and set apart from its surroundings.

The page forbids itself everything but its own style sheet (a digest in its Content-Security-Policy), so that even a
value that slipped through unescaped could do nothing. On a narrow screen every row becomes a card.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

from gateway.accounts import words
from gateway.accounts.rows import Account, LeftBehind, Ours, Place, Source, Written
from gateway.accounts.words import Words
from mappings.engine.findings import Finding


def page(accounts: Sequence[Account], findings: Iterable[Finding] = (), *, values: bool = True) -> str:
    """Return the page.

    Args:
        accounts: one for each document; none where the translation was refused.
        findings: why it was refused.
        values: show the values too, not only their places.
    """
    style = resources.files("gateway.accounts").joinpath("page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    refused = _told(words.REFUSED) + _findings(findings) if not accounts else ""
    body = "".join(_account(account, values=values) for account in accounts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{words.TITLE.english}</title><style>{style}</style></head>"
        f"<body><h1>{_both(words.TITLE)}</h1>{refused}{body}</body></html>\n"
    )


def _both(said: Words) -> str:
    return f'{escape(said.english)} <span lang="ur" dir="rtl">{escape(said.urdu)}</span>'


def _told(said: Words) -> str:
    return f'<p class="alarm">{_both(said)}</p>'


def _account(account: Account, *, values: bool) -> str:
    head = f"<h2>{_value(account.source or '?')} → {_value(account.target)}</h2>"
    incomplete = "" if account.complete else _told(words.INCOMPLETE)
    rows = "".join(_written(row, values=values) for row in account.written)
    written = _table(words.WRITTEN, (words.SOURCE, words.OURS, words.RULE, words.TARGET), rows)
    rest = "".join(_left_behind(row, values=values) for row in account.left_behind)
    left = _table(words.LEFT, (words.SOURCE, words.OURS, words.FATE), rest) if rest else ""
    return f"<section>{head}{incomplete}{written}{left}{_findings(account.findings)}{_conditional(account)}</section>"


def _table(title: Words, columns: Iterable[Words], rows: str) -> str:
    heads = "".join(f'<th scope="col">{_both(column)}</th>' for column in columns)
    return f"<h3>{_both(title)}</h3><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(column: Words, content: str) -> str:
    return f'<td data-column="{escape(column.english)}">{content}</td>'


def _written(row: Written, *, values: bool) -> str:
    name = " ".join(part for part in (row.rule, row.converter) if part)
    rule = f'<span class="rule">{escape(name)}</span> <span class="{escape(row.outcome)}">{escape(row.outcome)}</span>'
    cells = (
        _cell(words.SOURCE, _sources(row, values=values)),
        _cell(words.OURS, "".join(_ours(ours, values=values) for ours in row.ours)),
        _cell(words.RULE, rule),
        _cell(words.TARGET, _place(row.place, values=values)),
    )
    return f"<tr>{''.join(cells)}</tr>"


def _sources(row: Written, *, values: bool) -> str:
    if not row.ours:
        return f"<p>{_both(words.CONSTANT)}</p>" if row.outcome == "constant" else f"<p>{escape(row.outcome)}</p>"
    return "".join(
        "".join(_source(source, values=values) for source in ours.sources) or f"<p>{_both(words.GIVEN)}</p>"
        for ours in row.ours
    )


def _source(source: Source, *, values: bool) -> str:
    by = f'<span class="rule">{escape(f"{source.rule} {source.converter}".strip())}</span>'
    return f"{_place(source.place, values=values) if source.place.path else ''}{by}"


def _place(place: Place, *, values: bool) -> str:
    value = _value(place.value) if values and place.value else ""
    return f"<p><code>{escape(place.path)}</code> {value}</p>"


def _ours(ours: Ours, *, values: bool) -> str:
    value = _value(ours.value) if values and ours.value else ""
    label = f'<span class="label">{escape(ours.label)}</span>' if ours.label else ""
    return f"<p><code>{escape(ours.path)}</code> {value} {label}</p>"


def _value(text: str) -> str:
    return f'<bdi dir="auto">{escape(text)}</bdi>'


def _left_behind(row: LeftBehind, *, values: bool) -> str:
    reason = f"<p>{escape(row.reason)}</p>" if row.reason else ""
    fate = f'<span class="{escape(row.fate.value)}">{_both(words.FATES[row.fate.value])}</span>{reason}'
    cells = (
        _cell(words.SOURCE, "".join(_place(place, values=values) for place in row.places if place.path)),
        _cell(words.OURS, _ours(row.ours, values=values) if row.ours else ""),
        _cell(words.FATE, fate),
    )
    return f"<tr>{''.join(cells)}</tr>"


def _findings(findings: Iterable[Finding]) -> str:
    items = "".join(
        f"<li><code>{escape(f.code)}</code> <code>{escape(f.path)}</code> {_both(Words(f.message, f.message_ur))}</li>"
        for f in findings
    )
    return f"<h3>{_both(words.FINDINGS)}</h3><ul>{items}</ul>" if items else ""


def _conditional(account: Account) -> str:
    items = "".join(f"<li><code>{escape(c.path)}</code> {escape(c.label)}</li>" for c in account.conditional)
    return f"<h3>{_both(words.CONDITIONAL)}</h3><ul>{items}</ul>" if items else ""
