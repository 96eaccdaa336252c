"""Server-sent events: the state first, then each change, once; resumed where they broke off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from werkzeug.test import TestResponse

from batchwell import follower
from batchwell.store import Origin
from batchwell.work_records import Batch
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer
from tests.stored import set_request_field
from webapp.api import events as events_module


@dataclass(frozen=True)
class Event:
    """An event, read as a browser reads it; a comment has no name."""

    name: str
    id: str
    document: Any


class Stream:
    """An answer that is read part by part."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self._parts = answer.iter_encoded()

    def part(self) -> str:
        return next(self._parts).decode()

    def next(self) -> Event:
        """Return the next event, passing over what is none."""
        while True:
            fields = dict(line.split(": ", 1) for line in self.part().splitlines() if ": " in line)
            if "data" in fields:
                return Event(fields["event"], fields["id"], json.loads(fields["data"]))

    def until(self, fits: Callable[[Event], bool]) -> Event:
        """Return the first event that fits."""
        while not fits(event := self.next()):
            pass
        return event

    def rest(self) -> list[str]:
        return [part.decode() for part in self._parts]


@contextmanager
def streaming(driver: Driver, request_id: str, seen: str = "") -> Iterator[Stream]:
    headers = {"Last-Event-ID": seen} if seen else {}
    answer = driver.client.get(f"{API}/requests/{request_id}/events", headers=headers)
    assert answer.status_code == 200, answer.text
    try:
        yield Stream(answer)
    finally:
        answer.close()


def submitted(driver: Driver, n: int = 3, name: str = "echo") -> str:
    request_id: str = driver.submit(name, {"n": n}).get_json()["id"]
    return request_id


def claimed(driver: Driver, name: str = "echo", count: int = 10) -> Batch:
    return driver.store.claim(
        driver.computation(name), "worker", count=count, lease_seconds=30, origin=Origin()
    )


def complete(driver: Driver, batch: Batch) -> None:
    driver.store.complete(
        driver.computation("echo"),
        [(claim, '"xxx"', 0.1) for claim in batch.claims],
        generation=batch.generation,
        batch_size=1,
        origin=Origin(),
    )


def test_request_is_followed_from_waiting_to_its_value(driver: Driver) -> None:
    request_id = submitted(driver)
    echo = driver.computation("echo")
    with streaming(driver, request_id) as stream:
        assert stream.part() == "retry: 2000\n\n"
        first = stream.next()
        assert (first.name, first.document["status"]) == ("status", "pending")
        assert first.document == driver.status(request_id)
        batch = claimed(driver)
        second = stream.until(lambda event: event.document["status"] == "running")
        assert second.name == "status"
        driver.store.report(echo, batch.claims, 0.5, "half")
        third = stream.next()
        assert (third.name, third.document["progress"]["fraction"]) == ("progress", 0.5)
        complete(driver, batch)
        last = stream.next()
        assert (last.name, last.document["result"]["value"]) == ("end", "xxx")
        assert stream.rest() == []


def test_stream_is_for_no_cache_and_no_proxy_to_keep(driver: Driver) -> None:
    request_id = submitted(driver)
    with streaming(driver, request_id) as stream:
        headers = stream.answer.headers
        assert headers["Content-Type"] == "text/event-stream"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Accel-Buffering"] == "no"
        assert "Content-Encoding" not in headers
    head = driver.client.head(f"{API}/requests/{request_id}/events")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Type"] == "text/event-stream"


def test_reader_who_comes_back_is_sent_what_differs_from_what_he_has_seen(driver: Driver) -> None:
    request_id = submitted(driver)
    with streaming(driver, request_id) as stream:
        seen = stream.next().id
    with streaming(driver, request_id, seen) as stream:
        batch = claimed(driver)
        event = stream.next()
        assert event.document["status"] == "running", "the same state is not sent again"
    complete(driver, batch)
    with streaming(driver, request_id, event.id) as stream:
        end = stream.next()
        assert (end.name, stream.rest()) == ("end", [])
    path = f"{API}/requests/{request_id}/events"
    answer = driver.get(path, **{"Last-Event-ID": end.id})
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("seen", ["nonsense", "running-00000000", "\x00\xff", "x" * 2000])
def test_unknown_last_event_id_is_one_that_differs(driver: Driver, seen: str) -> None:
    with streaming(driver, submitted(driver), seen) as stream:
        assert stream.next().document["status"] == "pending"


def test_ended_request_is_one_event(driver: Driver) -> None:
    request_id = submitted(driver)
    driver.drain("echo")
    with streaming(driver, request_id) as stream:
        assert stream.next().name == "end"
        assert stream.rest() == []


def test_each_end_is_told(driver: Driver) -> None:
    cancelled, failing = submitted(driver, 1), submitted(driver, 0, "narrow")
    with streaming(driver, cancelled) as one, streaming(driver, failing) as other:
        driver.client.delete(f"{API}/requests/{cancelled}")
        assert one.until(lambda event: event.name == "end").document["status"] == "cancelled"
        driver.drain("narrow")
        end = other.until(lambda event: event.name == "end")
        assert end.document["error"]["type"] == "ZeroDivisionError"


def test_place_in_the_queue_is_told_when_it_changes(driver: Driver) -> None:
    ids = [submitted(driver, n) for n in range(3)]
    last = next(one for one in ids if driver.status(one)["position"] == 2)
    with streaming(driver, last) as stream:
        assert stream.next().document["position"] == 2
        claimed(driver, count=1)
        event = stream.next()
        assert (event.name, event.document["position"]) == ("progress", 1)


def test_progress_is_told_at_most_so_often(driver: Driver) -> None:
    request_id = submitted(driver)
    batch = claimed(driver)
    with streaming(driver, request_id) as stream:
        stream.next()
        times = []
        for step in range(1, 4):
            driver.store.report(driver.computation("echo"), batch.claims, step / 10, "")
            assert stream.next().document["progress"]["fraction"] == step / 10
            times.append(time.monotonic())
        gaps = [later - before for before, later in pairwise(times)]
        assert min(gaps) > 0.9 * events_module.LEAST_SECONDS


def test_quiet_stream_has_a_heartbeat(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "BEAT_SECONDS", 0.2)
    with streaming(driver, submitted(driver)) as stream:
        stream.next()
        assert [stream.part() for _ in range(2)] == [":\n\n"] * 2


def test_stream_has_an_end(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "LIFE_SECONDS", 0.5)
    with streaming(driver, submitted(driver)) as stream:
        assert stream.next().name == "status"
        assert stream.rest() == []


def test_unknown_request_has_no_events(driver: Driver) -> None:
    for method in ("GET", "HEAD"):
        for request_id in ("echo-aaaaaaaaaaaaaaaa", "nothing-aaaaaaaaaaaaaaaa", "nonsense"):
            path = f"{API}/requests/{request_id}/events"
            assert driver.client.open(path, method=method).status_code == 404


def test_streams_take_places_and_give_them_back(make_app: AppMaker, server: StoreServer) -> None:
    driver = Driver(make_app(server, BATCHWELL_WAITERS="2"))
    request_id = submitted(driver)
    path = f"{API}/requests/{request_id}/events"
    for _ in range(3):
        with streaming(driver, request_id) as one, streaming(driver, request_id):
            one.next()
            refused = driver.get(path)
            assert refused.status_code == 503
            assert refused.get_json()["type"] == "/problems/no-place"
            assert int(refused.headers["Retry-After"]) > 0
            assert driver.client.head(path).status_code == 200
            assert driver.status(request_id)["status"] == "pending"
        assert driver.get(f"{API}/requests/echo-aaaaaaaaaaaaaaaa/events").status_code == 404
    never_read = driver.client.get(path)
    never_read.close()
    with streaming(driver, request_id), streaming(driver, request_id):
        pass


def test_stream_outlives_a_store_that_goes_away_and_returns(
    own_driver: Driver, own_server: StoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "BEAT_SECONDS", 0.3)
    request_id = submitted(own_driver)
    with streaming(own_driver, request_id) as stream:
        assert stream.next().document["status"] == "pending"
        own_server.kill()
        for _ in range(3):
            assert stream.part() == ":\n\n"
        refused = own_driver.get(f"{API}/requests/{request_id}/events")
        assert refused.status_code == 503
        own_server.start()
        complete(own_driver, claimed(own_driver))
        assert stream.until(lambda event: event.name == "end").document["result"]["value"] == "xxx"


def test_lost_message_costs_a_moment(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "LOOK_SECONDS", 0.5)
    request_id = submitted(driver)
    token = request_id.rpartition("-")[2]
    with streaming(driver, request_id) as stream:
        stream.next()
        set_request_field(driver.store, "echo", token, "status", "cancelled")
        assert stream.until(lambda event: event.name == "end").document["status"] == "cancelled"
