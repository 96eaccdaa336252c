"""Two people who watch one request see the same, though only one of them asked."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.chromium import NARROW, Windows


def test_both_windows_see_the_bar_move_and_the_value_come(windows: Windows) -> None:
    asking = windows.open("/computations/hello")
    asking.get_by_label("Name").fill("Ada")
    asking.get_by_role("button", name="Get the value").click()
    link = asking.get_by_role("link", name="Follow this request")
    expect(link).to_have_attribute("href", re.compile("/requests/hello-"))
    watching = windows.open(link.get_attribute("href") or "", width=NARROW)
    both = (asking, watching)
    for page in both:
        expect(page.get_by_role("progressbar")).to_have_attribute("value", re.compile("0.[2-9]"))
    windows.picture(watching, "request-under-way")
    for page in both:
        expect(page.get_by_text("Hello, Ada!", exact=True).first).to_be_visible()
    windows.picture(watching, "request-ended")
