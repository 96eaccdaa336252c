"""A store that cannot serve is an error for every verb, never "nothing" and never "unknown"."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from batchwell import Failure
from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.deliveries import Answer, Taken
from batchwell.errors import (
    SettingsError,
    StoreRefuses,
    StoreUnavailable,
    UnknownDelivery,
    UnknownRequest,
    UnknownToken,
)
from batchwell.identifiers import new_token, request_id
from batchwell.records import Status
from batchwell.store import Store
from batchwell.store.acting import Gathered
from batchwell.work_records import Batch, Claim
from tests.integration.core.actions import LOG, gather, offered
from tests.integration.core.samples import (
    LEASE_SECONDS,
    NOBODY,
    claim,
    complete,
    echo,
    params,
    status,
    submit,
)
from tests.servers import StoreServer, free_port

CLAIM = Claim(token="a" * 16, attempt=1, params='{"n":1}')
BATCH = Batch(generation="0", claims=[CLAIM])
TAKEN = Taken(
    id=f"echo-{'a' * 16}-1",
    request=f"echo-{'a' * 16}",
    event="succeeded",
    url="https://here.test/",
    attempt=1,
    tries=1,
)


def retry_unknown(store: Store) -> None:
    with suppress(UnknownRequest):
        store.retry(echo, request_id("echo", new_token()))


def redeliver_unknown(store: Store) -> None:
    with suppress(UnknownDelivery):
        store.redeliver(echo, TAKEN.id)


def listen(store: Store) -> None:
    with store.changes() as changes:
        changes.hear(0)


def read_tracked(store: Store) -> None:
    tracked = store.tracked_reads()
    assert tracked is not None
    tracked.read(echo, params(1)[0])
    tracked.close()


def revoke_unknown(store: Store) -> None:
    with suppress(UnknownToken):
        store.revoke("nobody")


READS: dict[str, Callable[[Store], object]] = {
    "read": lambda store: store.read(echo, params(1)[0]),
    "tracked_reads": read_tracked,
    "latest": lambda store: store.latest(echo),
    "inspect": lambda store: store.inspect(echo, request_id("echo", new_token())),
    "count": lambda store: store.count(echo),
    "intake": lambda store: store.intake(),
    "gather_actions": gather,
    "failures": lambda store: store.failures(echo),
    "deliveries": lambda store: store.deliveries(echo),
    "measure": lambda store: store.measure([echo]),
    "overviews": lambda store: store.overviews([echo]),
    "history": lambda store: store.history(echo, "minutes"),
    "recent": lambda store: store.recent(echo),
    "crews": lambda store: store.crews([echo]),
    "run_batches": lambda store: store.run_batches([echo], NOBODY),
    "known": lambda store: list(store.known(echo, "stale")),
    "demand": lambda store: store.demand("echo"),
    "ping": lambda store: store.ping(),
    "warnings": lambda store: store.warnings(),
    "tokens": lambda store: store.tokens(),
    "look": lambda store: store.look("echo", [new_token()]),
    "attention": lambda store: store.attention("echo"),
    "changes": listen,
}
WRITES: dict[str, Callable[[Store], object]] = {
    "submit": lambda store: store.submit(echo, params(1)),
    "claim": lambda store: store.claim(
        echo, "worker", count=1, lease_seconds=LEASE_SECONDS, origin=NOBODY
    ),
    "extend": lambda store: store.extend(
        echo, "worker", [CLAIM], worker_seconds=15, lease_seconds=LEASE_SECONDS
    ),
    "complete": lambda store: complete(store, BATCH),
    "fail": lambda store: store.fail(echo, [(CLAIM, Failure("no"), True)]),
    "release": lambda store: store.release(echo, [CLAIM]),
    "report": lambda store: store.report(echo, [CLAIM], 0.5, "half"),
    "reap": lambda store: store.reap(echo),
    "cancel": lambda store: store.cancel(echo, request_id("echo", new_token())),
    "retry": retry_unknown,
    "take": lambda store: store.take(echo, count=1, lease_seconds=30),
    "settle": lambda store: store.settle(echo, TAKEN, Answer(status=500), again_seconds=5),
    "redeliver": redeliver_unknown,
    "record_batch": lambda store: store.record_batch(
        echo, NOBODY, seconds=1, tally={}, erring=[], others=[], size=0
    ),
    "cancel_waiting": lambda store: store.cancel_waiting(echo, most=1),
    "refresh": lambda store: store.refresh(echo, most=1),
    "replay_failures": lambda store: store.replay_failures(echo, most=1),
    "abandon": lambda store: store.abandon(echo, "worker"),
    "invalidate": lambda store: store.invalidate(echo),
    "arrive": lambda store: store.arrive(echo, "change", by="top", expected=["top"], run="run"),
    "tell": lambda store: store.tell(echo, "run", worker="w", passing=False, again=False),
    "enlist": lambda store: store.enlist(echo, "worker", worker_seconds=15),
    "retire": lambda store: store.retire(echo, "worker", when="now"),
    "wait": lambda store: store.wait(echo, 0.05),
    "forget_actions": lambda store: store.forget_actions(
        Gathered(actions=[], first="1-1", last="1-1")
    ),
    "take_news": lambda store: store.take_news(1, teller="one"),
    "leave_actions": lambda store: store.leave_actions("collector"),
    "accept_actions": lambda store: store.accept_actions(LOG, offered("ann")),
    "grant": lambda store: store.grant(new_token(), digest_of(new_secret()), [Scope.READ]),
    "revoke": revoke_unknown,
}
VERBS = READS | WRITES


@pytest.fixture
def nowhere() -> Iterator[Store]:
    """A store whose server is not there."""
    client = connect(f"redis://127.0.0.1:{free_port()}/0")
    yield Store(client, namespace="nowhere")
    client.close()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_tells_that_no_server_listens(nowhere: Store, verb: str) -> None:
    with pytest.raises(StoreUnavailable, match="the store does not answer"):
        VERBS[verb](nowhere)


def test_every_public_verb_is_under_test() -> None:
    verbs = {name for name in dir(Store) if callable(getattr(Store, name))}
    assert {name for name in verbs if not name.startswith("_")} == set(VERBS)


def test_every_verb_serves_again_after_a_restart(own_server: StoreServer, own_store: Store) -> None:
    (request,) = submit(own_store, 1)
    own_server.restart()
    assert status(own_store, request) is Status.PENDING
    for verb in VERBS.values():
        verb(own_store)


def test_store_that_hangs_is_unavailable_within_its_patience(
    own_server: StoreServer, own_store: Store
) -> None:
    (request,) = submit(own_store, 1)
    with own_server.frozen():
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            own_store.inspect(echo, request)
        assert time.monotonic() - started < 3
    assert status(own_store, request) is Status.PENDING


@pytest.fixture
def door(own_server: StoreServer) -> Iterator[Redis]:
    """A client to misconfigure the server with."""
    with Redis.from_url(own_server.url, decode_responses=True) as client:
        yield client


def test_full_memory_refuses_new_requests_and_values_whole_and_serves_reads(
    door: Redis, own_store: Store
) -> None:
    (request,) = submit(own_store, 1)
    batch = claim(own_store)
    door.config_set("maxmemory", "1")
    with pytest.raises(StoreUnavailable):
        submit(own_store, 2)
    with pytest.raises(StoreUnavailable):
        complete(own_store, batch)
    for verb in READS.values():
        verb(own_store)
    assert own_store.count(echo).pending == 0
    assert status(own_store, request) is Status.RUNNING
    door.config_set("maxmemory", "0")
    assert complete(own_store, batch) == 1


def test_writes_to_a_replica_are_refused_and_reads_go_on(door: Redis, own_store: Store) -> None:
    (request,) = submit(own_store, 1)
    door.replicaof("127.0.0.1", free_port())
    with pytest.raises(StoreUnavailable):
        submit(own_store, 2)
    assert status(own_store, request) is Status.PENDING
    door.config_set("replica-serve-stale-data", "no")
    with pytest.raises(StoreUnavailable):
        own_store.read(echo, params(1)[0])


@pytest.mark.parametrize("durable", [False, True])
def test_writes_that_too_few_replicas_would_see_are_refused(
    door: Redis, own_store: Store, durable: bool
) -> None:
    own_store.durable = durable
    door.config_set("min-replicas-to-write", "1")
    with pytest.raises(StoreUnavailable):
        submit(own_store, 1)


@pytest.mark.parametrize("durable", [False, True])
def test_writes_that_the_server_cannot_save_are_refused(
    door: Redis, own_store: Store, tmp_path: Path, durable: bool
) -> None:
    """Its last snapshot failed, and it stops taking writes."""
    own_store.durable = durable
    door.config_set("save", "3600 1000000")
    (tmp_path / "dump.rdb").mkdir()
    door.bgsave()
    while door.info("persistence")["rdb_last_bgsave_status"] == "ok":
        time.sleep(0.01)
    with pytest.raises(StoreUnavailable):
        submit(own_store, 1)


def test_server_that_is_busy_with_a_script_is_unavailable(door: Redis, own_store: Store) -> None:
    submit(own_store, 1)
    door.config_set("lua-time-limit", "10")

    def keep_busy() -> None:
        with pytest.raises(RedisError):
            door.eval("while true do end", 0)

    busy = threading.Thread(target=keep_busy)
    busy.start()
    time.sleep(0.2)
    try:
        with pytest.raises(StoreUnavailable):
            own_store.count(echo)
    finally:
        with Redis.from_url(own_store_url(own_store)) as other:
            other.script_kill()
        busy.join()
    assert own_store.count(echo).pending == 1


def own_store_url(store: Store) -> str:
    assert isinstance(store.client, Redis)
    port = store.client.get_connection_kwargs()["port"]
    return f"redis://127.0.0.1:{port}/0"


def test_sound_server_is_not_warned_of(own_store: Store) -> None:
    assert own_store.warnings() == []


def test_eviction_is_warned_of(door: Redis, own_store: Store) -> None:
    door.config_set("maxmemory-policy", "allkeys-lru")
    (told,) = own_store.warnings()
    assert "maxmemory-policy is allkeys-lru" in told


def test_missing_persistence_is_warned_of(door: Redis, own_store: Store) -> None:
    door.config_set("appendonly", "no")
    (told,) = own_store.warnings()
    assert "persists nothing" in told
    door.config_set("save", "60 1000")
    assert own_store.warnings() == []


@pytest.mark.parametrize(
    ("withheld", "expected"),
    [
        (["-config"], "maxmemory-policy is allkeys-lru"),  # INFO tells it too
        (["-config", "-info"], "does not tell its settings to this user"),
    ],
)
def test_server_that_hides_its_settings_is_warned_of(
    door: Redis, own_server: StoreServer, withheld: list[str], expected: str
) -> None:
    door.config_set("maxmemory-policy", "allkeys-lru")
    door.acl_setuser("guest", enabled=True, nopass=True, keys="*", categories=["+@all"],
                     channels="*", commands=withheld)  # fmt: skip
    client = connect(own_server.url.replace("//", "//guest:any@"))
    (told,) = Store(client).warnings()
    client.close()
    assert expected in told


def test_wrong_password_is_a_misconfiguration_and_not_an_absence(
    door: Redis, own_server: StoreServer
) -> None:
    door.acl_setuser("guest", enabled=True, passwords=["+right"], keys="*", categories=["+@all"])
    with connect(own_server.url.replace("//", "//guest:wrong@")) as client:
        with pytest.raises(StoreRefuses, match="BATCHWELL_REDIS_URL names the right user") as told:
            Store(client).ping()
        assert "wrong" not in str(told.value).replace("WRONGPASS", "")


@pytest.mark.parametrize(
    "url",
    ["", "localhost:6379", "http://localhost", "redis://host:port/0", "redis://:hush/42@host:1/0"],
)
def test_url_that_is_none_is_a_setting_that_cannot_be_used(url: str) -> None:
    with pytest.raises(SettingsError, match="the Redis URL cannot be used") as told:
        connect(url)
    assert "hush" not in str(told.value)
    assert told.value.__suppress_context__
