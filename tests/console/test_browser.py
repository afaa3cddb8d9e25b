"""The console in a real browser: an auditor follows a story to its proof, an operator decides, both languages.

Chromium is the machine's own (`RAABTA_CHROMIUM`, else the one on the path); without one these tests are skipped. With
`RAABTA_SCREENSHOTS` (a folder) the main pages are photographed there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gateway.ledger.verifier.verify import verify
from gateway.sessions import Role
from tests.console.stage import CANARY, HEALTH, SCHOOL, Stage

CHROMIUM = os.environ.get("RAABTA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
    pytest.mark.timeout(600),
]
PATIENCE = 30_000
"""Milliseconds a page may take."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=4 * PATIENCE)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, stage: Stage) -> Iterator[Any]:
    """Lend what opens a page as somebody with roles, without JavaScript unless it is asked for."""
    contexts = []

    def opened(path: str, *roles: Role, language: str = "en", script: bool = False) -> Page:
        context = browser.new_context(
            locale=language, java_script_enabled=script, base_url=stage.house.url, color_scheme="light",
            viewport={"width": 1280, "height": 860},
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([
            {"name": name, "value": value, "url": stage.house.url} for name, value in stage.cookie(*roles).items()
        ])  # fmt: skip
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def test_an_auditor_follows_a_story_to_its_proof_without_javascript(stage: Stage, visit: Any, tmp_path: Path) -> None:
    page = visit("/console/", Role.AUDITOR)
    page.get_by_label("Reference").fill(stage.sender_ref)
    page.get_by_role("button", name="Search").click()
    page.locator("tbody a").click()
    expect(page.get_by_role("heading", name="Who has it now, and what comes next")).to_be_visible()
    expect(page.get_by_role("img", name="Who sent what to whom")).to_be_visible()
    expect(page.locator(".timeline li").first).to_contain_text("accepted a referral in raabta")
    expect(page.get_by_role("article", name=SCHOOL)).to_contain_text("floor:concern")

    with page.expect_download() as got:
        page.get_by_role("link", name="Download evidence").click()
    got.value.save_as(tmp_path / "evidence.zip")
    key = stage.house.gateway.signer.verifier.text
    assert verify(tmp_path / "evidence.zip", key)[0] == []

    page.get_by_role("article", name=HEALTH).get_by_role("link", name="Source and translation").click()
    line = page.get_by_role("row").filter(has_text="/child/sex").first
    expect(line.locator(".tip")).to_be_hidden()
    line.focus()
    expect(line.locator(".tip")).to_contain_text("child.sex")
    assert CANARY not in page.content()
    page.get_by_label("Show the values").fill("Farzi jaanch ki wajah")
    page.get_by_role("button", name="Show the values").click()
    expect(page.get_by_text(CANARY).first).to_be_visible()


def test_an_operator_sends_a_dead_letter_again(stage: Stage, visit: Any) -> None:
    page = visit("/console/deliveries?state=DEAD", Role.OPERATOR)
    page.locator("tbody a").first.click()
    form = page.locator("form", has=page.get_by_role("heading", name="Send again"))
    form.get_by_label("Reason").fill("Farzi: the school has mended its server")
    form.get_by_role("button").click()

    expect(page.get_by_role("status")).to_have_text("It will be sent again.")
    assert [fields for kind, fields in stage.house.entries(stage.story) if kind == "replayed"]
    assert not any("mended" in fields for _, fields in stage.house.entries())


def test_the_language_is_chosen_once_and_kept(stage: Stage, visit: Any) -> None:
    page = visit(f"/console/referrals/{stage.story}", Role.AUDITOR)
    page.get_by_role("link", name="اردو").click()

    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.get_by_role("heading", name="وقت کی ترتیب")).to_be_visible()
    page.get_by_role("link", name="ادارے", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "ur")
    brand, leave = page.locator(".brand").bounding_box(), page.get_by_role("button").first.bounding_box()
    assert brand["x"] > leave["x"]


def test_the_keyboard_reaches_the_content_first(stage: Stage, visit: Any) -> None:
    page = visit("/console/", Role.AUDITOR)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


PAGES = {
    "referrals": "/console/", "story": "/console/referrals/{story}", "deliveries": "/console/deliveries",
    "delivery": "/console/deliveries/{dead}", "lineage": "/console/deliveries/{sent}/lineage",
    "agencies": "/console/agencies", "agreements": "/console/agreements", "ledger": "/console/ledger",
    "failed": "/console/referrals/nothing",
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ur"])
def test_axe_finds_no_serious_fault_on_any_page(stage: Stage, visit: Any, language: str) -> None:
    places = {"story": stage.story, "dead": stage.delivery(SCHOOL), "sent": stage.delivery(HEALTH)}
    page, found = visit("/console/", *Role, language=language, script=True), {}
    for name, path in PAGES.items():
        page.goto(path.format(**places))
        if name == "lineage":
            page.get_by_role("row").filter(has_text="/child/sex").first.focus()
        violations = Axe().run(page).response["violations"]
        serious = [each["id"] for each in violations if each["impact"] in {"serious", "critical"}]
        if serious:
            found[name] = serious
        if folder := os.environ.get("RAABTA_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{language}.png")
    assert found == {}
