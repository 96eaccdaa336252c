"""The pages within a frame, as Airflow shows them: another port of the same host, under tokens."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.store import Store
from tests.browser.chromium import Windows
from tests.integration.running import environment, running_web
from tests.servers import StoreServer

COMPUTATIONS = """
from batchwell import computation

@computation()
def doubled(n: int) -> int:
    return 2 * n
"""

# As Airflow 3.3 writes it.
FRAME = (
    '<!doctype html><title>Airflow</title><iframe style="width: 100%; height: 90vh" '
    'sandbox="allow-scripts allow-same-origin allow-forms allow-downloads" src="URL"></iframe>'
)


@dataclass(frozen=True, kw_only=True)
class Framed:
    """A page of another origin that has the operations page in a frame, and a token for that."""

    windows: Windows
    url: str
    secret: str
    port: int


@contextmanager
def serving_frame() -> Iterator[tuple[int, list[str]]]:
    """Serve a page with a frame, of the URL that is put into the list; yields its port too."""
    urls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FRAME.replace("URL", urls[0]).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, urls
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def framed(
    chromium: Browser, server: StoreServer, pictures: Path, tmp_path: Path
) -> Iterator[Framed]:
    """An app of its own, that asks for tokens and takes the page with the frame for Airflow."""
    env, secret = environment(server, tmp_path, COMPUTATIONS), new_secret()
    store = Store(connect(server.url), namespace=env["BATCHWELL_NAMESPACE"])
    store.grant("operator", digest_of(secret), [Scope.ADMIN])
    with serving_frame() as (port, urls):
        env["BATCHWELL_AIRFLOW_URL"] = f"http://127.0.0.1:{port}"
        with running_web(env) as url:
            urls.append(f"{url}/operations")
            windows = Windows(chromium, env["BATCHWELL_AIRFLOW_URL"], pictures)
            yield Framed(windows=windows, url=url, secret=secret, port=port)
            windows.close()


def frame_of(page: Page) -> Frame:
    """Return what is in the page's frame."""
    return page.frames[1]


def test_operator_logs_in_and_acts_within_the_frame(framed: Framed) -> None:
    page = framed.windows.open("/")
    frame = frame_of(page)
    frame.get_by_label("Token").fill(framed.secret)
    frame.get_by_role("button", name="Log in").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Operations")
    frame.get_by_role("link", name="doubled").click()
    frame.get_by_label("N", exact=True).fill("21")
    frame.get_by_role("button", name="Get the value").click()
    frame.get_by_role("navigation").get_by_role("link", name="Operations").click()
    waiting = frame.get_by_role("row", name="doubled").locator("[data-label=waiting]")
    expect(waiting).to_contain_text("1")
    frame.get_by_role("button", name="Cancel").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Cancel 1 waiting request?")
    frame.get_by_role("button", name="Cancel").click()
    expect(frame.get_by_role("status").first).to_have_text("doubled: 1 waiting request cancelled.")
    expect(waiting).to_have_text("0")
    framed.windows.picture(page, "framed")


def test_only_the_origin_of_airflow_may_have_the_frame(framed: Framed) -> None:
    page = framed.windows.open(f"http://localhost:{framed.port}/")
    page.wait_for_load_state("networkidle")
    assert frame_of(page).url.startswith("chrome-error:")
