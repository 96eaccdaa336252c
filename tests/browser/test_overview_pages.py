"""The pages that show how everything is: true while they stay open, and steady."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.chromium import Windows
from tests.browser.stage import Stage


def places(page: Page) -> object:
    """Return where each card stands."""
    return page.evaluate(
        "() => [...document.querySelectorAll('[data-computation]')].map("
        "(card) => JSON.stringify(card.getBoundingClientRect()))"
    )


def test_first_page_stays_true_and_nothing_on_it_moves(windows: Windows, stage: Stage) -> None:
    page = windows.open("/")
    card = page.locator("[data-computation=fibonacci]")
    before = places(page)
    stage.ask("fibonacci", n=23)
    expect(card.locator("[data-is=latest]")).to_contain_text("28657")
    expect(card.locator("[data-is=sparkText]")).to_contain_text("in the last hour, peak")
    expect(card.locator("[data-is=fresh]")).not_to_have_text("0")
    expect(card.locator("path")).to_have_attribute("d", re.compile("v-20"))
    assert places(page) == before
    windows.picture(page, "home")


def test_charts_come_when_they_are_near_and_can_be_of_a_week(
    windows: Windows, stage: Stage
) -> None:
    stage.ask("fibonacci", n=24)
    page = windows.open("/computations/fibonacci")
    section = page.locator("[data-history]")
    section.scroll_into_view_if_needed()
    expect(section.locator("canvas")).to_have_count(4)
    expect(section.get_by_text("Throughput, requests a minute")).to_be_visible()
    section.get_by_role("link", name="7 days").press("Enter")
    expect(section.get_by_text("Throughput, requests an hour")).to_be_visible()
    expect(section.get_by_role("link", name="7 days")).to_be_focused()
    expect(section.locator("canvas")).to_have_count(4)
    section.get_by_text("The same as a table").click()
    expect(section.get_by_role("columnheader", name="Submitted")).to_be_visible()
    windows.picture(page, "charts")
