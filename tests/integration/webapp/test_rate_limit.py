"""How much one caller may ask, and how he is told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.clusters import StoreCluster
from tests.integration.webapp.conftest import AppMaker
from tests.servers import StoreServer

READ = "/api/v1/computations"


@pytest.fixture
def client(make_app: AppMaker, server: StoreServer) -> FlaskClient:
    return make_app(server, BATCHWELL_RATE_LIMIT="3/minute").test_client()


def ask(client: FlaskClient, secret: str = "", peer: str = "127.0.0.1") -> TestResponse:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return client.get(READ, headers=headers, environ_overrides={"REMOTE_ADDR": peer})


def left(answer: TestResponse) -> int:
    assert answer.headers["RateLimit-Policy"] == '"default";q=3;w=60'
    found = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert found
    assert 1 <= int(found[2]) <= 61
    return int(found[1])


def test_each_answer_tells_what_is_left_until_nothing_is(client: FlaskClient) -> None:
    assert [left(ask(client)) for _ in range(3)] == [2, 1, 0]
    refused = ask(client)
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert refused.get_json()["type"] == "/problems/rate-limited"
    assert refused.get_json()["detail"] == "One address may call 3 times a minute."
    assert left(refused) == 0
    assert 1 <= int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["X-Content-Type-Options"] == "nosniff"


def test_each_address_is_counted_by_itself(client: FlaskClient) -> None:
    for _ in range(3):
        ask(client)
    assert ask(client).status_code == 429
    assert ask(client, peer="127.0.0.2").status_code == 200


def test_each_token_is_counted_by_itself_wherever_it_comes_from(
    client: FlaskClient, grant: Callable[..., str]
) -> None:
    one, other = grant("one"), grant("other")
    for number in range(3):
        assert ask(client, one, f"192.0.2.{number}").status_code == 200
    refused = ask(client, one, "192.0.2.9")
    assert refused.status_code == 429
    assert "The token one may call" in refused.get_json()["detail"]
    assert ask(client, other).status_code == 200


def test_strangers_and_probes_use_nothing_up(
    client: FlaskClient, grant: Callable[..., str]
) -> None:
    secret = grant("one")
    for _ in range(4):
        assert ask(client).status_code == 401
        for path in ("/healthz", "/readyz", "/login"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert "RateLimit" not in answer.headers
    assert left(ask(client, secret)) == 2


def test_processes_count_together(make_app: AppMaker, server: StoreServer) -> None:
    first, second = (
        make_app(server, BATCHWELL_RATE_LIMIT="3/minute").test_client() for _ in range(2)
    )
    assert [left(ask(each)) for each in (first, second, first)] == [2, 1, 0]
    assert ask(second).status_code == 429


def test_call_is_served_again_after_the_time(make_app: AppMaker, server: StoreServer) -> None:
    client = make_app(server, BATCHWELL_RATE_LIMIT="1/second").test_client()
    assert ask(client).status_code == 200
    deadline = time.monotonic() + 10
    while ask(client).status_code == 429:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_limit_that_cannot_be_counted_lets_nobody_by(
    make_app: AppMaker, own_server: StoreServer
) -> None:
    client = make_app(own_server, BATCHWELL_RATE_LIMIT="3/minute").test_client()
    assert ask(client).status_code == 200
    own_server.kill()
    answer = ask(client)
    assert answer.status_code == 503
    assert answer.get_json()["type"] == "/problems/store-unavailable"
    assert client.get("/healthz").status_code == 200


def test_app_without_a_limit_says_nothing_of_it(make_app: AppMaker, server: StoreServer) -> None:
    answer = ask(make_app(server).test_client())
    assert "RateLimit" not in answer.headers
    assert "RateLimit-Policy" not in answer.headers


def test_cluster_counts_each_caller_on_the_node_of_its_slot(
    make_app: AppMaker, store_cluster: StoreCluster
) -> None:
    app = make_app(store_cluster, BATCHWELL_RATE_LIMIT="3/minute")
    client = app.test_client()
    for number in range(8):
        peer = f"127.0.0.{number}"
        assert [left(ask(client, peer=peer)) for _ in range(3)] == [2, 1, 0]
        assert ask(client, peer=peer).status_code == 429
