"""The operations page: it stays true while it is open, and one can act on what it shows."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.chromium import Windows
from tests.browser.stage import Stage


def test_what_waits_comes_into_sight_and_is_cancelled(windows: Windows, stage: Stage) -> None:
    page = windows.open("/operations")
    row = page.get_by_role("row").filter(has_text="unwanted")
    cancel = row.get_by_role("button", name="Cancel")
    expect(cancel).to_be_disabled()
    request = stage.ask("unwanted", wait_seconds=0, n=8)
    expect(cancel).to_be_enabled()
    cancel.press("Enter")
    expect(page.get_by_role("heading", name="Cancel 1 waiting request?")).to_be_visible()
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_text("unwanted: 1 waiting request cancelled.")).to_be_visible()
    page.goto(f"/requests/{request['id']}")
    expect(page.get_by_role("list").get_by_text("cancelled")).to_be_visible()


def test_filter_stays_while_the_table_changes(windows: Windows, stage: Stage) -> None:
    page = windows.open("/operations")
    page.get_by_label("Filter").fill("hello")
    with page.expect_response("**/operations/table"):
        pass
    expect(page.get_by_role("row").filter(has_text="hello")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="fibonacci")).to_be_hidden()
