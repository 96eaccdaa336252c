"""The client when the web app, the store or the network fail it."""

from __future__ import annotations

import json
import re
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.client import (
    ActionTold,
    Client,
    ClientError,
    Denied,
    NotBatchwell,
    TooMany,
    Unavailable,
    Unreachable,
)
from batchwell.connection import connect
from batchwell.errors import SettingsError
from batchwell.store import Store
from tests.integration.client.faulty_peers import CuttingProxy, stranger
from tests.integration.running import draining, running_web
from tests.servers import StoreServer, free_port


@pytest.fixture
def proxy(web_url: str) -> Iterator[CuttingProxy]:
    with CuttingProxy(web_url).running() as proxy:
        yield proxy


@pytest.mark.usefixtures("workers")
def test_submit_whose_answer_was_lost_is_not_done_twice(proxy: CuttingProxy) -> None:
    with Client(proxy.url) as client:
        computed = client.computation("squared").counts.succeeded
        proxy.cuts = 1
        submission = client.submit("squared", {"n": 5000}, max_age=0, wait=10)
        assert submission.result is not None
        assert client.computation("squared").counts.succeeded == computed + 1
    keys = re.findall(rb"Idempotency-Key: (\S+)", b"".join(proxy.asked), re.IGNORECASE)
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_actions_whose_answer_was_lost_are_sent_as_the_same(
    proxy: CuttingProxy, web_env: dict[str, str]
) -> None:
    told: list[ActionTold] = [{"user": "lost", "item": "cat-1", "action": "view"}]
    with Client(proxy.url) as client, connect(web_env["BATCHWELL_REDIS_URL"]) as server:
        proxy.cuts = 1
        assert client.act(told).accepted == 1
        store = Store(server, namespace=web_env["BATCHWELL_NAMESPACE"])
        kept = store.gather_actions("test", count=1000, live_seconds=1).actions
    ids = [action.id for action in kept if action.user == "lost"]
    assert len(ids) == 2, "the database knows by the id that it is one"
    assert len(set(ids)) == 1


def test_invalidate_whose_answer_was_lost_is_told(proxy: CuttingProxy) -> None:
    with Client(proxy.url) as client:
        before = client.computation("narrow").counts.generation
        proxy.cuts = 1
        with pytest.raises(Unreachable):
            client.invalidate("narrow")
        assert client.computation("narrow").counts.generation == before + 1


def test_read_whose_answer_is_lost_again_and_again_is_told_in_time(proxy: CuttingProxy) -> None:
    proxy.cuts = 100
    began = time.monotonic()
    with Client(proxy.url, retry_seconds=1) as client, pytest.raises(Unreachable):
        client.computations()
    assert 0.5 < time.monotonic() - began < 5
    assert 97 <= proxy.cuts <= 98


def test_nobody_there_is_told_at_once() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    began = time.monotonic()
    with Client(url, token="s3cret") as client, pytest.raises(Unreachable) as unreachable:
        client.computations()
    assert time.monotonic() - began < 2
    told = str(unreachable.value)
    assert told.startswith(f"no answer from the web app at {url} (")
    assert "scripts/up" in told
    assert "\n" not in told
    assert "s3cret" not in told


def test_web_app_that_does_not_answer_is_told_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with (
            Client(url, timeout_seconds=0.3, retry_seconds=0) as client,
            pytest.raises(Unreachable, match="no answer in time"),
        ):
            client.computations()


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (200, b"<html>", {"Content-Type": "text/html"}, NotBatchwell),
        (200, b'{"computations": 5}', {"Content-Type": "application/json"}, NotBatchwell),
        (200, b'{"computations": [{}]}', {"Content-Type": "application/json"}, NotBatchwell),
        (200, b"[]", {"Content-Type": "application/json"}, NotBatchwell),
        (200, b"\xff", {"Content-Type": "application/json"}, NotBatchwell),
        (200, b"[" * 100_000, {"Content-Type": "application/json"}, NotBatchwell),
        (404, b"no", {"Content-Type": "text/plain"}, NotBatchwell),
        (404, b"x", {"Content-Type": "application/problem+json"}, NotBatchwell),
        (404, b"[]", {"Content-Type": "application/problem+json"}, NotBatchwell),
        (302, b"", {"Location": "http://127.0.0.1:9/"}, NotBatchwell),
        (401, b"", {}, Denied),
        (403, b"no", {"Content-Type": "text/plain"}, Denied),
        (429, b"", {"Retry-After": "Tue, 24 Nov 2026 12:00:00 GMT"}, TooMany),
        (502, b"<html>", {"Content-Type": "text/html"}, Unavailable),
        (503, b"", {"Retry-After": "9"}, Unavailable),
        (200, b"no gzip", {"Content-Encoding": "gzip"}, Unreachable),
    ],
)
def test_answers_of_strangers_are_told_as_such(
    status: int, body: bytes, headers: Mapping[str, str], expected: type[ClientError]
) -> None:
    with stranger(status, body, headers) as url, Client(url, retry_seconds=0.1) as client:
        with pytest.raises(expected) as told:
            client.computations()
        assert url in str(told.value)
        assert "\n" not in str(told.value)


def test_members_that_are_new_do_no_harm() -> None:
    counts = dict.fromkeys(
        ["pending", "running", "results", "workers", "succeeded", "failed", "generation",
         "dead_letters", "of_a_later_version"], 1,
    )  # fmt: skip
    entry = dict.fromkeys(["name", "title", "description", "later"], "x")
    document = {**entry, "parameters": {}, "result": {}, "policy": {}, "counts": counts}
    body = json.dumps({"computations": [document], "later": 1}).encode()
    with stranger(200, body) as url, Client(url) as client:
        (told,) = client.computations()
    assert told.counts.pending == 1
    assert told.document == document


@pytest.mark.parametrize(
    ("url", "token"),
    [("127.0.0.1:8000", ""), ("ftp://x", ""), ("http://", ""), ("http://[::1", ""),
     ("http://x:y", ""), ("http://a\n", ""), ("http://u:s3@x", ""),
     ("http://127.0.0.1:1", "two words"), ("http://127.0.0.1:1", "ü")],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_refused(url: str, token: str) -> None:
    with pytest.raises(SettingsError, match=r"^BATCHWELL_(URL|TOKEN) must ") as refusal:
        Client(url, token=token)
    assert "s3" not in str(refusal.value)


def test_settings_come_from_the_environment(web_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHWELL_URL", f"{web_url}/")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Client() as client:
        assert client.computation("idle").name == "idle"


def test_full_queue_is_waited_for(web_url: str) -> None:
    with Client(web_url) as client:
        waiting = [client.submit("narrow", {"n": n}).request for n in (10, 11)]
        ids = [request.id for request in waiting if request]
        assert len(ids) == 2
        making_room = threading.Timer(0.5, lambda: client.cancel(ids[0]))
        making_room.start()
        accepted = client.submit("narrow", {"n": 12}).request
        assert accepted is not None
        for request_id in (ids[1], accepted.id):
            client.cancel(request_id)
        making_room.join()


def test_store_and_web_app_that_go_away_are_ridden_out(
    web_env: dict[str, str], own_server: StoreServer
) -> None:
    env = {**web_env, "BATCHWELL_REDIS_URL": own_server.url}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ThreadPoolExecutor() as aside, Client(url) as client:
        with running_web(env, port=port):
            request = client.submit("idle", {"n": 1}).request
            assert request is not None
            following = client.follow(request.id)
            assert next(following).status == "pending"
            followed = aside.submit(list, following)
            own_server.kill()
            with pytest.raises(Unavailable), Client(url, retry_seconds=0) as hasty:
                hasty.request(request.id)
            read = aside.submit(client.request, request.id)
            time.sleep(0.5)
            own_server.start()
            assert read.result(timeout=30).status == "pending"
        time.sleep(0.5)  # nobody listens meanwhile
        with running_web(env, port=port), draining(env, "idle"):
            assert followed.result(timeout=60)[-1].status == "succeeded"


@pytest.mark.usefixtures("workers")
def test_request_is_followed_by_asking_where_there_is_no_place_for_streams(
    web_env: dict[str, str],
) -> None:
    with running_web({**web_env, "BATCHWELL_WAITERS": "0"}) as url, Client(url) as client:
        request = client.submit("walk", {"steps": 4, "pause": 0.5}).request
        assert request is not None
        seen = list(client.follow(request.id, timeout=60))
    assert seen[-1].status == "succeeded"
    assert len(seen) >= 2


def test_tokens_allow_what_their_scopes_say(web_env: dict[str, str], server: StoreServer) -> None:
    namespace = f"test-{secrets.token_hex(6)}"
    tokens = {scope: new_secret() for scope in (Scope.READ, Scope.SUBMIT)}
    with connect(server.url) as connection:
        store = Store(connection, namespace=namespace)
        for scope, secret in tokens.items():
            store.grant(scope.value, digest_of(secret), [scope], lifetime=None)
    with running_web({**web_env, "BATCHWELL_NAMESPACE": namespace}) as url:
        for token, kind in (("", "not-authenticated"), ("bw_wrong", "not-authenticated")):
            with Client(url, token=token) as client, pytest.raises(Denied) as denied:
                client.computations()
            assert (denied.value.kind, denied.value.status) == (kind, 401)
        with Client(url, token=tokens[Scope.READ]) as client:
            assert client.computations()
            with pytest.raises(Denied) as denied:
                client.submit("idle", {"n": 1})
            assert (denied.value.kind, denied.value.status) == ("insufficient-scope", 403)
        with Client(url, token=tokens[Scope.SUBMIT]) as client:
            assert client.submit("idle", {"n": 1}).request
