"""A computation that fails: the error is seen where one looks, and replayed once it is mended."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.chromium import Windows
from tests.browser.stage import Stage


def test_failure_is_seen_mended_and_replayed(windows: Windows, stage: Stage) -> None:
    page = windows.open("/computations/measured")
    page.get_by_label("N", exact=True).fill("3")
    page.get_by_role("button", name="Get the value").click()
    error = page.get_by_text("instrument 3 does not answer").first
    expect(error).to_be_visible()
    windows.picture(page, "computation-failed")

    page.goto("/operations")
    row = page.get_by_role("row", name="measured")
    expect(row.locator("[data-label=failed]")).to_have_text("1")
    windows.picture(page, "operations-failed")

    stage.mended.touch()
    page.goto("/operations")
    row.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("measured: 1 failed request replayed.")).to_be_visible()
    expect(row.locator("[data-label=failed]")).to_have_text("0")
    page.request.post(  # attaches to the replayed one, and waits for it
        "/api/v1/computations/measured/requests",
        data={"params": {"n": 3}},
        headers={"Prefer": "wait=20"},
    )
    page.goto("/computations/measured?n=3")
    expect(page.get_by_text("mean", exact=True).first).to_be_visible()
    windows.picture(page, "computation-mended")
