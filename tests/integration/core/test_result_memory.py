"""Results that are remembered: no round trip, and never other than what was told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis

from batchwell import Failure, computation, result_memory
from batchwell.connection import connect
from batchwell.errors import StoreUnavailable
from batchwell.known_results import Result
from batchwell.result_memory import ResultMemory
from batchwell.store import Store
from tests.integration.core.samples import claim, complete, compute, echo, params, submit
from tests.servers import StoreServer

(ONE,) = params(1)


@computation(hot_for=timedelta(seconds=0.8))
def warm(n: int) -> int:
    return n


@computation(fresh_for=timedelta(seconds=1))
def brief(n: int) -> int:
    return n


@pytest.fixture
def memory(second_store: Store) -> Iterator[ResultMemory]:
    memory = ResultMemory(second_store)
    yield memory
    memory.close()


@pytest.fixture
def own_memory(own_store: Store) -> Iterator[ResultMemory]:
    memory = ResultMemory(own_store)
    yield memory
    memory.close()


def read(memory: ResultMemory) -> Result | None:
    return memory.read(echo, ONE)[0]


def tracking_clients(redis: Redis) -> list[str]:
    return [client["id"] for client in redis.client_list() if "t" in client["flags"]]


def test_only_the_first_read_asks_the_store(store: Store, memory: ResultMemory) -> None:
    compute(store, 1)
    first, known = memory.read(echo, ONE)
    second, again = memory.read(echo, ONE)
    assert known is not None
    assert again is known
    assert first is not None
    assert second is not None
    assert second.value == "1"
    assert first.read_at < second.read_at < first.read_at + 1


def test_value_that_is_replaced_is_read_at_once(store: Store, memory: ResultMemory) -> None:
    compute(store, 1)
    for value in range(100):
        submit(store, 1, max_age_seconds=0)
        complete(store, claim(store), str(value))
        read(memory)
        found = read(memory)
        assert found is not None
        assert found.value == str(value)


def test_who_was_told_of_a_value_reads_it_or_a_newer_one(
    store: Store, memory: ResultMemory
) -> None:
    compute(store, 1)
    told, behind, end = [0], [], threading.Event()

    def keep_reading() -> None:
        while not end.is_set():
            before = told[0]
            found = read(memory)
            if found is None or int(found.value) < before:
                behind.append((before, found))

    readers = [threading.Thread(target=keep_reading) for _ in range(3)]
    for reader in readers:
        reader.start()
    for value in range(1, 300):
        submit(store, 1, max_age_seconds=0)
        complete(store, claim(store), str(value))
        told[0] = value
    end.set()
    for reader in readers:
        reader.join()
    assert behind == []


def test_invalidation_is_seen_at_once(store: Store, memory: ResultMemory) -> None:
    compute(store, 1, 2)
    for one in params(1, 2):
        memory.read(echo, one)
    store.invalidate(echo)
    for one in params(1, 2):
        result, known = memory.read(echo, one)
        assert result is not None
        assert result.state == "stale"
        assert known is None


def test_error_of_a_failed_recompute_is_seen_at_once(store: Store, memory: ResultMemory) -> None:
    compute(store, 1)
    read(memory)
    submit(store, 1, max_age_seconds=0)
    store.fail(echo, [(claim(store).claims[0], Failure("no"), False)])
    found = read(memory)
    assert found is not None
    assert found.last_error is not None


def test_recompute_that_another_asked_for_is_seen_at_once(
    store: Store, memory: ResultMemory
) -> None:
    compute(store, 1)
    assert memory.read(echo, ONE)[1] is not None
    (request,) = submit(store, 1, max_age_seconds=0)
    result = read(memory)
    assert result is not None
    assert result.refreshed_by == request


def test_request_that_will_replace_it_is_seen_at_once(store: Store, memory: ResultMemory) -> None:
    compute(store, 1)
    read(memory)
    (request_id,) = submit(store, 1, max_age_seconds=0)
    found = read(memory)
    assert found is not None
    assert found.refreshed_by == request_id
    store.cancel(echo, request_id)
    found = read(memory)
    assert found is not None
    assert found.refreshed_by is None
    assert memory.read(echo, ONE)[1] is not None


def test_nothing_is_remembered_for_ever(
    store: Store, memory: ResultMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_memory, "MOST_SECONDS", 0.05)
    compute(store, 1)
    _, known = memory.read(echo, ONE)
    time.sleep(0.1)
    _, again = memory.read(echo, ONE)
    assert known is not None
    assert again is not known


def test_hot_value_is_asked_for_while_it_is_read(
    store: Store, memory: ResultMemory, redis: Redis
) -> None:
    compute(store, 1, computation=warm)
    (one,) = params(1, computation=warm)
    seen = f"{store.namespace}:{{warm}}:hot"
    memory.read(warm, one)
    first = redis.zscore(seen, one.digest)
    time.sleep(0.15)
    memory.read(warm, one)
    assert first is not None
    assert (redis.zscore(seen, one.digest) or 0) > first


def test_freshness_ends_on_time(store: Store, memory: ResultMemory) -> None:
    compute(store, 1, computation=brief)
    (one,) = params(1, computation=brief)
    end = time.monotonic() + 20
    while (result := memory.read(brief, one)[0]) is not None and result.state == "fresh":
        assert result.fresh_until is not None
        assert result.read_at < result.fresh_until
        assert time.monotonic() < end
        time.sleep(0.005)
    assert result is not None
    assert result.read_at < (result.fresh_until or 0) + 0.1


@pytest.mark.parametrize("why", ["unknown", "stale", "replaced", "large"])
def test_what_is_about_to_change_or_large_is_not_remembered(
    store: Store, memory: ResultMemory, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if why == "large":
        monkeypatch.setattr(result_memory, "MOST_BYTES", 0)
    if why != "unknown":
        compute(store, 1)
    if why == "stale":
        store.invalidate(echo)
    if why == "replaced":
        submit(store, 1, max_age_seconds=0)
    assert memory.read(echo, ONE)[1] is None


def test_memory_is_bounded(
    store: Store, memory: ResultMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_memory, "MOST_RESULTS", 3)
    compute(store, 1, 2, 3, 4)
    first, *others = [memory.read(echo, one)[1] for one in params(1, 2, 3, 4)]
    assert first is not None
    assert memory.moment_of(first) is None
    assert all(known is not None and memory.moment_of(known) is not None for known in others)


def test_connection_is_closed_when_nobody_reads(
    store: Store, memory: ResultMemory, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_memory, "IDLE_SECONDS", 0.2)
    compute(store, 1)
    _, known = memory.read(echo, ONE)
    assert known is not None
    end = time.monotonic() + 20
    while tracking_clients(redis):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert memory.moment_of(known) is None
    assert memory.read(echo, ONE)[1] is not None


def test_emptied_server_is_asked_again(own_store: Store, own_memory: ResultMemory) -> None:
    compute(own_store, 1)
    assert read(own_memory) is not None
    own_store.client.flushall()
    end = time.monotonic() + result_memory.MOST_SECONDS / 2
    while read(own_memory) is not None:  # of this it tells a moment later
        assert time.monotonic() < end


def test_connection_that_was_cut_is_made_again(
    store: Store, memory: ResultMemory, redis: Redis
) -> None:
    compute(store, 1)
    _, known = memory.read(echo, ONE)
    assert known is not None
    (client,) = tracking_clients(redis)
    redis.client_kill_filter(_id=client)
    assert memory.moment_of(known) is None
    submit(store, 1, max_age_seconds=0)
    complete(store, claim(store), "7")
    for _ in range(2):
        found, known = memory.read(echo, ONE)
        assert found is not None
        assert found.value == "7"
    assert known is not None


def test_store_that_is_away_is_an_error_and_not_what_is_remembered(
    own_store: Store, own_memory: ResultMemory, own_server: StoreServer
) -> None:
    compute(own_store, 1)
    read(own_memory)
    own_server.kill()
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            read(own_memory)
    own_server.start()
    found = read(own_memory)
    assert found is not None
    assert found.value == "1"


def test_store_that_hangs_holds_up_no_other_reader(
    own_store: Store, own_memory: ResultMemory, own_server: StoreServer
) -> None:
    compute(own_store, 1, 2)
    waited: list[float] = []

    def read_another() -> None:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            own_memory.read(echo, params(2)[0])
        waited.append(time.monotonic() - started)

    read(own_memory)
    with own_server.frozen():
        assert read(own_memory) is not None
        readers = [threading.Thread(target=read_another) for _ in range(3)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    assert len(waited) == 3
    assert max(waited) < 2.5  # a reader who finds the connection taken waits a second by his own


def test_server_that_does_not_track_is_asked_each_time(
    own_server: StoreServer, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Redis.from_url(own_server.url) as operator:
        operator.execute_command(
            "ACL", "SETUSER", "plain", "on", ">secret", "~*", "&*", "+@all", "-client|tracking"
        )
    with connect(own_server.url.replace("//", "//plain:secret@")) as client:
        store = Store(client, namespace=namespace)
        compute(store, 1)
        memory = ResultMemory(store)
        for _ in range(2):
            result, known = memory.read(echo, ONE)
            assert result is not None
            assert result.value == "1"
            assert known is None
        memory.close()
    assert [line for line in caplog.messages if "not remembered" in line] == caplog.messages
