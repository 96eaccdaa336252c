"""docs/http-api.md: each command is run, and answered as the page says."""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.settings import Settings
from batchwell.store import Store
from tests.integration.openapi.page_of_calls import Reader, read_page
from tests.integration.running import draining, running_web
from tests.servers import StoreServer
from webapp import create_app
from webapp.openapi.served import served_document
from webapp.problem_kinds import KINDS

CHECKOUT = Path(__file__).parents[3]
PAGE = (CHECKOUT / "docs" / "http-api.md").read_text()


@pytest.fixture
def env(server: StoreServer, tmp_path: Path) -> dict[str, str]:
    """The environment of the web app and of its workers, on the project's own computations."""
    return os.environ | {
        "BATCHWELL_REDIS_URL": server.url,
        "BATCHWELL_NAMESPACE": f"test-{secrets.token_hex(6)}",
        "BATCHWELL_HOME": str(tmp_path / "home"),
    }


@pytest.fixture
def url(env: dict[str, str]) -> Iterator[str]:
    with ExitStack() as running:
        for name in ("fibonacci", "option_price"):
            running.enter_context(draining(env, name))
        yield running.enter_context(running_web(env))


def close(env: dict[str, str], url: str) -> str:
    """Have the app ask for a token from now on; return one."""
    secret = new_secret()
    with connect(env["BATCHWELL_REDIS_URL"]) as client:
        store = Store(client, namespace=env["BATCHWELL_NAMESPACE"])
        store.grant("reader", digest_of(secret), [Scope.READ])
    deadline = time.monotonic() + 30
    while requests.get(f"{url}/api/v1/computations", timeout=10).status_code != 401:
        assert time.monotonic() < deadline, "the app stays open"
        time.sleep(0.1)
    return secret


def test_each_command_is_answered_as_the_page_shows(env: dict[str, str], url: str) -> None:
    reader = Reader(url, env)
    open_part, closed_part = PAGE.split("\n## Tokens and scopes\n")
    for shown in read_page(open_part):
        reader.check(shown)
    reader = Reader(url, env | {"BATCHWELL_TOKEN": close(env, url)})
    for shown in read_page(closed_part):
        reader.check(shown)


def test_the_table_of_errors_lists_all_kinds_of_problem() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(slug, str(kind.status), kind.title) for slug, kind in KINDS.items()]


def test_every_call_is_on_the_page() -> None:
    paths = set(re.findall(r"(?:localhost:8000|`[A-Z]+ )(/[\w/.{}-]+)", PAGE))
    app = create_app(Settings.from_env({}))
    with app.test_request_context():
        document = served_document(app).document
    for template in document["paths"]:
        if "/computations/" in template:
            template = re.sub("/computations/[^/]+", "/computations/[^/]+", template)
        wanted = re.compile(re.sub(r"{\w+}", "[^/]+", template))
        assert any(wanted.fullmatch(path) for path in paths), f"{template} is not on the page"
