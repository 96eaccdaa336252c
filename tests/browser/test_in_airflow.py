"""Batchwell within Airflow's own pages: its entry, and the way from a task to its requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.store import Store
from tests.acceptance.running_system import RunningSystem
from tests.browser.chromium import Windows

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]


@pytest.fixture
def windows(chromium: Browser, system: RunningSystem, pictures: Path) -> Iterator[Windows]:
    """Windows on Airflow, which lets in whoever comes as its administrator."""
    opened = Windows(chromium, system.airflow, pictures)
    yield opened
    opened.close()


@pytest.fixture
def secret(system: RunningSystem) -> Iterator[str]:
    """The secret of a token, without which the web app shows nothing; there is a fresh value."""
    system.finished(system.submit("fibonacci", {"n": 24}).headers["Location"])
    secret = new_secret()
    with connect((system.home / "redis.url").read_text().strip()) as client:
        store = Store(client)
        store.grant("operator", digest_of(secret), [Scope.ADMIN])
        yield secret
        store.revoke("operator")


def enter(page: Page) -> FrameLocator:
    """Press the entry in Airflow's navigation; return the frame that it opens."""
    page.get_by_role("link", name="Batchwell").click()
    return page.frame_locator("iframe[title=Batchwell]")


def test_entry_shows_the_operations_page_within_airflow(windows: Windows) -> None:
    page = windows.open("/")
    frame = enter(page)
    expect(frame.get_by_role("heading", name="Operations")).to_be_visible()
    expect(frame.get_by_role("row").filter(has_text="fibonacci")).to_be_visible()
    expect(frame.get_by_role("link", name="Airflow", exact=True)).to_be_hidden()
    windows.picture(page, "airflow-operations")


def test_task_leads_to_the_batches_and_requests_of_its_run(
    windows: Windows, system: RunningSystem
) -> None:
    answer = system.submit("fibonacci", {"n": 23})
    document = system.finished(answer.headers["Location"])
    page = windows.open(f"{document['run']['url']}/tasks/drain/details")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Requests and batches").click()
    run = opened.value
    expect(run.get_by_role("heading", name="What a run computed")).to_be_visible()
    run.get_by_role("link", name=document["id"].rpartition("-")[2]).click()
    expect(run).to_have_url(f"{system.web}/requests/{document['id']}")
    expect(run.get_by_text("28657", exact=True)).to_be_visible()


def test_who_logs_in_within_the_frame_can_act_there(
    windows: Windows, system: RunningSystem, secret: str
) -> None:
    page = windows.open("/")
    frame = enter(page)
    frame.get_by_label("Token").fill(secret)
    frame.get_by_role("button", name="Log in").click()
    row = frame.get_by_role("row").filter(has_text="fibonacci")
    row.get_by_role("button", name="Invalidate").click()
    expect(frame.get_by_role("heading", name="Invalidate")).to_be_visible()
    frame.get_by_role("button", name="Invalidate").click()
    expect(frame.get_by_text("fibonacci: every known value is stale now.")).to_be_visible()


def test_frame_stays_empty_where_airflow_is_of_another_origin(
    windows: Windows, system: RunningSystem
) -> None:
    page = windows.open(system.airflow.replace("127.0.0.1", "localhost"))
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.get_by_role("link", name="Batchwell").click()
