"""What caches and pollers are told: validators, ages, how long a value may be held."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from batchwell import Failure, keys
from batchwell.access_tokens import Scope
from batchwell.store import Origin
from tests.integration.webapp.driver import API, Driver
from tests.stored import result_field, set_result_field

RESULT = f"{API}/computations/echo/result?n=2"
LATEST = f"{API}/computations/echo/latest"
KEEP_SECONDS = 30 * 24 * 3600


def etag(driver: Driver, path: str = RESULT) -> str:
    answer = driver.get(path)
    assert answer.status_code == 200
    return answer.headers["ETag"]


def ask_again(driver: Driver, tag: str, path: str = RESULT) -> TestResponse:
    return driver.get(path, **{"If-None-Match": tag})


def directives(answer: TestResponse) -> dict[str, str]:
    control = answer.headers["Cache-Control"]
    return {name: value for name, _, value in (part.partition("=") for part in control.split(", "))}


def make_older(driver: Driver, seconds: int, n: int = 2) -> None:
    """Let the value of echo have been computed that much earlier, as fresh as it is."""
    digest = driver.computation("echo").parse({"n": n}).digest
    computed_at = result_field(driver.store, "echo", digest, "computed_at")
    set_result_field(driver.store, "echo", digest, "computed_at", computed_at - 1000 * seconds)


def fail_recompute(driver: Driver) -> None:
    echo = driver.computation("echo")
    driver.submit("echo", {"n": 2}, max_age=0)
    batch = driver.store.claim(echo, "worker", count=1, lease_seconds=30, origin=Origin())
    driver.store.fail(echo, [(batch.claims[0], Failure("no"), False)])


def test_reader_who_has_the_value_is_not_sent_it_again(driver: Driver) -> None:
    driver.compute("echo", n=2)
    tag = etag(driver)
    assert re.fullmatch(r'W/"[!-~]+"', tag)
    make_older(driver, 100)
    answer = ask_again(driver, tag)
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == tag, "whatever its age"
    assert int(answer.headers["Age"]) >= 100
    assert "max-age" in directives(answer)
    assert "Content-Type" not in answer.headers


def test_whatever_else_changes_is_sent(driver: Driver) -> None:
    driver.compute("echo", n=2)
    tags = [etag(driver)]
    driver.submit("echo", {"n": 2}, max_age=0)
    tags.append(etag(driver))
    driver.drain("echo")
    tags.append(etag(driver))
    driver.make_stale("echo", n=2)
    tags.append(etag(driver))
    driver.drain("echo")
    tags.append(etag(driver))
    fail_recompute(driver)
    tags.append(etag(driver))
    assert len(set(tags)) == len(tags)
    assert [ask_again(driver, tag).status_code for tag in tags] == [200] * 5 + [304]


def test_conditional_read_of_a_stale_value_has_it_recomputed(driver: Driver) -> None:
    driver.compute("echo", n=2)
    driver.make_stale("echo", n=2)
    digest = driver.computation("echo").parse({"n": 2}).digest
    assert ask_again(driver, "*").status_code == 304
    assert driver.store.client.hexists(
        f"{keys.root(driver.store.namespace, 'echo')}:active", digest
    )


@pytest.mark.parametrize(
    "header", ["*", " * ", "%s", "%s , ", '"a", W/"b,c" ,, %s', "strong", 'W/"", %s']
)
def test_any_tag_of_the_list_may_match(driver: Driver, header: str) -> None:
    driver.compute("echo", n=2)
    tag = etag(driver)
    header = tag.removeprefix("W/") if header == "strong" else header.replace("%s", tag)
    assert ask_again(driver, header).status_code == 304


@pytest.mark.parametrize(
    "header", ["", "abc", '"a', 'w/"a"', '"a" "b"', 'W/ "a"', ",", '*, "a"', '"a"b', '""a"']
)
def test_malformed_list_is_refused_by_name(driver: Driver, header: str) -> None:
    driver.compute("echo", n=2)
    for path in (RESULT, LATEST, f"{API}/computations/echo"):
        answer = ask_again(driver, header, path)
        assert answer.status_code == 400
        assert answer.get_json()["errors"][0]["field"] == "If-None-Match"


def test_fresh_value_may_be_held_for_ten_seconds(driver: Driver) -> None:
    driver.compute("echo", n=2)
    make_older(driver, 100)
    answer = driver.get(RESULT)
    told, age = directives(answer), int(answer.headers["Age"])
    assert int(told["max-age"]) == age + 10, "caches count from the computing"
    assert told["stale-while-revalidate"] == "10"
    assert int(told["stale-if-error"]) == KEEP_SECONDS - age - 10
    assert "private" not in told


def test_value_is_not_held_beyond_its_freshness(driver: Driver) -> None:
    driver.compute("echo", n=2)
    digest = driver.computation("echo").parse({"n": 2}).digest
    fresh_until = result_field(driver.store, "echo", digest, "fresh_until") - 1000 * (3600 - 5)
    set_result_field(driver.store, "echo", digest, "fresh_until", fresh_until)
    answer = driver.get(RESULT)
    assert answer.get_json()["state"] == "fresh"
    assert int(directives(answer)["max-age"]) - int(answer.headers["Age"]) in (3, 4)


def test_value_that_is_fresh_until_invalidated_is_asked_for_again_soon(driver: Driver) -> None:
    driver.submit("lasting", {"n": 2})
    driver.drain("lasting")
    answer = driver.read("lasting", "n=2")
    assert answer.get_json()["fresh_until"] is None
    assert int(directives(answer)["max-age"]) == int(answer.headers["Age"]) + 10


def test_nobody_holds_what_is_stale_or_being_replaced(driver: Driver) -> None:
    expected = {"max-age": "0", "stale-if-error": str(KEEP_SECONDS)}
    driver.compute("echo", n=2)
    driver.submit("echo", {"n": 2}, max_age=0)
    assert directives(driver.get(RESULT)) == expected
    driver.drain("echo")
    driver.make_stale("echo", n=2)
    assert directives(driver.get(RESULT)) == expected


def test_nobody_holds_the_latest(driver: Driver) -> None:
    driver.compute("echo", n=2)
    answer = driver.get(LATEST)
    assert directives(answer)["max-age"] == "0"
    assert ask_again(driver, answer.headers["ETag"], LATEST).status_code == 304
    driver.compute("echo", n=3)
    assert ask_again(driver, answer.headers["ETag"], LATEST).status_code == 200


def test_what_a_token_was_said_for_is_private(driver: Driver, grant: Callable[..., str]) -> None:
    driver.bear(grant("ci", Scope.SUBMIT))
    driver.compute("echo", n=2)
    for path in (RESULT, LATEST, f"{API}/computations/echo"):
        assert "private" in directives(driver.get(path)), path


def test_value_that_answers_a_submit_can_be_asked_for_again(driver: Driver) -> None:
    driver.compute("echo", n=2)
    answer = driver.submit("echo", {"n": 2})
    assert answer.headers["Cache-Control"] == "no-cache"
    assert int(answer.headers["Age"]) >= 0
    assert ask_again(driver, answer.headers["ETag"]).status_code == 304


def test_poller_of_a_request_is_told_when_it_moves(driver: Driver) -> None:
    location = driver.submit("echo", {"n": 2}).headers["Location"]
    tags = [etag(driver, location)]
    assert ask_again(driver, tags[0], location).status_code == 304
    echo = driver.computation("echo")
    batch = driver.store.claim(echo, "worker", count=1, lease_seconds=30, origin=Origin())
    tags.append(etag(driver, location))
    driver.store.report(echo, batch.claims, 0.5, "half")
    tags.append(etag(driver, location))
    assert ask_again(driver, tags[-1], location).status_code == 304, "though its ETA has changed"
    driver.store.release(echo, batch.claims)
    driver.drain("echo")
    tags.append(etag(driver, location))
    make_older(driver, 100)
    assert ask_again(driver, tags[-1], location).status_code == 304, "though its value has aged"
    assert len(set(tags)) == 4


@pytest.mark.parametrize("path", [f"{API}/computations", f"{API}/computations/echo"])
def test_catalogue_is_sent_again_when_its_counts_change(driver: Driver, path: str) -> None:
    tag = etag(driver, path)
    answer = ask_again(driver, tag, path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (304, "no-cache")
    driver.submit("echo", {"n": 2})
    assert ask_again(driver, tag, path).status_code == 200


def test_every_read_answers_head_alike_without_a_body(driver: Driver) -> None:
    driver.compute("echo", n=2)
    location = driver.submit("echo", {"n": 3}).headers["Location"]
    paths = [
        RESULT,
        LATEST,
        location,
        f"{API}/computations",
        f"{API}/computations/echo",
        f"{API}/computations/echo/failures",
        "/healthz",
        "/readyz",
        "/current",
        "/",
        "/computations/echo",
        "/nothing",
    ]
    for path in paths:
        got, head = driver.get(path), driver.client.head(path)
        assert (head.status_code, head.data) == (got.status_code, b""), path
        volatile = {"Content-Length", "Age", "Cache-Control", "X-Request-ID"}
        assert {name for name, _ in head.headers} == {name for name, _ in got.headers}, path
        for name, value in head.headers:
            assert name in volatile or got.headers[name] == value, (path, name)
