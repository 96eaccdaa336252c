"""Actions over HTTP: taken in whole, refused one by one, and none of them twice."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from batchwell import Action
from batchwell.actions_database import open_actions_database
from batchwell.collecting import collect
from tests.integration.client.faulty_peers import CuttingProxy
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer

DAY = 24 * 3600


def like(user: str = "ann", item: str = "whale-1", **more: Any) -> dict[str, Any]:
    return {"user": user, "item": item, "action": "like", **more}


def post(driver: Driver, body: object) -> TestResponse:
    return post_text(driver, json.dumps(body))


def post_text(driver: Driver, text: str) -> TestResponse:
    return driver.client.post(f"{API}/actions", data=text, content_type="application/json")


def kept(driver: Driver) -> Sequence[Action]:
    return driver.store.gather_actions("test", count=100_000, live_seconds=1).actions


def wrong(problem: dict[str, Any]) -> dict[str, str]:
    assert problem["type"] == "/problems/invalid-action"
    return {error["field"]: error["message"] for error in problem["errors"]}


def refused(answer: TestResponse) -> list[tuple[int, str]]:
    assert answer.status_code == 200, answer.text
    document = answer.get_json()
    found = [(each["index"], each["outcome"]) for each in document["refused"]]
    for outcome in ("limited", "invalid"):
        assert document["counts"][outcome] == [told for _, told in found].count(outcome)
    return found


def test_one_action_is_taken_in(driver: Driver) -> None:
    answer = post(driver, like(id="a1"))
    assert (answer.status_code, answer.get_json()) == (202, {"accepted": 1})
    [action] = kept(driver)
    assert action[:4] == ("ann", "whale-1", "like", "a1")
    assert abs(action.at_ms / 1000 - time.time()) < 60


def test_many_are_taken_in_and_those_without_an_id_are_given_one(driver: Driver) -> None:
    answer = post(driver, {"items": [like(), like(), like("bob"), like(id="mine")]})
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"counts": {"accepted": 4, "limited": 0, "invalid": 0}, "refused": []},
    )
    post(driver, like(id=None))
    ids = [action.id for action in kept(driver)]
    assert len(set(ids)) == 5
    assert ids[3] == "mine"


def test_a_bad_action_spoils_only_itself(driver: Driver) -> None:
    items = [like(), like(item="whael-1"), 7, like("bob"), {"user": "cid"}, like(action="hug")]
    answer = post(driver, {"items": [*items, like("half \ud83d")]})
    assert refused(answer) == [(place, "invalid") for place in (1, 2, 4, 5, 6)]
    item, number, short, kind, half = (
        wrong(each["problem"]) for each in answer.get_json()["refused"]
    )
    assert item["item"].startswith("there is no item 'whael-1'; did you mean whale-1")
    assert list(number) == ["item"]
    assert list(short) == ["item", "action"]
    assert kind["action"] == "there is no action 'hug'; there are view, like"
    assert half == {"user": "has half a character (a lone surrogate)"}
    assert [action.user for action in kept(driver)] == ["ann", "bob"]


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        (like(user=""), ["user"]),
        (like(user="a b"), ["user"]),
        (like(user="a\u200bb"), ["user"]),
        (like(user="a\n"), ["user"]),
        (like(user="u" * 129), ["user"]),
        ({**like(), "user": 7}, ["user"]),
        (like(id=""), ["id"]),
        (like(id="\u0000"), ["id"]),
        (like(id="i" * 129), ["id"]),
        (like(item="whale-9", action="hug"), ["item", "action"]),
        (like(item="w" * 100_000), ["item"]),
        (like(note=1), ["note"]),
        ({}, ["user", "item", "action"]),
        (None, ["item"]),
    ],
)
def test_what_does_not_fit_is_named(driver: Driver, item: Any, fields: list[str]) -> None:
    answer = post(driver, {"items": [item]})
    assert list(wrong(answer.get_json()["refused"][0]["problem"])) == fields
    alone = post(driver, item)
    assert (alone.status_code, list(wrong(alone.get_json()))) == (422, fields)
    assert not kept(driver)


def test_users_and_ids_may_have_any_visible_character(driver: Driver) -> None:
    names = ["a", "é:ü", "名" * 128, "🐳" * 128, '"\\:,{}']
    assert not refused(post(driver, {"items": [like(name, id=name) for name in names]}))
    assert [(action.user, action.id) for action in kept(driver)] == [(n, n) for n in names]


def iso(seconds: float, hours: int = 0) -> str:
    there = datetime.fromtimestamp(seconds, UTC) + timedelta(hours=hours)
    return f"{there.replace(tzinfo=None).isoformat()}{hours:+03}:00"


def test_time_is_iso_8601_with_a_zone_or_unix_seconds(driver: Driver) -> None:
    now = float(int(time.time()))
    times = [now, int(now), iso(now), iso(now, 5), iso(now, -3), now + 299, now - 2 * DAY + 60]
    items = [like(f"u{place}", at=at) for place, at in enumerate(times)]
    items.append(like("z", at=datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.25Z")))
    assert not refused(post(driver, {"items": items}))
    seconds = [action.at_ms / 1000 for action in kept(driver)]
    assert seconds == [*[now] * 5, now + 299, now - 2 * DAY + 60, now + 0.25]


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("soon", "must be a time with its zone"),
        ("2026-11-26T14:00:00", "must be a time with its zone"),
        ("2026-11-26", "must be a time with its zone"),
        (True, "must be a time with its zone"),
        ([1], "must be a time with its zone"),
        ("9999-12-31T23:59:59-23:59", "is more than 5 minutes ahead"),
        (1e308, "is more than 5 minutes ahead"),
        (10**400, "is more than 5 minutes ahead"),
        (float("nan"), "is more than 5 minutes ahead"),
        (float("-inf"), "is more than 2 days ago"),
        ("0001-01-01T00:00:00+23:59", "is more than 2 days ago"),
        (-1, "is more than 2 days ago"),
        (0, "is more than 2 days ago"),
    ],
)
def test_time_that_cannot_be_is_refused(driver: Driver, at: Any, told: str) -> None:
    for body in (like(at=at), {"items": [like(at=at), 7]}):
        document = post(driver, body).get_json()
        problem = document["refused"][0]["problem"] if "refused" in document else document
        assert wrong(problem)["at"].startswith(told)


@pytest.mark.parametrize(
    ("ahead_seconds", "told"),
    [(400, "is more than 5 minutes ahead"), (-3 * DAY, "is more than 2 days ago")],
)
def test_time_too_far_from_now_is_refused(driver: Driver, ahead_seconds: float, told: str) -> None:
    problem = post(driver, like(at=time.time() + ahead_seconds)).get_json()
    assert wrong(problem)["at"].startswith(told)


def test_an_action_that_says_a_member_twice_is_refused(driver: Driver) -> None:
    twice = '{"user": "ann", "user": "bob", "item": "cat-1", "action": "like"}'
    colon = r'{"user": "a\u003ab", "user": "bob", "item": "cat-1", "action": "like"}'
    good = json.dumps(like("a:b", id="::", at=iso(time.time())))
    assert refused(post_text(driver, f'{{"items": [{good}, {twice}, {colon}]}}')) == [
        (1, "invalid"),
        (2, "invalid"),
    ]
    assert [(action.user, action.id) for action in kept(driver)] == [("a:b", "::")]
    alone = post_text(driver, twice)
    assert (alone.status_code, alone.get_json()["errors"][0]["field"]) == (422, "user")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"items": []}', 422),
        ('{"items": 7}', 422),
        ('{"items": [{}], "user": "ann"}', 422),
        ('{"items": [1], "items": [2]}', 422),
        ("[]", 422),
        ("7", 422),
        ("null", 422),
        ('{"items": [', 400),
        ('{"user": "\\ud800", "item": "cat-1", "action": "like"}', 422),
        ("", 400),
    ],
)
def test_a_body_that_does_not_fit_is_refused_whole(driver: Driver, text: str, status: int) -> None:
    answer = post_text(driver, text)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert not kept(driver)


def test_ten_thousand_are_taken_at_once_and_no_more(
    make_app: AppMaker, server: StoreServer, dags_folder: Path
) -> None:
    log = "from batchwell import ActionLog\nlog = ActionLog(items=['cat-1'])"
    (dags_folder / "computations" / "pictures.py").write_text(log)
    driver = Driver(make_app(server))
    items = [like(f"u{n}", "cat-1") for n in range(10_001)]
    assert post(driver, {"items": items}).status_code == 422
    assert not refused(post(driver, {"items": items[1:]}))
    assert [action.user for action in kept(driver)] == [item["user"] for item in items[1:]]
    began = time.process_time()
    strange = [like(f"u{n}", f"catt-{n}") for n in range(10_000)]
    told = post(driver, {"items": strange}).get_json()["refused"]
    assert len(told) == 10_000
    assert time.process_time() - began < 5, "what is alike is not looked for ten thousand times"


def test_who_does_too_much_is_told_and_the_others_are_taken(driver: Driver) -> None:
    items = [like("bob"), 7, *[like("ann")] * 6, like("bob")]
    answer = post(driver, {"items": items})
    assert refused(answer) == [(1, "invalid"), (7, "limited")]
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    limited = answer.get_json()["refused"][1]["problem"]
    assert (limited["type"], limited["status"]) == ("/problems/too-many-actions", 429)
    assert [action.user for action in kept(driver)] == ["bob", *["ann"] * 5, "bob"]


def test_one_action_too_many_is_refused(driver: Driver) -> None:
    statuses = [post(driver, like()).status_code for _ in range(11)]
    assert statuses[:5] == [202] * 5
    assert 429 in statuses, "of eleven in two minutes at most ten are taken"
    answers = [post(driver, like("bob")) for _ in range(11)]
    refusal = next(answer for answer in answers if answer.status_code == 429)
    assert 1 <= int(refusal.headers["Retry-After"]) <= 60


def test_a_full_log_takes_nothing_of_a_call(driver: Driver) -> None:
    assert not refused(post(driver, {"items": [like(f"u{n}") for n in range(10)]}))
    answer = post(driver, {"items": [like("ann"), like("bob"), like("cid"), 7]})
    assert answer.status_code == 503
    assert answer.get_json()["type"] == "/problems/actions-full"
    assert int(answer.headers["Retry-After"]) >= 1
    assert driver.store.intake().waiting == 10
    assert post(driver, like("dan")).status_code == 202


def test_a_call_that_no_log_could_hold_is_not_to_be_sent_again(driver: Driver) -> None:
    answer = post(driver, {"items": [like(f"u{n}") for n in range(13)]})
    assert (answer.status_code, answer.get_json()["type"]) == (413, "/problems/too-large")
    assert "Retry-After" not in answer.headers


def test_a_log_that_may_be_in_a_broken_module_is_only_away(
    make_app: AppMaker, server: StoreServer, dags_folder: Path
) -> None:
    (dags_folder / "computations" / "pictures.py").write_text("no python")
    answer = post(Driver(make_app(server)), like())
    assert (answer.status_code, answer.get_json()["type"]) == (503, "/problems/actions-unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


def test_without_a_log_there_is_nothing_to_tell(
    make_app: AppMaker, server: StoreServer, dags_folder: Path
) -> None:
    (dags_folder / "computations" / "pictures.py").unlink()
    (dags_folder / "computations" / "broken.py").unlink(missing_ok=True)
    driver = Driver(make_app(server))
    answer = post(driver, like())
    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/no-actions")
    assert driver.get("/metrics").status_code == 200
    assert "to be collected;" not in driver.get("/health").text


def test_without_the_store_nothing_is_taken(own_driver: Driver, own_server: StoreServer) -> None:
    own_server.kill()
    answer = post(own_driver, like())
    assert (answer.status_code, answer.get_json()["type"]) == (503, "/problems/store-unavailable")
    own_server.start()


def test_a_query_is_refused(driver: Driver) -> None:
    assert driver.client.post(f"{API}/actions?user=ann", json=like()).status_code == 422
    assert driver.get(f"{API}/actions").status_code == 405


def test_what_the_app_sends_again_to_the_store_is_the_same(
    make_app: AppMaker, server: StoreServer
) -> None:
    with CuttingProxy(server.url).running() as proxy:
        url = proxy.url.replace("http:", "redis:")
        driver = Driver(make_app(server, BATCHWELL_REDIS_URL=f"{url}/0"))
        posted = 0
        while len(kept(driver)) == posted < 4:  # else it was another answer that was lost
            proxy.cuts = 1
            assert post(driver, {"items": [like()]}).status_code == 200
            posted += 1
    ids = [action.id for action in kept(Driver(make_app(server)))]
    assert len(ids) == posted + 1
    assert len(set(ids)) == posted


def test_what_is_told_again_is_in_the_database_once(driver: Driver, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'actions.db'}"
    at = time.time() - 60
    for _ in range(2):
        told = [like(id="1", at=at), like("bob", id="1"), like(id="2", item="cat-2")]
        assert not refused(post(driver, {"items": told}))
        collect(driver.store, url, collector="test", most_seconds=9, patience_seconds=1)
    with open_actions_database(url) as database:
        found = sorted(action for some in database.read() for action in some)
    assert [action[:4] for action in found] == [
        ("ann", "cat-2", "like", "2"),
        ("ann", "whale-1", "like", "1"),
        ("bob", "whale-1", "like", "1"),
    ]
    assert found[1].at_ms == int(at * 1000)
