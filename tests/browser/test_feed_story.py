"""The article's own story, on the whole system: like whales, scroll on, and more whales come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from simulation.site import Site
from simulation.visitors import Visitors
from simulation.world import World
from tests.acceptance.running_system import RunningSystem, wait_for
from tests.browser.chromium import Windows

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

MODEL_MS = 90_000
FIRST = 20
ITEMS = "() => [...document.querySelectorAll('article[data-item]')].map((one) => one.dataset.item)"


@pytest.fixture
def windows(chromium: Browser, system: RunningSystem, pictures: Path) -> Iterator[Windows]:
    """Windows on the web app of the whole system."""
    opened = Windows(chromium, system.web, pictures)
    yield opened
    opened.close()


def test_three_liked_whales_bring_more_whales_with_no_reload(
    windows: Windows, system: RunningSystem
) -> None:
    with closing(Site(system.web, "")) as site:
        others = Visitors(World.of(site.items(), 500, seed=1), site, seed=1)
        others.remember(10_000)
        wait_for("model", lambda: system.get(f"{MODEL}/result").ok, MODEL_MS / 1000)
        page = windows.open("/feed?user=ishmael")
        page.evaluate("window.wasNeverLoadedAgain = true")
        expect(page.locator("[data-is=kind]")).to_have_text("popular", timeout=MODEL_MS)
        before = whales(page.evaluate(ITEMS)[:FIRST])
        like_whales(page, 3)
        expect(page.locator("[data-is=actions]")).to_be_hidden()  # all is sent

        others.visit(rate=300, seconds=4)
        expect(page.locator("[data-is=kind]")).to_have_text("personal", timeout=MODEL_MS)
    expect(page.locator("[data-note]")).to_contain_text("New model")
    seen = page.locator("article[data-reached]").count()
    items = scrolled(page, seen + FIRST)
    windows.picture(page, "feed-story", is_whole=False)
    assert page.evaluate("window.wasNeverLoadedAgain")
    assert whales(items[seen : seen + FIRST]) >= max(0.4, 2 * before)

    again = windows.open("/feed?user=ishmael")
    expect(again.locator("[data-is=kind]")).to_have_text("personal")
    assert whales(again.evaluate(ITEMS)[:FIRST]) >= max(0.4, 2 * before)
    windows.picture(again, "feed-story-next-visit", is_whole=False)


MODEL = "/api/v1/computations/feed_model"


def like_whales(page: Page, count: int) -> None:
    """Scroll until there are so many whales, and like them by double clicks."""
    found = page.locator("article[data-item^=whale]")
    while found.count() < count:
        scrolled(page, page.locator("article[data-item]").count() + 1)
    for place in range(count):
        found.nth(place).locator("img").dblclick()
        expect(found.nth(place).get_by_role("button")).to_have_attribute("aria-pressed", "true")


def scrolled(page: Page, count: int) -> Sequence[str]:
    """Scroll down until there are so many pictures; return all."""
    pictures = page.locator("article[data-item]")
    while pictures.count() < count:
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(100)
    items: list[str] = page.evaluate(ITEMS)
    return items


def whales(items: Sequence[str]) -> float:
    return sum(item.startswith("whale-") for item in items) / len(items)
