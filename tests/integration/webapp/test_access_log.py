"""The log line of an HTTP request, and the trace that leads from it to the task log."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from batchwell.log_lines import JsonLines
from batchwell.settings import AccessLog
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer
from tests.stored import request_field
from webapp import create_app


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[dict[str, Any]]]:
    """Gives the fields of the access lines written since it was asked last."""
    caplog.set_level(logging.INFO)

    def take() -> list[dict[str, Any]]:
        found = [vars(record) for record in caplog.records if record.name == "webapp.access"]
        caplog.clear()
        return found

    return take


def test_line_tells_what_was_asked_and_what_came_of_it(driver: Driver, lines: Any) -> None:
    answer = driver.submit("echo", {"n": 1})
    (line,) = lines()
    assert line["method"] == "POST"
    assert line["route"] == f"{API}/computations/<name>/requests"
    assert line["status"] == 202
    assert 0 < line["duration_ms"] < 10_000
    assert line["bytes"] == len(answer.data)
    assert line["peer"] == "127.0.0.1"
    assert line["computation"] == "echo"
    assert line["requests"] == [answer.get_json()["id"]]


def test_line_is_the_same_in_words(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    request = driver.submit("echo", {"n": 1}).get_json()["id"]
    assert re.fullmatch(
        r"POST /api/v1/computations/<name>/requests 202 in [\d.]+ ms, \d+ bytes to 127.0.0.1, "
        rf"computation=echo, requests={request}",
        caplog.messages[-1],
    )


def test_every_answer_bears_a_trace(driver: Driver) -> None:
    driver.compute("echo", n=1)
    traces = set()
    for path in ("/", "/nothing", "/metrics", "/healthz", f"{API}/computations/echo/result?n=1"):
        trace = driver.get(path).headers["X-Request-ID"]
        assert re.fullmatch("[0-9a-f]{16}", trace)
        traces.add(trace)
    assert len(traces) == 5
    assert driver.client.open("/current", method="BREW").headers["X-Request-ID"]
    answer = driver.get("/nothing", **{"X-Request-ID": "mine"})
    assert answer.headers.getlist("X-Request-ID") == ["mine"]
    answer = driver.get("/nothing", **{"X-Request-ID": "m i n e"})
    assert answer.headers["X-Request-ID"] != "m i n e"


def test_trace_leads_from_http_to_the_log_of_the_drain(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    url = f"{API}/computations/echo/requests"
    answer = driver.client.post(
        url, json={"params": {"n": 1}}, headers={"X-Request-ID": "trace-of-mine"}
    )
    assert answer.headers["X-Request-ID"] == "trace-of-mine"
    driver.drain("echo")
    (batch,) = [record for record in caplog.records if record.name == "batchwell.drain"]
    assert f"{answer.get_json()['id']} (trace-of-mine)" in batch.getMessage()


def test_made_trace_is_in_the_line_beside_the_request_and_costs_the_store_nothing(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(JsonLines())
    caplog.set_level(logging.INFO)
    answer = driver.submit("echo", {"n": 1})
    trace, request = answer.headers["X-Request-ID"], answer.get_json()["id"]
    (line,) = [line for line in caplog.text.splitlines() if request in line]
    assert f'"trace": "{trace}"' in line
    token = request.rpartition("-")[2]
    assert request_field(driver.store, "echo", token, "status") == b"pending"
    assert request_field(driver.store, "echo", token, "trace") is None


def test_bulk_names_its_first_requests(driver: Driver, lines: Any) -> None:
    body = {"items": [{"params": {"n": number}} for number in range(40)]}
    headers = {"X-Request-ID": "bulk"}
    driver.client.post(f"{API}/computations/echo/requests/bulk", json=body, headers=headers)
    (line,) = lines()
    assert len(line["requests"]) == 10
    assert line["args"][0].endswith(" and 30 more")


def test_known_values_and_probes_are_no_news(driver: Driver, lines: Any) -> None:
    driver.compute("fibonacci", n=1)
    lines()
    quiet = [f"{API}/computations/fibonacci/result?n=1", f"{API}/computations/fibonacci/latest"]
    for path in (*quiet, "/current", "/healthz", "/readyz", "/metrics"):
        assert driver.get(path).status_code == 200
    assert lines() == []
    driver.get(f"{API}/computations/fibonacci/result?n=2")
    driver.make_stale("fibonacci", n=1)
    driver.get(f"{API}/computations/fibonacci/result?n=1")
    driver.get(f"{API}/computations/fibonacci/result?n=1")
    absent, refreshed = lines()
    assert absent["status"] == 404
    assert (refreshed["status"], len(refreshed["requests"])) == (200, 1)


@pytest.mark.parametrize(("which", "count"), [(AccessLog.ALL, 3), (AccessLog.NONE, 0)])
def test_all_or_none_may_be_asked_for(
    driver: Driver, lines: Any, which: AccessLog, count: int
) -> None:
    other = Driver(create_app(replace(driver.context.settings, access_log=which)))
    for path in ("/current", "/healthz", "/nothing"):
        other.get(path)
    assert len(lines()) == count
    other.store.client.close()


def test_nothing_that_a_client_sent_is_in_the_log(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    driver.client.get(
        f"{API}/computations/echo/result?n=1&text=xyzzy",
        headers={"Authorization": "Bearer xyzzy", "Cookie": "a=xyzzy", "Referer": "http://xyzzy/"},
    )
    driver.get("/xyzzy?a=xyzzy")
    driver.get(f"{API}/computations/xyzzy/latest")
    driver.get(f"{API}/requests/xyzzy")
    driver.get(f"{API}/requests/xyzzy-aaaaaaaaaaaaaaaa")
    driver.get("/set/xyzzy")
    driver.submit("echo", {"n": 1, "text": "xyzzy"})
    driver.submit("echo", {"n": "xyzzy"})
    driver.drain("echo")
    assert len(caplog.records) > 7
    assert "xyzzy" not in caplog.text
    assert not any("xyzzy" in str(vars(record)) for record in caplog.records)


def test_request_is_named_where_it_is_looked_at(driver: Driver, lines: Any) -> None:
    request = driver.submit("echo", {"n": 1}).get_json()["id"]
    driver.get(f"{API}/requests/{request}")
    driver.client.delete(f"{API}/requests/{request}")
    replayed = driver.client.post(f"{API}/requests/{request}/retry").get_json()["id"]
    assert [line["requests"] for line in lines()] == [[request], [request], [request], [replayed]]


def test_unavailable_store_is_told_with_the_trace(
    own_driver: Driver, own_server: StoreServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setFormatter(JsonLines())
    own_server.kill()
    own_driver.get("/current", **{"X-Request-ID": "mine"})
    lines = [line for line in caplog.text.splitlines() if "the store does not answer" in line]
    assert lines
    assert '"trace": "mine"' in lines[0]
