"""What a deliverer sends, where it does not, and what becomes of it."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import Counter
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

import pytest

from batchwell import deliverer, webhook_sending
from batchwell.deliverer import Deliverer
from batchwell.deliveries import MOST_ATTEMPTS, Delivery
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import claim, complete, echo, params
from tests.receiver import PATIENCE_SECONDS, SECRET, Receiver
from tests.stored import forget_request


def owe(store: Store, *urls: str) -> None:
    """Have a request end whose end is to be told to each URL."""
    for url in urls:
        store.submit(echo, params(1), webhook=url, max_age_seconds=0)
    complete(store, claim(store))


def listed(store: Store) -> list[Delivery]:
    return store.deliveries(echo)[0]


def deliver(store: Store, attempts: int = 1) -> Counter[str]:
    """Deliver until so many attempts were settled; return what became of them."""

    async def run() -> Counter[str]:
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        with ours, theirs:
            one = Deliverer(store, echo, theirs)
            task = asyncio.create_task(one.run())
            deadline = time.monotonic() + PATIENCE_SECONDS
            while one.tally.total() < attempts:
                assert time.monotonic() < deadline
                assert not task.done(), task
                await asyncio.sleep(0.02)
            ours.shutdown(socket.SHUT_WR)
            await task
            return one.tally

    return asyncio.run(run())


def test_message_is_delivered_and_verified(store: Store, receiver: Receiver) -> None:
    owe(store, receiver.url("/ok/hook?key=1"))
    assert deliver(store) == {"delivered": 1}
    (message,) = receiver.messages()
    payload = message.verified()
    (delivery,) = listed(store)
    assert (delivery.status, delivery.answer, delivery.error) == ("delivered", 204, "")
    assert message.id == delivery.id
    assert message.path == "/ok/hook?key=1"
    assert message.headers["content-type"] == "application/json"
    assert message.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert payload["type"] == "request.succeeded"
    assert payload["data"]["id"] == delivery.request
    assert payload["data"]["result"]["value"] == 1


def test_failed_message_is_sent_again_with_the_same_id_and_a_new_time(
    store: Store, receiver: Receiver, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    owe(store, receiver.url("/status/500/x?key=secret"))
    for _ in range(MOST_ATTEMPTS):
        deliver(store)
        clock.lapse_deliveries()
    messages = receiver.messages()
    assert len(messages) == MOST_ATTEMPTS
    assert len({message.id for message in messages}) == 1
    (delivery,) = listed(store)
    assert (delivery.status, delivery.answer, delivery.error) == ("dead", 500, "answered 500")
    lines = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(lines) == MOST_ATTEMPTS
    assert "again in" in lines[0].message
    assert "given up" in lines[-1].message
    assert not [line for line in lines if "key=secret" in line.message or SECRET in line.message]
    again = store.redeliver(echo, delivery.id)
    assert again.status == "owed"
    assert deliver(store) == {"owed": 1}, "it has all its attempts before it again"


def test_gone_receiver_is_left_alone(store: Store, receiver: Receiver) -> None:
    owe(store, receiver.url("/status/410"))
    assert deliver(store) == {"dead": 1}


@pytest.mark.parametrize("is_date", [False, True])
def test_busy_receiver_is_given_the_time_that_it_asks_for(
    store: Store, receiver: Receiver, clock: Clock, is_date: bool
) -> None:
    retry_after = formatdate(time.time() + 3600, usegmt=True) if is_date else "3600"
    path = "/status/503/" + retry_after.replace(" ", "%20").replace(",", "%2C")
    owe(store, receiver.url(path))
    deliver(store)
    name = listed(store)[0].id.removeprefix("echo-")
    assert clock.remaining_seconds("owed", name) == pytest.approx(3600, abs=60)


@pytest.mark.parametrize(
    ("status", "retry_after"),
    [
        (503, "Mon, 01 Jan 2024 00:00:00 +9999999999999"),
        (503, "Mon, 01 Jan 99999 00:00:00 GMT"),
        (429, "soon"),
        (500, "3600"),
        (200, "Mon, 01 Jan 2024 00:00:00 +9999999999999"),
    ],
)
def test_time_that_is_none_or_was_not_to_be_given_changes_nothing(
    store: Store, receiver: Receiver, clock: Clock, status: int, retry_after: str
) -> None:
    owe(store, receiver.url(f"/status/{status}/{quote(retry_after)}"))
    became = "delivered" if status == 200 else "owed"
    assert deliver(store) == {became: 1}
    if became == "owed":
        name = listed(store)[0].id.removeprefix("echo-")
        assert clock.remaining_seconds("owed", name) < 10


def test_redirect_is_not_followed(store: Store, receiver: Receiver) -> None:
    owe(store, receiver.url("/to"))
    assert deliver(store) == {"owed": 1}
    assert [message.path for message in receiver.messages()] == ["/to"]
    assert "redirects are not followed" in listed(store)[0].error


@pytest.mark.parametrize("path", ["/slow/5", "/drip"])
def test_slow_receiver_is_given_up_after_a_while_however_it_is_slow(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(webhook_sending, "TOTAL_SECONDS", 1.0)
    owe(store, receiver.url(path), receiver.url("/ok"))
    began = time.monotonic()
    assert deliver(store, 2) == {"owed": 1, "delivered": 1}
    assert time.monotonic() - began < 4
    errors = {one.error for one in listed(store)}
    assert errors == {"", "no answer within 1 seconds"}


def test_receiver_that_hangs_up_or_does_not_listen_is_told_of(
    store: Store, receiver: Receiver
) -> None:
    owe(store, receiver.url("/drop"))
    assert deliver(store) == {"owed": 1}
    receiver.kill()
    owe(store, receiver.url("/ok"))
    assert deliver(store) == {"owed": 1}
    latest, first = listed(store)
    assert first.error.startswith(("RemoteProtocolError", "ReadError"))
    assert latest.error.startswith("ConnectError")


def test_settings_that_do_not_do_are_told_with_each_attempt(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHWELL_WEBHOOK_SECRET", "whsec_x")
    owe(store, receiver.url())
    assert deliver(store) == {"owed": 1}
    assert "BATCHWELL_WEBHOOK_SECRET must be" in listed(store)[0].error
    monkeypatch.delenv("BATCHWELL_WEBHOOK_SECRET")
    owe(store, receiver.url())
    assert deliver(store) == {"owed": 1}
    assert listed(store)[0].error == "the drain worker has no BATCHWELL_WEBHOOK_SECRET"
    assert receiver.messages() == []


@pytest.fixture
def no_private(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let private addresses be out of bounds, as they are by default."""
    monkeypatch.delenv("BATCHWELL_WEBHOOK_ALLOW_PRIVATE")


def answer_with(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name that ends in .test stand for these addresses; return what was looked up."""
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> Any:
        if not str(host).lower().rstrip(".").endswith(".test"):
            return real(host, *args, **kwargs)
        looked_up.append(host)
        port = args[0] if args else kwargs["port"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up


@pytest.mark.usefixtures("no_private")
def test_name_that_has_come_to_lead_inside_is_not_connected_to(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = answer_with(monkeypatch, "127.0.0.1")
    owe(store, f"https://rebound.test:{receiver.port}/ok")
    assert deliver(store) == {"owed": 1}
    assert looked_up == ["rebound.test"]
    assert receiver.messages() == []
    assert listed(store)[0].error == "the URL leads to 127.0.0.1, which is no public address"


@pytest.mark.usefixtures("no_private")
def test_url_that_was_accepted_under_other_settings_is_not_called(
    store: Store, receiver: Receiver
) -> None:
    owe(store, receiver.url())
    assert deliver(store) == {"owed": 1}
    assert receiver.messages() == []
    assert "https" in listed(store)[0].error


def test_address_that_was_checked_is_the_one_connected_to(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = answer_with(monkeypatch, "127.0.0.1")
    owe(store, f"http://name.test:{receiver.port}/ok")
    assert deliver(store) == {"delivered": 1}
    assert looked_up == ["name.test"], "looked up once: a second answer may differ"
    assert receiver.messages()[0].headers["host"] == f"name.test:{receiver.port}"


def test_proxy_of_the_environment_is_not_used(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    owe(store, receiver.url())
    assert deliver(store) == {"delivered": 1}


def test_next_address_is_tried_where_the_first_does_not_listen(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer_with(monkeypatch, "127.0.0.2", "127.0.0.1")
    owe(store, f"http://name.test:{receiver.port}/ok")
    assert deliver(store) == {"delivered": 1}


def test_message_without_its_request_is_dead(store: Store, receiver: Receiver) -> None:
    owe(store, receiver.url())
    token = listed(store)[0].request.removeprefix("echo-")
    forget_request(store, "echo", token)
    assert deliver(store) == {"dead": 1}
    assert listed(store)[0].error == "the record of its request is gone"


def test_message_whose_process_dies_each_time_is_given_up(
    store: Store, receiver: Receiver, clock: Clock
) -> None:
    owe(store, receiver.url())
    for _ in range(MOST_ATTEMPTS):
        assert len(store.take(echo, count=1, lease_seconds=30)[0]) == 1
        clock.lapse_deliveries()
    assert deliver(store) == {"dead": 1}
    assert receiver.messages() == []


def test_more_than_fit_at_once_are_delivered_as_places_get_free(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliverer, "MOST_AT_ONCE", 3)
    owe(store, *(receiver.url(f"/slow/0.1{number}") for number in range(10)))
    assert deliver(store, 10) == {"delivered": 10}
