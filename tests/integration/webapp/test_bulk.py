"""Thousands of computings in one call; a bad item spoils only itself."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.integration.webapp.driver import API, Driver
from webapp.api import bulk


def send(driver: Driver, items: list[Any], name: str = "echo", **more: Any) -> TestResponse:
    headers = more.pop("headers", {})
    path = f"{API}/computations/{name}/requests/bulk"
    return driver.client.post(path, json={"items": items, **more}, headers=headers)


def raw(driver: Driver, text: str | bytes, name: str = "echo") -> TestResponse:
    path = f"{API}/computations/{name}/requests/bulk"
    return driver.client.post(path, data=text, content_type="application/json")


def outcomes(answer: TestResponse) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    document = answer.get_json()
    found: list[dict[str, Any]] = document["outcomes"]
    assert {kind: n for kind, n in document["counts"].items() if n} == Counter(
        outcome["outcome"] for outcome in found
    )
    return found


def kinds(answer: TestResponse) -> list[str]:
    return [outcome["outcome"] for outcome in outcomes(answer)]


def wrong_fields(outcome: dict[str, Any]) -> list[str]:
    assert outcome["outcome"] == "invalid"
    return [error["field"] for error in outcome["problem"]["errors"]]


def params(*numbers: int) -> list[dict[str, Any]]:
    return [{"params": {"n": number}} for number in numbers]


def test_each_item_has_its_outcome_in_order(driver: Driver) -> None:
    driver.compute("echo", n=1)
    driver.compute("echo", n=2)
    driver.make_stale("echo", n=2)
    fresh, stale, new, bad = outcomes(send(driver, params(1, 2, 3, 1000)))
    assert (fresh["outcome"], fresh["result"]["value"]) == ("fresh", "x")
    assert (stale["outcome"], stale["previous"]["value"]) == ("accepted", "xx")
    assert (new["outcome"], new["previous"]) == ("accepted", None)
    assert driver.get(new["links"]["self"]).get_json()["id"] == new["request"]
    assert wrong_fields(bad) == ["n"]
    assert bad["problem"]["type"] == "/problems/invalid-parameters"


def test_items_that_are_the_same_share_a_request(driver: Driver) -> None:
    found = outcomes(send(driver, [*params(3, 4), {"params": {"text": "x", "n": 3}}]))
    assert [outcome["outcome"] for outcome in found] == ["accepted"] * 3
    assert found[0]["request"] == found[2]["request"] != found[1]["request"]
    assert driver.pending("echo") == 2


def test_full_queue_refuses_the_rest(driver: Driver) -> None:
    answer = send(driver, params(1, 2, 3, 1), "narrow")
    assert kinds(answer) == ["accepted", "accepted", "full", "accepted"]
    assert outcomes(answer)[2]["problem"]["type"] == "/problems/queue-full"
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Retry-After" not in send(driver, params(1), "narrow").headers


def test_what_stands_beside_the_items_holds_for_all(driver: Driver) -> None:
    driver.compute("echo", n=1)
    assert kinds(send(driver, params(1, 2), max_age=0, priority="bulk")) == ["accepted"] * 2
    urgent = driver.submit("echo", {"n": 3}).get_json()
    assert urgent["position"] == 0


DEEP = "[" * 300 + "]" * 300


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ("1", "item"),
        ("null", "item"),
        ("[]", "item"),
        ("{}", "params"),
        ('{"params":[]}', "params"),
        ('{"params":{}}', "n"),
        ('{"params":{"n":"1"}}', "n"),
        ('{"params":{"n":NaN}}', "n"),
        ('{"params":{"n":1,"m":1}}', "m"),
        ('{"params":{"n":1},"priority":"bulk"}', "priority"),
        ('{"params":{"n":1,"n":1}}', "n"),
        ('{"params":{"n":1},"params":{"n":2}}', "params"),
        ('{"params":{"n":%s}}' % ("9" * 5000), "n"),
        ('{"params":{"n":' + DEEP + "}}", "n"),
        ('{"params":{"n":1,"text":"%s"}}' % ("x" * 70_000), "text"),
        (r'{"params":{"text":"half: \ud83d","n":1}}', "text"),
        (r'{"params":{"n":1,"text":"\ude00\""}}', "text"),
    ],
)
def test_bad_item_spoils_only_itself(driver: Driver, item: str, field: str) -> None:
    good = '{"params":{"n":1,"text":"a, \\"]b: }"}}'
    answer = raw(driver, '{"items": [' + f"{good} , {item},{good}" + "]}")
    found = outcomes(answer)
    assert [outcome["outcome"] for outcome in found] == ["accepted", "invalid", "accepted"]
    assert wrong_fields(found[1]) == [field]
    assert driver.pending("echo") == 1


@pytest.mark.parametrize(
    ("text", "status", "field"),
    [
        ("", 400, None),
        ('{"items":[{"params":{}},]}', 400, None),
        ('{"items":[{"params":{"n":1}}', 400, None),
        ("[]", 422, "body"),
        ("{}", 422, "items"),
        ('{"items":{}}', 422, "items"),
        ('{"items":[]}', 422, "items"),
        ('{"items":[1],"items":[2]}', 422, "items"),
        ('{"items":[' + DEEP + '],"priority":' + DEEP + "}", 422, "priority"),
        ('{"items":[{"params":{"n":1}}],"prams":{}}', 422, "prams"),
        ('{"items":[{"params":{"n":1}}],"priority":"x"}', 422, "priority"),
        ('{"items":[{"params":{"n":1}}],"max_age":-1,"expires_in":0}', 422, "max_age"),
        ("[" * 2_000_000, 422, "body"),
    ],
)
def test_what_spoils_the_whole_is_refused(
    driver: Driver, text: str, status: int, field: str | None
) -> None:
    answer = raw(driver, text)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    if field:
        assert answer.get_json()["errors"][0]["field"] == field
    assert driver.store.client.keys(f"{driver.store.namespace}:*") == []


def test_more_items_than_ten_thousand_are_refused(driver: Driver) -> None:
    answer = send(driver, params(1) * 10_001)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "items")


def test_body_may_be_larger_than_that_of_one_submit_but_not_without_end(driver: Driver) -> None:
    item = {"params": {"n": 1, "text": "x" * 60_000}}
    assert kinds(send(driver, [item] * 50)) == ["accepted"] * 50
    assert raw(driver, b" " * (16 * 1024 * 1024 + 1)).status_code == 413


def test_ten_thousand_items_are_taken_in_one_call(driver: Driver) -> None:
    items = [{"params": {"value": f"item: {number}"}} for number in range(10_000)]
    started = time.process_time()
    answer = send(driver, items, "same")
    assert time.process_time() - started < 5
    assert set(kinds(answer)) == {"accepted"}
    assert driver.pending("same") == 10_000


def test_store_is_asked_once_for_every_few_hundred(own_driver: Driver) -> None:
    def evaluations() -> int:
        stats: Any = own_driver.store.client.info("commandstats")
        return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "eval"))

    own_driver.submit("same", {"value": -1})
    before = evaluations()
    send(own_driver, [{"params": {"value": number}} for number in range(2000)], "same")
    assert evaluations() - before == 4


def test_bulk_sent_again_with_its_key_is_the_same(driver: Driver) -> None:
    headers = {"Idempotency-Key": "k"}
    items = [*params(*range(40), 1000), 5]
    first, second = (outcomes(send(driver, items, max_age=0, headers=headers)) for _ in range(2))
    assert first == second
    driver.drain("echo")
    third = outcomes(send(driver, items, max_age=0, headers=headers))
    assert [one.get("request") for one in third] == [one.get("request") for one in first]
    assert driver.pending("echo") == 0
    other = send(driver, items[:-2], headers=headers)
    assert other.get_json()["type"] == "/problems/idempotency-key-reused"


@pytest.mark.parametrize(
    ("size", "left_out"),
    [
        (0, [True, True, True]),
        (3, [False, True, True]),  # within the first round trip, and in the next
        (7, [False, False, True]),
        (12, [False, False, False]),
    ],
)
def test_values_beyond_the_bound_are_left_out(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, size: int, left_out: list[bool]
) -> None:
    monkeypatch.setattr(bulk, "_MOST_BYTES", size)
    monkeypatch.setattr(bulk, "_CHUNK", 2)
    for n in (1, 2, 3):
        driver.compute("echo", n=n)
    found = outcomes(send(driver, params(1, 2, 3)))
    assert [outcome["outcome"] for outcome in found] == ["fresh"] * 3
    assert [outcome["result"] is None for outcome in found] == left_out


def test_unknown_computation_is_404_and_a_read_405(driver: Driver) -> None:
    assert send(driver, params(1), "nothing").status_code == 404
    answer = driver.get(f"{API}/computations/echo/requests/bulk")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
