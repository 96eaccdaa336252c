"""The article's story, in a browser: a number goes in, the bar moves, the value comes."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.chromium import Windows


def test_number_goes_in_by_the_keyboard_the_bar_moves_and_the_value_comes(windows: Windows) -> None:
    page = windows.open("/computations/fibonacci")
    page.get_by_label("Index").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("37")
    page.keyboard.press("Enter")
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("value", re.compile("0.[3-9]"))
    windows.picture(page, "fibonacci-under-way")
    expect(page.locator(".scalar", has_text="24157817")).to_be_visible()
    expect(bar).to_be_hidden()
    windows.picture(page, "fibonacci-known")
