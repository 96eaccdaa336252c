"""Following requests: woken at once, late by seconds when a message is lost, never hung."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from queue import Queue

import pytest
from redis import Redis

from batchwell import computation
from batchwell import follower as following
from batchwell.connection import connect
from batchwell.follower import Followed, Follower
from batchwell.records import Status
from batchwell.store import Store
from tests.clusters import Move, StoreCluster
from tests.integration.core.samples import claim, complete, echo, look, submit
from tests.servers import StoreServer
from tests.stored import set_request_field


@pytest.fixture
def follower(second_store: Store) -> Follower:
    return Follower(second_store)


@pytest.fixture
def settled(store: Store, follower: Follower) -> Iterator[None]:
    """Have the thread subscribed, and its first look behind it."""
    (request_id,) = submit(store, 99)
    with follower.follow(request_id) as followed:
        until(followed, lambda: followed.standing is not None)
        yield


def until(followed: Followed, is_so: Callable[[], bool], seconds: float = 20.0) -> float:
    """Wait until it is so; return how long that took."""
    started = time.monotonic()
    while not is_so():
        left = started + seconds - time.monotonic()
        assert left > 0, "nothing was told"
        followed.wait(left)
    return time.monotonic() - started


def is_over(followed: Followed) -> bool:
    return followed.standing is not None and followed.standing.is_over


@pytest.mark.usefixtures("settled")
def test_end_of_a_request_wakes_all_who_follow_it_at_once(
    store: Store, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 60.0)
    (request_id,) = submit(store, 1)
    with follower.follow(request_id) as one, follower.follow(request_id) as other:
        complete(store, claim(store))
        until(one, lambda: is_over(one))
        until(other, lambda: is_over(other))


@pytest.mark.usefixtures("settled")
def test_who_waits_for_the_end_alone_has_nothing_looked_at_before_it(
    store: Store, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 60.0)
    (watched, waited) = submit(store, 1, 2)
    with follower.follow(watched) as one, follower.follow(waited, end_only=True) as other:
        batch = claim(store)
        until(one, lambda: one.standing is not None and one.standing.status is Status.RUNNING)
        time.sleep(0.3)  # those that wait are looked at now and then
        assert other.standing is None
        complete(store, batch)
        until(other, lambda: is_over(other))


def test_first_look_shows_what_happened_before(store: Store, follower: Follower) -> None:
    (request_id,) = submit(store, 1)
    complete(store, claim(store))
    with follower.follow(request_id) as followed:
        until(followed, lambda: is_over(followed))
        assert followed.standing is not None
        assert followed.standing.status is Status.SUCCEEDED


def test_computation_that_is_away_in_a_cluster_keeps_up_none_of_the_others(
    store_cluster: StoreCluster, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.5)

    @computation()
    def another(n: int) -> int:
        return n

    move = Move(store_cluster, "{another}")
    with connect(store_cluster.url) as client:
        store = Store(client, namespace=namespace)
        (away,) = submit(store, 1, computation=another)
        (served,) = submit(store, 1)
        follower = Follower(store)
        move.begin()
        with follower.follow(away) as first, follower.follow(served) as second:
            until(second, lambda: second.standing is not None)
            complete(store, claim(store))
            until(second, lambda: is_over(second))
            assert first.standing is None
            move.carry()
            move.end()
            until(first, lambda: first.standing is not None)
        move.back()


@pytest.mark.usefixtures("settled")
def test_change_of_which_nothing_was_told_is_seen_at_the_next_look(
    store: Store, follower: Follower
) -> None:
    (request_id,) = submit(store, 1)
    with follower.follow(request_id) as followed:
        token = request_id.rpartition("-")[2]
        set_request_field(store, "echo", token, "status", "cancelled")
        until(followed, lambda: is_over(followed))


@pytest.mark.usefixtures("settled")
def test_those_behind_one_that_was_claimed_are_looked_at_too(
    store: Store, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sorted(submit(store, 1, 2), key=lambda one: look(store, one).position or 0)
    with follower.follow(second) as followed:
        until(followed, lambda: followed.standing is not None)
        before = followed.standing
        monkeypatch.setattr(following, "LOOK_SECONDS", 60.0)
        store.cancel(echo, first)
        until(followed, lambda: followed.standing != before)


@pytest.mark.usefixtures("settled")
def test_killed_subscription_is_made_again(store: Store, follower: Follower, redis: Redis) -> None:
    (request_id,) = submit(store, 1)
    with follower.follow(request_id) as followed:
        redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        complete(store, claim(store))
        until(followed, lambda: is_over(followed))


def test_store_that_goes_away_and_returns_is_followed_again(
    own_server: StoreServer, own_store: Store
) -> None:
    follower = Follower(own_store)
    (request_id,) = submit(own_store, 1)
    with follower.follow(request_id) as followed:
        until(followed, lambda: followed.standing is not None)
        own_server.kill()
        followed.wait(1.5)
        own_server.start()
        complete(own_store, claim(own_store))
        until(followed, lambda: is_over(followed))


def test_refused_subscription_costs_delay_only(
    own_server: StoreServer, own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Redis.from_url(own_server.url) as admin:
        admin.execute_command(
            "ACL", "SETUSER", "default", "resetchannels", f"&{own_store.namespace}:waiting"
        )
        follower = Follower(own_store)
        (request_id,) = submit(own_store, 1)
        with follower.follow(request_id) as followed:
            until(followed, lambda: followed.standing is not None)
            token = request_id.rpartition("-")[2]
            set_request_field(own_store, "echo", token, "status", "cancelled")
            until(followed, lambda: is_over(followed))


def test_unexpected_errors_cost_delay_only(
    store: Store, follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    (request_id,) = submit(store, 1)
    errors = iter([ValueError("first"), ValueError("second"), ValueError("third")])

    def is_gone() -> bool:
        for error in errors:
            raise error
        return False

    with follower.follow(request_id, is_gone) as followed:
        until(followed, lambda: followed.standing is not None)
    assert all(word in caplog.text for word in ("first", "second", "third"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_thread_that_died_is_replaced(store: Store, follower: Follower) -> None:
    (request_id,) = submit(store, 1)
    dying: Queue[threading.Thread] = Queue()

    def die() -> bool:
        dying.put(threading.current_thread())
        raise SystemExit

    with follower.follow(request_id, die):
        thread = dying.get(timeout=20)
        thread.join(10)
        assert not thread.is_alive()
    with follower.follow(request_id) as followed:
        until(followed, lambda: followed.standing is not None)


@pytest.mark.usefixtures("settled")
def test_client_that_hung_up_is_let_go(store: Store, follower: Follower) -> None:
    (request_id,) = submit(store, 1)
    gone = threading.Event()
    with follower.follow(request_id, gone.is_set) as followed:
        gone.set()
        until(followed, lambda: followed.is_cut)


def test_close_lets_everyone_go_also_those_who_come_later(store: Store, follower: Follower) -> None:
    (request_id,) = submit(store, 1)
    with follower.follow(request_id) as followed:
        following.close_all()
        assert followed.wait(5)
        assert followed.is_cut
    with follower.follow(request_id) as late:
        assert late.is_cut


def test_thread_ends_when_nobody_follows_and_comes_back(
    store: Store, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "IDLE_SECONDS", 0.0)
    monkeypatch.setattr(following, "LOOK_SECONDS", 0.05)
    (request_id,) = submit(store, 1)
    for _ in range(2):
        with follower.follow(request_id) as followed:
            until(followed, lambda: followed.standing is not None)
            thread = next(one for one in threading.enumerate() if one.name == "follower")
        thread.join(10)
        assert not thread.is_alive()


def test_forked_process_follows_by_itself(store: Store, follower: Follower) -> None:
    (request_id,) = submit(store, 1)
    with follower.follow(request_id) as followed:
        until(followed, lambda: followed.standing is not None)
        pid = os.fork()
        if pid == 0:
            with follower.follow(request_id) as mine:
                seen = mine.wait(20)
            os._exit(0 if seen and mine.standing is not None else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
