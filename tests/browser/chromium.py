"""Debian's Chromium, without a display: how it is found, opened, looked at and checked."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect, sync_playwright

MISSING = "no Chromium on this machine: apt install chromium, and the pages are tested in it"
WIDE, NARROW = 1280, 360

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_HEIGHT = 900
_TIMEOUT_MS = 20_000


def find_chromium() -> str | None:
    """Return the program, or None where there is none."""
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


@contextmanager
def running_chromium(program: str) -> Iterator[Browser]:
    """Run the browser. Until the end of the block no other event loop can run in this thread."""
    # Root, as in a container, has no sandbox of its own.
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    expect.set_options(timeout=_TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


class Windows:
    """The windows of one test: each a browser of its own, with no cookie of another."""

    def __init__(self, browser: Browser, url: str, pictures: Path) -> None:
        """Open pages of ``url``; put pictures into a folder."""
        self._browser = browser
        self._url = url
        self._pictures = pictures
        self._errors: list[str] = []

    def open(self, path: str = "/", *, width: int = WIDE, is_dark: bool = False) -> Page:
        """Open a window on a path, or on a whole URL."""
        context = self._browser.new_context(
            base_url=self._url,
            viewport={"width": width, "height": _HEIGHT},
            color_scheme="dark" if is_dark else "light",
            reduced_motion="no-preference",
        )
        context.set_default_timeout(_TIMEOUT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self._errors.append(f"{page.url}: {error}"))
        page.goto(path)
        return page

    def picture(self, page: Page, name: str, *, is_whole: bool = True) -> None:
        """Keep what the whole page looks like, or only what is on the screen."""
        page.screenshot(path=self._pictures / f"{name}.png", full_page=is_whole)

    def close(self) -> None:
        """Close all windows; no script of a page may have failed in one."""
        for context in self._browser.contexts:
            context.close()
        assert self._errors == []


LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((WIDE, "light"), (NARROW, "dark"))
"""What each page has to be fit for."""


def dress(page: Page, width: int, scheme: Literal["light", "dark"]) -> None:
    """Show an open page in another width and colour scheme."""
    page.set_viewport_size({"width": width, "height": _HEIGHT})
    page.emulate_media(color_scheme=scheme)


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong with a page: the rule, what is meant, and where."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{rule['id']} ({rule['help']}): {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width
