"""An account for people: nothing in it can run, steer a terminal or leave its place."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from gateway.accounts import terminal
from gateway.accounts.page import page
from gateway.accounts.rows import Account, Fate, LeftBehind, Ours, Place, Source, Written
from mappings.engine.findings import Finding
from mappings.engine.lineage import Withheld
from tests.accounts.test_rows import translated

EVIL = '</bdi></style><script>alert(1)</script><img src=x onerror="x"> \x1b[31m \u202efiz'


def evil() -> Account:
    place = Place(f"/child/{EVIL}", EVIL)
    ours = Ours("child.name", EVIL, "identity", (Source(place, "R01", "text", "carried"),))
    return Account(
        "school_sis/enrolment", "raabta/record", False,
        (Written(place, "R01", "text", "carried", (ours,)),),
        (LeftBehind(Fate.LEFTOVER, EVIL, None, (place,)), LeftBehind(Fate.WITHHELD, "identity, floor", ours, (place,))),
        (Finding("UNKNOWN_CODE", EVIL),), (Withheld(EVIL, EVIL, "needs-an-agreement"),),
    )  # fmt: skip


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("values", [True, False])
def test_a_page_holds_no_script_no_link_and_no_style_of_an_element(values: bool) -> None:
    tags = Tags(page([evil()], values=values))

    assert tags.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "section", "table", "thead", "tbody", "tr",
        "th", "td", "p", "span", "code", "bdi", "ul", "li",
    }  # fmt: skip
    assert tags.attributes <= {
        "lang",
        "charset",
        "content",
        "http-equiv",
        "name",
        "class",
        "dir",
        "scope",
        "data-column",
    }
    assert tags.open == []


def test_a_page_allows_itself_its_own_style_sheet_and_nothing_else() -> None:
    text = page([evil()])
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert style
    assert policy
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()

    assert policy.group(1) == f"default-src 'none'; style-src 'sha256-{digest}'"
    assert "url(" not in style.group(1)
    assert "@import" not in style.group(1)


def test_a_page_shows_both_sides_of_a_real_translation() -> None:
    text = page([translated("health_fhir", "referral.json", "police_fir").account])

    assert "health_fhir/referral" in text
    assert "39999-0000001-2" in text
    assert "/PersonNationalID[1]" in text
    assert 'lang="ur" dir="rtl"' in text
    assert "width=device-width" in text


def test_a_page_without_values_holds_none() -> None:
    dry = translated("health_fhir", "referral.json", "police_fir")
    text = page([dry.account], values=False)

    assert "39999" not in text
    assert "Misali" not in text
    assert "child.identifiers[0].value" in text


def test_a_refused_translation_has_a_page_that_says_why() -> None:
    text = page((), [Finding("MISSING_REQUIRED", "/student/name", ours="child.name")])

    assert "MISSING_REQUIRED" in text
    assert "ایک لازمی قدر موجود نہیں" in text


def printed(account: Account, *, values: bool = True) -> str:
    stream = io.StringIO()
    terminal.show(account, Console(file=stream, width=200), values=values)
    return stream.getvalue()


def test_a_terminal_is_not_steered_by_a_value() -> None:
    text = printed(evil())

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "<U+001B>" in text


def test_joiners_of_urdu_words_stay_in_a_terminal() -> None:
    assert terminal.plain("می\u200cخواہ") == "می\u200cخواہ"


def test_a_terminal_shows_where_values_came_from_and_what_was_left_behind() -> None:
    text = printed(evil())

    assert "school_sis/enrolment" in text
    assert "Not complete" in text
    assert "R01" in text
    assert "withheld: identity, floor" in text
    assert "needs-an-agreement" in text


def test_a_terminal_without_values_shows_none() -> None:
    text = printed(translated("health_fhir", "referral.json", "police_fir").account, values=False)

    assert "39999-0000001-2" not in text
    assert "child.identifiers" in text
