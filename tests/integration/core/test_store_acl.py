"""The store's users (deploy/store.acl): what the web app and the workers can, and cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from batchwell import Failure
from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.drain import drain
from batchwell.errors import StoreRefuses
from batchwell.records import Status
from batchwell.result_memory import ResultMemory
from batchwell.scripts import load_script
from batchwell.store import Origin, Store
from batchwell.work_records import Claim
from tests.clusters import StoreCluster
from tests.integration.core.actions import LOG, gather, offered
from tests.integration.core.samples import claim, complete, echo, params, status, submit
from tests.servers import GuardedServer

CHECKOUT = Path(__file__).parents[3]
LUA = CHECKOUT / "plugins" / "batchwell" / "lua"
# Which of the two runs a script; a new one is added here, and to deploy/store.acl what it needs.
WEB_VERBS = {"submit", "read", "invalidate", "inspect", "cancel", "retry", "failures", "count",
             "demand", "measure", "statuses", "look", "attention",
             "deliveries", "redeliver", "overview", "history",
             "batches", "clear", "crew", "stale", "recent", "accept", "intake"}  # fmt: skip
WORKER_VERBS = {"abandon", "arrive", "claim", "complete", "enlist", "extend", "fail", "known",
                "reap", "record", "release", "report", "retire", "settle", "take", "tell",
                "unwatch", "wake", "gather", "forget", "news", "leave"}  # fmt: skip


RUN = Origin(dag_id="recompute_echo", run_id="manual__1")


@pytest.fixture
def operator(guarded_server: GuardedServer) -> Iterator[Redis]:
    with Redis.from_url(guarded_server.url_of("default"), decode_responses=True) as client:
        client.flushdb()
        yield client


@pytest.fixture
def web(guarded_server: GuardedServer, operator: Redis) -> Iterator[Store]:
    with connect(guarded_server.url_of("batchwell-web")) as client:
        yield Store(client)


@pytest.fixture
def worker(guarded_server: GuardedServer, operator: Redis) -> Iterator[Store]:
    with connect(guarded_server.url_of("batchwell-worker")) as client:
        yield Store(client)


def test_web_app_can_do_all_that_it_does_while_workers_compute(web: Store, worker: Store) -> None:
    requests = submit(web, *range(4))
    assert web.read(echo, params(0)[0]) is None
    assert web.cancel(echo, requests[3]) is Status.CANCELLED
    assert drain(worker, echo, linger_seconds=0).succeeded == 3
    result = web.read(echo, params(0)[0])
    assert result is not None
    assert web.latest(echo) is not None
    memory = ResultMemory(web)
    assert memory.read(echo, params(0)[0])[1] is not None
    memory.close()
    assert web.submit(echo, params(0), touch=True)[0].outcome == "fresh"
    assert web.invalidate(echo) == 1
    assert web.submit(echo, params(0), expires_seconds=60)[0].outcome == "created"
    batch = claim(worker)
    worker.fail(echo, [(each, Failure("no"), False) for each in batch.claims])
    (letter,) = web.failures(echo).requests
    retried = web.retry(echo, letter.id)
    assert status(web, retried) == "pending"
    assert status(web, requests[0]) == "succeeded"
    assert web.count(echo).pending == 1
    assert web.demand("echo").waiting == 1
    assert web.measure([echo])
    assert web.overviews([echo])["echo"].results == 3
    assert len(web.recent(echo).computed) == 3
    assert web.history(echo, "minutes").moments
    assert len(web.look("echo", [request.rpartition("-")[2] for request in requests])) == 4
    with web.changes() as changes:
        while not changes.hear(5).is_new:
            pass
        assert web.cancel(echo, retried) is Status.CANCELLED
        assert "echo" in changes.hear(5).tokens
    (told,) = web.submit(echo, params(8), webhook="https://example.org/")
    web.cancel(echo, str(told.request))
    (delivery,) = web.deliveries(echo)[0]
    web.redeliver(echo, delivery.id)
    assert len(worker.take(echo, count=9, lease_seconds=9)[0]) == 1
    assert web.crews([echo])["echo"].owed == 1
    worker.record_batch(echo, RUN, seconds=1, tally={}, erring=[], others=[], size=0)
    assert web.run_batches([echo], RUN)
    web.invalidate(echo)
    assert web.refresh(echo, most=9) == 3
    assert web.cancel_waiting(echo, most=9) == 3
    worker.fail(echo, [(each, Failure("no"), False) for each in failing(web, worker)])
    assert web.replay_failures(echo, most=9) == 1
    assert not web.accept_actions(LOG, offered("ann")).limited
    assert worker.forget_actions(gather(worker)) == 1
    assert (worker.take_news(1, teller="one"), web.intake().collectors) == (1, 1)
    worker.leave_actions("collector")
    web.ping()
    assert web.warnings() == []


def failing(web: Store, worker: Store) -> Sequence[Claim]:
    submit(web, 99)
    return claim(worker).claims


def test_web_app_submits_durably(guarded_server: GuardedServer, operator: Redis) -> None:
    if "redis_version:7.0" in str(operator.execute_command("INFO server")):
        pytest.skip("Redis 7.0 has no WAITAOF")
    with connect(guarded_server.url_of("batchwell-web")) as client:
        (submission,) = Store(client, durable=True).submit(echo, params(1))
    assert submission.outcome == "created"


REFUSED: dict[str, Callable[[Store, Store], object]] = {
    "claim": lambda web, worker: claim(web),
    "complete": lambda web, worker: complete(web, claim(worker)),
    "fail for good": lambda web, worker: web.fail(
        echo, [(each, Failure("no"), False) for each in claim(worker).claims]
    ),
    "fail": lambda web, worker: web.fail(
        echo, [(each, Failure("no"), True) for each in claim(worker).claims]
    ),
    "enlist": lambda web, worker: web.enlist(echo, "me", worker_seconds=9),
    "extend": lambda web, worker: web.extend(echo, "me", [], worker_seconds=9, lease_seconds=9),
    "retire": lambda web, worker: web.retire(echo, "me", when="now"),
    "wait": lambda web, worker: web.wait(echo, 0.01),
    "grant": lambda web, worker: web.grant("me", digest_of(new_secret()), [Scope.ADMIN]),
    "revoke": lambda web, worker: web.revoke("ci"),
}


@pytest.mark.parametrize("verb", REFUSED)
def test_web_app_cannot_compute_nor_let_itself_in(
    verb: str, web: Store, worker: Store, operator: Redis
) -> None:
    (request,) = submit(web, 1)
    with pytest.raises(StoreRefuses, match=r"deploy/store\.acl"):
        REFUSED[verb](web, worker)
    assert status(web, request) in ("pending", "running")
    assert operator.keys("bw:{echo}:result*") == []
    assert not operator.exists("bw:access")
    seen = web.inspect(echo, request)
    assert seen is not None
    assert seen.error_type is None


# In the words of either server, also from within a script.
REFUSAL = r"permission|can't (run|access|publish)|not allowed"
DANGEROUS = (
    "CONFIG GET *", "CONFIG SET appendonly no", "FLUSHALL", "FLUSHDB", "KEYS *", "SCAN 0",
    "DEBUG SLEEP 0", "SHUTDOWN", "ACL LIST", "ACL SETUSER x on", "CLIENT LIST", "MONITOR",
    "SCRIPT FLUSH", "FUNCTION LIST", "REPLICAOF NO ONE", "DEL bw:{echo}:queue", "MODULE LIST",
    "CLUSTER NODES",
    "GET other", "SET bw:access x", "HSET bw:access ci x", "RENAME bw:{echo}:meta bw:{echo}:hot",
    "HSET bw:{echo}:result:x value 1", "SET bw:{echo}:results x", "PUBLISH other x",
    "HSET other:{echo}:meta generation 1",
)  # fmt: skip


@pytest.mark.parametrize("command", DANGEROUS)
def test_web_app_is_refused_what_is_not_its_own(command: str, web: Store) -> None:
    script = "return redis.call(unpack(ARGV))"
    words = command.split()
    for call in ([*words], ["EVAL", script, "1", "bw:{echo}", *words]):
        with pytest.raises(ResponseError, match=REFUSAL):
            web.client.execute_command(*call)  # type: ignore[no-untyped-call]


WORKERS_TOO = [
    command for command in DANGEROUS if not re.search(r"result|DEL bw|RENAME", command)
] + ["HGETALL bw:access", "INCRBY bw:limits:x 1"]


@pytest.mark.parametrize("command", WORKERS_TOO)
def test_worker_is_refused_what_is_not_its_own(command: str, worker: Store) -> None:
    with pytest.raises(ResponseError, match=REFUSAL):
        worker.client.execute_command(*command.split())  # type: ignore[no-untyped-call]


def test_web_app_reads_tokens_and_workers_do_not(
    guarded_server: GuardedServer, web: Store, worker: Store
) -> None:
    with connect(guarded_server.url_of("default")) as client:
        token = Store(client).grant("ci", digest_of(new_secret()), [Scope.READ])
    assert web.tokens() == [token]
    with pytest.raises(StoreRefuses):
        worker.tokens()


@pytest.mark.parametrize("user", ["batchwell-web", "batchwell-worker"])
def test_both_may_ask_a_cluster_who_has_what(
    user: Literal["batchwell-web", "batchwell-worker"], guarded_server: GuardedServer
) -> None:
    url = f"{guarded_server.url_of(user)}?cluster=true"
    with connect(url) as client, pytest.raises(StoreRefuses, match="take cluster=true out"):
        Store(client).count(echo)


@pytest.fixture
def cluster_users(store_cluster: StoreCluster, namespace: str) -> Iterator[None]:
    """The two users at each node, in this test's namespace."""
    names = []
    for line in GuardedServer.users(namespace).splitlines()[1:]:
        _, name, *rules = re.findall(r"\([^)]*\)|\S+", line)
        names.append(name)
        for node in store_cluster.nodes:
            node.ask("ACL SETUSER", name, *rules)
    yield
    for node in store_cluster.nodes:
        node.ask("ACL DELUSER", *names)


@pytest.mark.usefixtures("cluster_users")
def test_both_users_find_their_way_in_a_cluster(
    store_cluster: StoreCluster, namespace: str
) -> None:
    urls = [
        store_cluster.url.replace("//", f"//{name}:{GuardedServer.PASSWORDS[name][1]}@")
        for name in ("batchwell-web", "batchwell-worker")
    ]
    with connect(urls[0]) as one, connect(urls[1]) as other:
        web, worker = Store(one, namespace=namespace), Store(other, namespace=namespace)
        with web.changes() as changes:
            assert changes.hear(5).is_new
            submit(web, 1)
            assert drain(worker, echo, linger_seconds=0).succeeded == 1
            assert "echo" in changes.hear(5).tokens
        assert web.read(echo, params(1)[0]) is not None
        assert web.warnings() == []
        with pytest.raises(StoreRefuses):
            claim(web)


def test_stranger_is_refused(guarded_server: GuardedServer) -> None:
    with connect(guarded_server.url) as client, pytest.raises(StoreRefuses):
        Store(client).ping()


def commands_of(*verbs: str) -> set[str]:
    text = "".join(load_script(verb).source for verb in verbs)
    found = re.findall(r"(?:redis\.call|in_chunks)\(\s*'([A-Z]+)'", text)
    return {command.lower() for command in found}


def granted(user: str) -> set[str]:
    text = (CHECKOUT / "deploy" / "store.acl").read_text()
    lines = text[text.index(f"user {user}") :].partition("\n\n")[0]
    return set(re.findall(r"\+([a-z]+)\b", lines))


def test_each_user_is_granted_the_commands_of_its_scripts_and_no_others() -> None:
    verbs = {path.stem for path in LUA.glob("*.lua")}
    assert verbs == WEB_VERBS | WORKER_VERBS
    beside = {"eval", "evalsha", "time", "info", "publish", "subscribe", "unsubscribe", "cluster"}
    limits = {"script", "incrby", "pttl", "rename"}
    assert granted("batchwell-worker") == commands_of(*verbs) | beside | {"blpop"}
    assert granted("batchwell-web") == commands_of(*WEB_VERBS) | beside | limits
