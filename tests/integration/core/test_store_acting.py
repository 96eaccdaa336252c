"""The log of actions: all or none taken in, kept until they are forgotten, counted rightly."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from redis import Redis

from batchwell import Action
from batchwell.errors import ActionsFull, StoreUnavailable
from batchwell.keys import ACTION_LOG, root
from batchwell.store import Store
from batchwell.store.acting import Gathered, Offered
from tests.integration.core.actions import LOG, gather, offered
from tests.servers import StoreServer

WIDE = replace(LOG, user_limit=100_000, max_waiting=1_000_000)


def test_actions_are_gathered_as_they_came_until_they_are_forgotten(store: Store) -> None:
    store.accept_actions(LOG, offered("ann", "bob", at_ms=1000))
    store.accept_actions(LOG, offered("cid", at_ms=2000))
    gathered = gather(store)
    assert gathered.actions == [
        Action("ann", "whale-1", "like", "0", 1000),
        Action("bob", "whale-1", "like", "1", 1000),
        Action("cid", "whale-1", "like", "0", 2000),
    ]
    assert gather(store) == gathered
    assert store.forget_actions(gathered) == 3
    assert gather(store).actions == []
    assert store.intake().waiting == 0


def test_action_without_a_time_has_the_same_one_at_each_reading(store: Store) -> None:
    before = time.time()
    store.accept_actions(LOG, offered("ann"))
    (first,), (second,) = gather(store).actions, gather(store).actions
    assert first == second
    assert abs(first.at_ms / 1000 - before) < 60


def test_what_was_not_gathered_stays_even_if_it_is_older(store: Store) -> None:
    """As in a replica that took over without the last entries, its clock behind."""
    store.accept_actions(LOG, offered("ann"))
    gathered = gather(store)
    lost = Gathered(actions=gathered.actions, first="9999999999999-0", last="9999999999999-1")
    assert store.forget_actions(lost) == 0
    wider = Gathered(actions=[*gathered.actions] * 2, first=gathered.first, last=lost.last)
    assert store.forget_actions(wider) == 0
    assert gather(store) == gathered


def test_what_came_while_a_batch_was_on_its_way_stays(store: Store) -> None:
    store.accept_actions(LOG, offered("ann"))
    gathered = gather(store)
    store.accept_actions(LOG, offered("bob"))
    assert store.forget_actions(gathered) == 1
    assert [action.user for action in gather(store).actions] == ["bob"]


def test_two_collectors_with_the_same_actions_take_them_off_once(store: Store) -> None:
    store.accept_actions(LOG, offered("ann", "bob"))
    first, second = gather(store), gather(store)
    assert (store.forget_actions(first), store.forget_actions(second)) == (2, 0)
    intake = store.intake()
    assert (intake.waiting, intake.collected) == (0, 2)


def test_about_as_many_are_gathered_as_were_asked_for(store: Store) -> None:
    store.accept_actions(WIDE, offered(*map(str, range(30_000))))
    assert store.intake().waiting == 30_000
    sizes = []
    while (gathered := gather(store, count=10_000)).last:
        sizes.append(len(gathered.actions))
        store.forget_actions(gathered)
    assert sizes == [10_000, 10_000, 10_000]


def test_a_user_over_his_limit_is_told_and_the_others_are_taken(store: Store) -> None:
    users = ["ann", *["bob"] * 7, "ann"]
    acceptance = store.accept_actions(LOG, offered(*users))
    assert acceptance.limited == [6, 7]
    assert 0 < acceptance.again_seconds <= 60
    assert [action.user for action in gather(store).actions] == ["ann", *["bob"] * 5, "ann"]
    again = store.accept_actions(LOG, offered("bob", "ann", first=20))
    assert again.limited in ([0], []), "a minute may have begun meanwhile"


def test_limit_is_of_one_minute(own_server: StoreServer, own_store: Store) -> None:
    acceptance = own_store.accept_actions(LOG, offered(*["bob"] * 6))
    assert len(acceptance.limited) == 1
    with Redis.from_url(own_server.url) as client:
        seconds, microseconds = client.time()
        left_seconds = 60 - (seconds + microseconds / 1e6) % 60
        assert left_seconds - 0.1 < acceptance.again_seconds < left_seconds + 5
        (tally,) = client.keys(f"{root(own_store.namespace, ACTION_LOG)}:tally:*")
        kind, _, minute = tally.rpartition(b":")
        assert int(minute) in (seconds // 60, seconds // 60 - 1)
        assert 0 < client.pttl(tally) <= 120_000
        client.rename(tally, kind + b":%d" % (int(minute) - 1))
    assert not own_store.accept_actions(LOG, offered("bob")).limited


def test_a_server_without_memory_hands_its_actions_over(
    own_server: StoreServer, own_store: Store
) -> None:
    own_store.accept_actions(LOG, offered("ann"))
    with Redis.from_url(own_server.url) as client:
        client.config_set("maxmemory", 1)
        with pytest.raises(StoreUnavailable):
            own_store.accept_actions(LOG, offered("bob"))
        assert own_store.forget_actions(gather(own_store)) == 1
    assert own_store.intake().waiting == 0


def test_a_full_log_takes_all_or_nothing(store: Store) -> None:
    store.accept_actions(LOG, offered(*map(str, range(15))))
    with pytest.raises(ActionsFull, match="15 actions wait"):
        store.accept_actions(LOG, offered(*map(str, range(6))))
    assert store.intake().waiting == 15
    assert not store.accept_actions(LOG, offered(*map(str, range(5)))).limited
    assert store.intake().waiting == 20


def test_what_is_over_the_limit_takes_no_room(store: Store) -> None:
    acceptance = store.accept_actions(LOG, offered(*["ann"] * 21))
    assert (len(acceptance.limited), store.intake().waiting) == (16, 5)


def test_many_at_once_are_all_taken_and_counted(store: Store) -> None:
    calls = [
        [Offered(f"user {call}", "cat-1", "view", f"{call}-{place}", None) for place in range(50)]
        for call in range(40)
    ]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda call: store.accept_actions(WIDE, call), calls))
    ids = [action.id for action in gather(store).actions]
    assert sorted(ids) == sorted(action.id for call in calls for action in call)
    assert (store.intake().waiting, store.intake().accepted) == (2000, 2000)


def test_news_is_told_once_and_when_it_is_enough(store: Store) -> None:
    store.accept_actions(LOG, offered("ann", "bob"))
    assert store.take_news(1, teller="one") == 0
    store.forget_actions(gather(store))
    assert store.take_news(3, teller="one") == 0
    assert store.take_news(2, teller="one") == 2
    assert store.take_news(1, teller="two") == 0


def test_who_took_news_last_takes_it_again_with_what_is_new_since(store: Store) -> None:
    def collect(count: int) -> None:
        store.accept_actions(WIDE, offered(*map(str, range(count))))
        store.forget_actions(gather(store))

    collect(2)
    assert [store.take_news(1, teller="one") for _ in range(2)] == [2, 2]
    collect(3)
    assert store.take_news(1, teller="one") == 5
    collect(4)
    assert store.take_news(1, teller="two") == 4
    assert store.take_news(1, teller="one") == 0


def test_collector_is_alive_while_it_gathers_and_until_it_leaves(store: Store) -> None:
    assert store.intake().collectors == 0
    gather(store)
    assert store.intake().collectors == 1
    store.leave_actions("collector")
    assert store.intake().collectors == 0


def test_forgetting_nothing_is_harmless(store: Store) -> None:
    store.accept_actions(LOG, offered("ann"))
    assert store.forget_actions(Gathered(actions=[], first="1-1", last="1-1")) == 0
    assert store.intake().waiting == 1
