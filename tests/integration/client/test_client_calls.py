"""The client's calls, on a running web app and a real drain."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import pytest

from batchwell.client import (
    ActionTold,
    Client,
    Conflict,
    EndedWithoutValue,
    Invalid,
    NotFound,
    TooMany,
    WaitTimedOut,
)
from tests.integration.client.faulty_peers import stranger


@pytest.fixture
def client(web_url: str) -> Iterator[Client]:
    with Client(web_url, retry_seconds=0) as client:
        yield client


@pytest.mark.usefixtures("workers")
def test_value_is_computed_and_then_known(client: Client) -> None:
    result = client.compute("squared", {"n": 12}, timeout=60)
    assert (result.computation, result.value, result.state) == ("squared", 144, "fresh")
    assert result.params == {"n": 12}
    assert datetime.now(UTC) - result.computed_at < timedelta(minutes=1)
    assert result.provenance.attempt == 1
    assert client.submit("squared", {"n": 12}).result is not None
    assert client.result("squared", {"n": 12}).value == 144
    assert client.latest("squared").computation == "squared"
    for call in (client.cancel, client.replay):
        with pytest.raises(Conflict, match=f"{result.request} is succeeded"):
            call(result.request)


@pytest.mark.usefixtures("workers")
def test_integers_of_any_size_keep_every_digit(client: Client) -> None:
    assert client.compute("squared", {"n": 10**30 - 1}, timeout=60).value == (10**30 - 1) ** 2
    assert client.result("squared", {"n": 10**30 - 1}).value == (10**30 - 1) ** 2


@pytest.mark.usefixtures("workers")
def test_parameters_of_every_type_are_read_as_they_were_submitted(client: Client) -> None:
    params = {
        "text": "ä, \u2028 & = 100 %",
        "count": -3,
        "ratio": 1e-300,
        "sure": True,
        "mode": "good",
        "numbers": [1, 2],
        "day": None,
        "anything": None,
    }
    computed = client.compute("everything", params, timeout=60)
    assert computed.value == params
    read = client.result("everything", params)
    assert read.request == computed.request
    assert read.value == params


def test_request_waits_is_shared_and_cancelled(client: Client) -> None:
    request = client.submit("idle", {"n": 1}).request
    assert request is not None
    assert (request.status, request.has_ended, request.position) == ("pending", False, 0)
    again = client.submit("idle", {"n": 1}, priority="interactive").request
    assert again is not None
    assert again.id == request.id
    assert client.request(request.id).waiting_because
    with pytest.raises(WaitTimedOut, match=r"has not ended within 0\.2 s; it goes on"):
        client.wait(request.id, timeout=0.2)
    cancelled = client.cancel(request.id)
    assert cancelled.status == "cancelled"
    assert client.wait(request.id) == cancelled
    with pytest.raises(EndedWithoutValue, match=f"{request.id} cancelled$"):
        cancelled.outcome()
    assert client.cancel(request.id).status == "cancelled"
    replayed = client.replay(request.id)
    assert replayed.params == {"n": 1}
    assert client.request(request.id).retried_by == replayed.id
    client.cancel(replayed.id)


@pytest.mark.usefixtures("workers")
def test_failed_request_tells_its_story(client: Client) -> None:
    with pytest.raises(EndedWithoutValue, match="failed: ZeroDivisionError: division by zero"):
        client.compute("inverse", {"n": 0}, timeout=60)
    letter = next(client.failures("inverse"))
    assert letter.status == "failed"
    assert letter.error is not None
    assert (letter.error.kind, letter.error.type) == ("user", "ZeroDivisionError")
    assert [error.attempt for error in letter.story] == [1]


@pytest.mark.usefixtures("workers")
def test_progress_is_followed_to_the_end(client: Client) -> None:
    request = client.submit("walk", {"steps": 8, "pause": 0.5, "says": "a \u2028 b"}).request
    assert request is not None
    seen = list(client.follow(request.id, timeout=60))
    assert [one.status for one in seen[-2:]] == ["running", "succeeded"]
    fractions = [one.progress.fraction or 0 for one in seen]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) >= 5
    assert any(one.progress.message.startswith("a \u2028 b") for one in seen)
    assert seen[-1].outcome().value == "arrived"
    assert client.wait(request.id).outcome().request == request.id


@pytest.mark.usefixtures("workers")
def test_many_are_submitted_and_a_bad_one_spoils_only_itself(client: Client) -> None:
    known = client.compute("squared", {"n": 1000}, timeout=60)
    items: list[dict[str, object]] = [{"n": 1000}, {"n": "x"}, {"n": 1001}, {"n": 1001}]
    first, bad, second, same = client.submit_many("squared", items)
    assert (first.outcome, first.result) == ("fresh", replace(known, age_seconds=ANY))
    assert bad.outcome == "invalid"
    assert bad.problem is not None
    assert [error.field for error in bad.problem.errors] == ["n"]
    assert (second.outcome, same.request) == ("accepted", second.request)
    assert client.wait(str(second.request), timeout=60).outcome().value == 1001**2


def test_what_has_no_room_is_told_item_by_item(client: Client) -> None:
    outcomes = client.submit_many("narrow", ({"n": n} for n in range(4)))
    assert [one.outcome for one in outcomes] == ["accepted", "accepted", "full", "full"]
    assert isinstance(outcomes[3].problem, TooMany)
    with pytest.raises(TooMany) as full:
        client.submit("narrow", {"n": 4})
    assert full.value.kind == "queue-full"
    assert full.value.retry_after_seconds >= 1
    for outcome in outcomes[:2]:
        client.cancel(str(outcome.request))


def test_more_than_one_call_takes_is_parted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchwell.client.http_client.MOST_BULK_ITEMS", 3)
    outcomes = client.submit_many("idle", [{"n": n} for n in range(100, 107)])
    requests = [client.request(str(outcome.request)) for outcome in outcomes]
    assert [request.params["n"] for request in requests] == list(range(100, 107))
    for request in requests:
        client.cancel(request.id)


def test_actions_are_told_and_a_bad_one_spoils_only_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def like(user: str, item: str = "whale-1") -> ActionTold:
        return {"user": user, "item": item, "action": "like", "at": datetime.now(UTC)}

    monkeypatch.setattr("batchwell.client.http_client.MOST_BULK_ITEMS", 4)
    told = [like("client-a") for _ in range(5)] + [like("client-b", "whael"), like("client-b")]
    taken = client.act(told)
    refused = {one.index: one for one in taken.refused}
    limited, invalid = refused.pop(3), refused.pop(5)
    assert (limited.outcome, limited.problem.kind) == ("limited", "too-many-actions")
    assert isinstance(limited.problem, TooMany)
    assert (invalid.outcome, invalid.problem.kind) == ("invalid", "invalid-action")
    assert [error.field for error in invalid.problem.errors] == ["item"]
    assert taken.accepted == 5 - len(refused), "a minute may have begun between the two calls"
    assert client.act([]).accepted == 0


@pytest.mark.usefixtures("workers")
def test_every_failure_is_listed_page_by_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = client.submit_many("inverse", [{"n": 0, "of": of} for of in range(10, 15)])
    for outcome in outcomes:
        client.wait(str(outcome.request), timeout=60)
    at_once = [letter.id for letter in client.failures("inverse")]
    monkeypatch.setattr("batchwell.client.http_client._PAGE", 2)
    assert [letter.id for letter in client.failures("inverse")] == at_once
    assert {outcome.request for outcome in outcomes} <= set(at_once)


@pytest.mark.usefixtures("workers")
def test_deliveries_of_webhooks_are_listed(client: Client) -> None:
    with stranger(204) as url:
        (outcome,) = client.submit_many("squared", [{"n": 2000}], webhook=f"{url}/hook")
        request = client.wait(str(outcome.request), timeout=60)
        while (delivery := next(client.deliveries("squared"))).status == "owed":
            time.sleep(0.05)
        assert (delivery.request, delivery.type) == (request.id, "request.succeeded")
        assert (delivery.status, delivery.answer, delivery.attempts) == ("delivered", 204, 1)
        assert delivery.url == f"{url}/hook"
        assert [each.id for each in client.request(request.id).deliveries] == [delivery.id]
        assert client.redeliver(delivery.id).status == "owed"
        while next(client.deliveries("squared")).status == "owed":
            time.sleep(0.05)


def test_catalogue_tells_of_each_computation(client: Client) -> None:
    names = [entry.name for entry in client.computations()]
    assert {"squared", "inverse", "walk", "everything", "narrow", "idle"} == set(names)
    entry = client.computation("idle")
    assert entry.title == "Have nobody who computes it"
    assert entry.parameters["properties"]["n"]["type"] == "integer"
    assert entry.policy["max_attempts"] == 3
    assert entry.counts.workers == 0


def test_invalidate_begins_a_generation(client: Client) -> None:
    before = client.computation("narrow").counts.generation
    told = client.invalidate("narrow")
    assert (told.computation, told.generation) == ("narrow", before + 1)


def test_what_does_not_fit_is_told_by_field(client: Client) -> None:
    with pytest.raises(Invalid) as invalid:
        client.submit("squared", {"n": "x"})
    assert (invalid.value.status, invalid.value.kind) == (422, "invalid-parameters")
    assert [error.field for error in invalid.value.errors] == ["n"]
    assert invalid.value.title == "The parameters do not fit"
    with pytest.raises(Invalid, match=r"max_age: .*greater than or equal to 0"):
        client.submit("squared", {"n": 1}, max_age=-1)


def test_what_is_not_there_is_told_apart(client: Client) -> None:
    with pytest.raises(NotFound) as unknown:
        client.computation("nothing")
    assert unknown.value.kind == "unknown-computation"
    with pytest.raises(NotFound) as never:
        client.result("idle", {"n": 99})
    assert never.value.kind == "never-computed"
    for call in (client.request, client.cancel, client.replay, client.wait):
        with pytest.raises(NotFound) as missing:
            call("idle-aaaaaaaaaaaaaaaa")
        assert missing.value.kind == "unknown-request"


def test_odd_names_reach_no_other_call(client: Client) -> None:
    for name in ("../requests", "a/b", "", "%2e%2e", "ü", "a?b=c"):
        with pytest.raises(NotFound):
            client.computation(name)


def test_records_cannot_be_changed(client: Client) -> None:
    entry = client.computation("idle")
    with pytest.raises(FrozenInstanceError):
        entry.name = "other"  # type: ignore[misc]  # that is the point
