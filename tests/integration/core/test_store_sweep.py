"""Nothing grows without bound: a million values come and go, and what has ended is let go."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from batchwell import computation, keys
from batchwell.connection import connect
from batchwell.identifiers import split_request_id
from batchwell.records import Status
from batchwell.store import RETAIN_SECONDS, Store
from batchwell.work_records import Batch
from tests.integration.core.clock import Clock
from tests.integration.core.samples import claim, complete, echo, fail, params, status, submit
from tests.servers import StoreServer, installed_servers

MILLION = 1_000_000
KEEP = timedelta(days=7)
CHUNK = 2000  # what one call in a script can hold
MOST_BYTES = 2_000_000_000

# All that may stay without an end of its own once everything has ended: of a fixed size.
LASTING = {"meta", "generation", "latest", "stats", "history"}


@computation(keep_for=KEEP, hot_for=timedelta(days=1))
def many(n: int) -> int:
    return n


# Copies a result that complete.lua wrote, TTL and all, to other parameters, and notes a read of
# each. KEYS[1]: the root; ARGV: digest of the original, first n, the digests in one text.
FILL = """
local original = KEYS[1] .. ':result:' .. ARGV[1]
local about = cmsgpack.unpack(redis.call('HGET', original, 'about'))
local computed_at = redis.call('ZSCORE', KEYS[1] .. ':results', ARGV[1])
local listed = {}
for i = 0, #ARGV[3] / 20 - 1 do
  local digest = string.sub(ARGV[3], 20 * i + 1, 20 * i + 20)
  local copy = KEYS[1] .. ':result:' .. digest
  redis.call('COPY', original, copy)
  about[5] = string.format('{"n":%d}', ARGV[2] + i)
  redis.call('HSET', copy, 'about', cmsgpack.pack(about))
  listed[#listed + 1], listed[#listed + 2] = computed_at, digest
end
redis.call('ZADD', KEYS[1] .. ':results', unpack(listed))
redis.call('ZADD', KEYS[1] .. ':hot', unpack(listed))
"""

# Lets the values of some ranks (ARGV[1] to ARGV[2]) have been computed and read ARGV[3] ms earlier.
AGE = """
local found = redis.call('ZRANGE', KEYS[1] .. ':results', ARGV[1], ARGV[2], 'WITHSCORES')
local listed = {}
for i = 1, #found, 2 do listed[i], listed[i + 1] = found[i + 1] - ARGV[3], found[i] end
redis.call('ZADD', KEYS[1] .. ':results', unpack(listed))
redis.call('ZADD', KEYS[1] .. ':hot', unpack(listed))
"""

# Lets the values of some ranks (ARGV[1] to ARGV[2]) end by their own TTL.
EXPIRE = """
for _, digest in ipairs(redis.call('ZRANGE', KEYS[1] .. ':results', ARGV[1], ARGV[2])) do
  redis.call('PEXPIRE', KEYS[1] .. ':result:' .. digest, 1)
end
"""


class Sweep:
    """A server of its own with the values of `many`, and what each stage took."""

    def __init__(self, url: str) -> None:
        self.store = Store(connect(url))
        self.client: Redis = Redis.from_url(url, decode_responses=True)
        # The disk is not what is looked at.
        self.client.config_set("appendonly", "no")
        self.root = keys.root(self.store.namespace, many.name)
        self.told: list[str] = []

    def close(self) -> None:
        self.store.client.close()
        self.client.close()

    def used_bytes(self) -> int:
        return int(self.client.info("memory")["used_memory"])

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Note what the block took, and the longest that one command held the server."""
        self.client.slowlog_reset()
        started = time.monotonic()
        yield
        seconds = time.monotonic() - started
        slowest: Any = self.client.slowlog_get(1000)
        held = max((entry["duration"] for entry in slowest), default=0) / 1e6
        self.told.append(
            f"{name:<40}{seconds:7.2f} s, longest command {held:5.2f} s; then"
            f"{self.client.dbsize():>10,} keys in{self.used_bytes() / 1e6:>6,.0f} MB"
        )

    def run(self, source: str, *arguments: str | int) -> None:
        self.client.eval(source, 1, self.root, *map(str, arguments))


@pytest.fixture
def sweep(tmp_path: Path) -> Iterator[Sweep]:
    server = StoreServer(installed_servers()["valkey"], tmp_path)
    server.start()
    sweep = Sweep(server.url)
    yield sweep
    sweep.close()
    server.kill()


def compute_many(store: Store, number: int) -> None:
    submit(store, number, computation=many)
    assert complete(store, claim(store, computation=many), computation=many) == 1


def digest_of(number: int) -> str:
    """Return the digest of ``{"n": number}`` as `Parameters` does, ten times faster."""
    digest = hashlib.blake2b(b'{"n":%d}' % number, digest_size=15).digest()
    return base64.urlsafe_b64encode(digest).decode()


@pytest.mark.timeout(240)
def test_a_million_values_come_and_go(sweep: Sweep, capsys: pytest.CaptureFixture[str]) -> None:
    store, client = sweep.store, sweep.client
    compute_many(store, 0)
    empty_bytes = sweep.used_bytes()

    with sweep.stage("filled"):
        for first in range(1, MILLION, CHUNK):
            copies = "".join(map(digest_of, range(first, min(first + CHUNK, MILLION))))
            sweep.run(FILL, digest_of(0), first, copies)
    assert store.count(many).results == MILLION
    assert sweep.used_bytes() < MOST_BYTES
    for number in (1, 4711, MILLION - 1):
        (parameters,) = params(number, computation=many)
        result = store.read(many, parameters)
        assert result is not None
        assert (result.params, result.state) == (parameters.json, "fresh")
        ttl_seconds = int(str(client.ttl(f"{sweep.root}:result:{parameters.digest}")))
        assert 0 <= KEEP.total_seconds() - ttl_seconds < 300

    with sweep.stage("aged: past keep_for, values expired"):
        # One half by its TTL alone, as where keep_for has been lengthened since.
        for _ in range(MILLION // 2 // CHUNK):  # what was last is first then
            sweep.run(AGE, -CHUNK, -1, int(KEEP.total_seconds() * 1000))
        for first in range(0, MILLION, CHUNK):
            sweep.run(EXPIRE, first, first + CHUNK - 1)
        deadline = time.monotonic() + 60
        while client.dbsize() > 100:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert store.count(many).results == MILLION

    with sweep.stage("swept by the next value computed"):
        compute_many(store, MILLION)
    assert MILLION // 2 < store.count(many).results < MILLION

    with sweep.stage("swept by the scheduled run"):
        assert list(store.known(many, "due", ahead_seconds=3600)) == []
    assert store.count(many).results == 1

    left = sorted(name.removeprefix(f"{sweep.root}:") for name in client.scan_iter())
    with capsys.disabled():
        print("", *sweep.told, f"left: {', '.join(left)}", sep="\n")
    assert f"result:{digest_of(MILLION)}" in left
    assert {name.partition(":")[0] for name in left} - LASTING == {"ended", "result", "results"}
    assert sweep.used_bytes() - empty_bytes < 10_000_000


def ttl_days(redis: Redis, store: Store, request: str) -> float:
    _, token = split_request_id(request)
    return int(str(redis.ttl(f"{root(store)}:ended:{token}"))) / 86_400


def root(store: Store) -> str:
    return keys.root(store.namespace, echo.name)


def test_record_of_an_ended_request_is_kept_for_a_day_and_a_dead_letter_for_a_week(
    store: Store, redis: Redis, clock: Clock
) -> None:
    (succeeded,) = submit(store, 1)
    complete(store, claim(store))
    (failed,) = submit(store, 2)
    fail(store, claim(store), retry=False)
    (cancelled,) = submit(store, 3)
    store.cancel(echo, cancelled)
    (expired,) = submit(store, 4, expires_seconds=60)
    clock.lapse_deadlines()
    assert status(store, expired) is Status.EXPIRED
    for request, days in ((succeeded, 1), (failed, 7), (cancelled, 1), (expired, 1)):
        assert ttl_days(redis, store, request) == pytest.approx(days, abs=0.01)


def test_dead_letters_older_than_a_week_are_trimmed_by_the_next_failure(
    store: Store, redis: Redis
) -> None:
    for number in range(3):
        submit(store, number)
        fail(store, claim(store), retry=False)
        tokens: Any = redis.zrange(f"{root(store)}:failures", 0, -1)
        for token in tokens:
            redis.zincrby(f"{root(store)}:failures", -5 * 86_400_000, token)
    assert store.count(echo).dead_letters == 2, "of 5 and of 10 days"
    submit(store, 9)
    fail(store, claim(store), retry=False)
    assert store.count(echo).dead_letters == 2, "of this moment and of 5 days"


def test_no_deadline_outlives_its_request(store: Store, redis: Redis, clock: Clock) -> None:
    (cancelled,) = submit(store, 1, expires_seconds=60)
    store.cancel(echo, cancelled)
    submit(store, 2, 3, expires_seconds=60)
    complete(store, claim(store, count=1))
    fail(store, claim(store, count=1), retry=False)
    assert not redis.exists(f"{root(store)}:deadlines")
    submit(store, 4, expires_seconds=60)
    clock.lapse_deadlines()
    store.reap(echo)
    assert not redis.exists(f"{root(store)}:deadlines")


def test_upstream_change_is_forgotten_after_a_day(store: Store, redis: Redis) -> None:
    store.arrive(echo, "c1", by="left", expected=["left", "right"], run="run")
    ttl_seconds = int(str(redis.ttl(f"{root(store)}:change:c1")))
    assert ttl_seconds == pytest.approx(RETAIN_SECONDS, abs=60)


def test_when_all_has_ended_little_stays_that_does_not_expire(
    store: Store, redis: Redis, clock: Clock
) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    submit(store, *range(10))
    submit(store, 10, expires_seconds=60)
    store.cancel(echo, submit(store, 11)[0])
    batch = claim(store, count=4)
    complete(store, Batch(generation=batch.generation, claims=batch.claims[:2]))
    fail(store, Batch(generation=batch.generation, claims=batch.claims[2:]))
    store.release(echo, claim(store, count=1).claims)
    claim(store, count=1)
    clock.lapse_leases()
    clock.ripen_retries()
    store.reap(echo)
    store.invalidate(echo)
    submit(store, 0)
    store.arrive(echo, "c1", by="top", expected=["top", "other"], run="run")
    while (left := claim(store)).claims:
        fail(store, left, retry=False)
    assert store.retire(echo, "worker", when="if_idle")
    lasting = {
        name.removeprefix(f"{root(store)}:")
        for name in redis.scan_iter(f"{root(store)}:*", count=1000)
        if redis.ttl(name) == -1
    }
    assert lasting <= LASTING
