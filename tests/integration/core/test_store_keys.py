"""The key schema: one namespace, one slot per computation, small."""

from __future__ import annotations

import re

from redis import Redis

from batchwell import keys
from batchwell.deliveries import Answer
from batchwell.store import Once, Origin, Store
from tests.integration.core.actions import LOG, gather, offered
from tests.integration.core.clock import Clock
from tests.integration.core.samples import claim, complete, echo, extend, fail, params, submit
from tests.servers import StoreServer

MOST_BYTES = {"valkey": 320, "redis": 400}
"""The goal is for the server that we ship; the dictionaries of Redis 7.0 are larger."""


def use_every_verb(store: Store) -> None:
    """Leave a key of every kind."""
    clock = Clock(store, echo)
    submit(store, *range(10))
    store.enlist(echo, "worker", worker_seconds=15)
    complete(store, claim(store, count=2))
    batch = claim(store, count=2)
    extend(store, batch)
    store.report(echo, batch.claims, 0.5, "half")
    fail(store, batch)
    store.release(echo, claim(store, count=1).claims)
    claim(store, count=1)
    clock.lapse_leases()
    store.reap(echo)
    claim(store, count=1)
    (late, dropped) = submit(store, 21, 22, expires_seconds=60)
    store.cancel(echo, dropped)
    store.retry(echo, dropped)
    store.failures(echo)
    store.replay_failures(echo, most=1)
    fail(store, claim(store, count=1), retry=False)
    store.abandon(echo, "worker")
    store.inspect(echo, late)
    store.look("echo", [late.rpartition("-")[2]])
    store.attention("echo")
    store.read(echo, params(1)[0])
    store.invalidate(echo)
    store.arrive(echo, "change", by="top", expected=["top", "other"], run="run")
    store.latest(echo)
    store.count(echo)
    store.demand("echo")
    store.measure([echo])
    store.recent(echo)
    store.overviews([echo])
    store.history(echo, "hours")
    origin = Origin(dag_id="dag", run_id="run")
    store.record_batch(echo, origin, seconds=1, tally={}, erring=[], others=[], size=1)
    store.run_batches([echo], origin)
    store.crews([echo])
    store.refresh(echo, most=1)
    list(store.known(echo, "stale"))
    submit(store, 11)
    store.submit(echo, next(store.known(echo, "all")), max_age_seconds=0, with_records=True)
    store.submit(echo, params(12), once=Once(key="key", payload="payload"))
    (told,) = store.submit(echo, params(13), webhook="https://here.test/")
    store.cancel(echo, told.request or "")
    (taken,) = store.take(echo, count=1, lease_seconds=30)[0]
    store.settle(echo, taken, Answer(status=500), again_seconds=5)
    store.redeliver(echo, taken.id)
    store.deliveries(echo)
    store.enlist(echo, "second", worker_seconds=15)
    store.retire(echo, "worker", when="now")
    store.accept_actions(LOG, offered("ann", "bob"))
    store.forget_actions(gather(store, count=1))
    store.take_news(1, teller="one")
    store.accept_actions(LOG, offered("ann"))
    gather(store)
    store.intake()


VARIABLE = {
    "ended": "token",
    "renewal": "digest",
    "once": "key",
    "result": "digest",
    "change": "id",
    "delivery": "id",
    "run": "dag>/<run",
    "tally": "minute",
}


def kinds(names: set[str], namespace: str) -> set[str]:
    """Return the keys as ``keys.py`` writes them, variable parts left out."""
    kinds = set()
    for name in names:
        found = re.fullmatch(rf"{namespace}:\{{(echo|~actions)\}}:(\w+)(:.+)?", name)
        assert found, f"{name} is not in the namespace"
        root, part, rest = found.groups()
        kinds.add(f"{root}:{part}:<{VARIABLE[part]}>" if rest else f"{root}:{part}")
    return kinds


def test_every_key_is_one_that_the_schema_names(own_server: StoreServer, own_store: Store) -> None:
    use_every_verb(own_store)
    with Redis.from_url(own_server.url, decode_responses=True) as client:
        names = set(client.scan_iter(count=1000))
    assert keys.__doc__ is not None
    told = re.findall(r"^    bw:\{(\S+)\}:(\S+)", keys.__doc__, re.MULTILINE)
    named = {f"{root.replace('fibonacci', 'echo')}:{part}" for root, part in told}
    assert kinds(names, own_store.namespace) | {"echo:rung", "echo:hot"} == named, (
        "rung lives for a moment, hot needs hot_for"
    )


def used_bytes(client: Redis) -> int:
    """Return what the server has allocated, but for the buffers of its connections."""
    memory = client.info("memory")
    return int(memory["used_memory"] - memory["mem_clients_normal"] - memory["mem_aof_buffer"])


def test_waiting_request_is_small(own_server: StoreServer) -> None:
    server = "valkey" if "valkey" in own_server.program else "redis"
    with Redis.from_url(own_server.url) as client:
        store = Store(client)
        submit(store, 0)
        before = used_bytes(client)
        for first in (1, 10_001):
            store.submit(echo, params(*range(first, first + 10_000)))
        assert (used_bytes(client) - before) / 20_000 <= MOST_BYTES[server]
