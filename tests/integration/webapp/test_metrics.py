"""``/metrics``: what the store and the web app's processes tell Prometheus."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from flask import Flask
from prometheus_client import Metric as Family
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.running import BIN, process
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer, free_port
from webapp import create_app
from webapp.monitoring.metrics import STORE_METRICS, WEB_METRICS


def scrape(driver: Driver) -> Mapping[str, Family]:
    answer = driver.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parse(answer.text)


def parse(text: str) -> Mapping[str, Family]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(families: Mapping[str, Family], name: str, **labels: str) -> float | None:
    """Return the value of the one series that has these labels; None where there is none."""
    found = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) < 2, "the labels do not tell which"
    return found[0] if found else None


def test_every_metric_keeps_to_the_conventions(driver: Driver) -> None:
    driver.compute("echo", n=1)
    driver.read("echo", "n=1")
    families = scrape(driver)
    metrics = {**STORE_METRICS, **WEB_METRICS}
    assert {name.removesuffix("_total") for name in metrics} == set(families)
    for name, metric in metrics.items():
        family = families[name.removesuffix("_total")]
        assert family.type == metric.kind
        assert family.documentation == metric.help
        assert re.fullmatch(r"batchwell_[a-z]+(_[a-z]+)*", name)
        assert name.endswith("_total") == (metric.kind == "counter")
        assert metric.kind != "histogram" or name.endswith("_seconds")
        assert not re.search(r"_(count|sum|bucket|milliseconds|ms|minutes|percent)$", name)
        assert metric.help.endswith(".")
        assert family.samples, name
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(metric.labels), sample


def test_histograms_are_cumulative_up_to_their_count(driver: Driver) -> None:
    driver.compute("echo", n=1)
    families = scrape(driver)
    histograms = [family for family in families.values() if family.type == "histogram"]
    assert len(histograms) == 3
    for family in histograms:
        series: dict[tuple[tuple[str, str], ...], list[float]] = {}
        counts = {}
        for sample in family.samples:
            labels = tuple(sorted((k, v) for k, v in sample.labels.items() if k != "le"))
            if sample.name.endswith("_bucket"):
                series.setdefault(labels, []).append(sample.value)
            elif sample.name.endswith("_count"):
                counts[labels] = sample.value
        for labels, buckets in series.items():
            assert buckets == sorted(buckets)
            assert buckets[-1] == counts[labels]


def test_actions_are_counted_where_they_wait_and_where_they_go(driver: Driver) -> None:
    items = [{"user": "ann", "item": "cat-1", "action": "like"}] * 7
    driver.client.post(f"{API}/actions", json={"items": [*items, 7, 8]})
    gathered = driver.store.gather_actions("collector", count=100, live_seconds=15)
    crowd = [{"user": f"u{n}", "item": "cat-1", "action": "like"} for n in range(8)]
    assert driver.client.post(f"{API}/actions", json={"items": crowd}).status_code == 503
    families = scrape(driver)
    assert value(families, "batchwell_actions_waiting") == 5
    assert value(families, "batchwell_actions_accepted_total") == 5
    assert value(families, "batchwell_actions_collectors") == 1
    for outcome, count in (("invalid", 2), ("limited", 2), ("full", 8)):
        assert value(families, "batchwell_actions_refused_total", outcome=outcome) == count
    driver.store.forget_actions(gathered)
    families = scrape(driver)
    assert value(families, "batchwell_actions_waiting") == 0
    assert value(families, "batchwell_actions_oldest_waiting_seconds") == 0
    assert value(families, "batchwell_actions_collected_total") == 5


def test_requests_are_told_by_where_they_are(driver: Driver) -> None:
    driver.compute("echo", n=1)
    driver.submit("echo", {"n": 2})
    families = scrape(driver)
    ended = "batchwell_requests_total"
    assert value(families, ended, computation="echo", status="succeeded") == 1
    assert value(families, ended, computation="echo", status="failed") == 0
    assert value(families, "batchwell_requests_waiting", computation="echo") == 1
    assert value(families, "batchwell_results", computation="echo") == 1
    assert value(families, "batchwell_computing_duration_seconds_count", computation="echo") == 1
    latest = value(families, "batchwell_latest_result_timestamp_seconds", computation="echo")
    assert latest == pytest.approx(time.time(), abs=60)
    assert value(families, "batchwell_latest_result_timestamp_seconds", computation="same") is None


def test_reads_are_told_by_what_they_found(driver: Driver) -> None:
    driver.read("echo", "n=1")
    driver.compute("echo", n=1)
    driver.read("echo", "n=1")
    driver.get(f"{API}/computations/echo/latest")
    driver.make_stale("echo", n=1)
    driver.read("echo", "n=1")
    reads = "batchwell_reads_total"
    families = scrape(driver)
    for outcome, count in {"absent": 1, "fresh": 2, "stale": 1}.items():
        assert value(families, reads, computation="echo", outcome=outcome) == count
    assert value(families, reads, computation="narrow", outcome="fresh") == 0


def test_submits_are_told_by_what_became_of_them(driver: Driver) -> None:
    for number in (1, 1, 2, 3):
        driver.submit("narrow", {"n": number})
    driver.drain("narrow")
    driver.submit("narrow", {"n": 1})
    body = {"items": [{"params": {"n": number}} for number in (5, 6, 7)]}
    driver.client.post(f"{API}/computations/narrow/requests/bulk", json=body)
    families = scrape(driver)
    for outcome, count in {"created": 4, "attached": 1, "full": 2, "fresh": 1}.items():
        told = value(families, "batchwell_submits_total", computation="narrow", outcome=outcome)
        assert told == count, outcome


def test_labels_of_http_requests_are_bounded(driver: Driver) -> None:
    for path in ("/nothing/1", "/nothing/2", "/set/1", "/set/2", f"{API}/computations/a/result"):
        driver.get(path)
    for method in ("BREW", "FROB"):
        driver.client.open("/nothing", method=method)
    families = scrape(driver)
    http = "batchwell_http_requests_total"
    assert value(families, http, method="GET", route="unmatched", status="404") == 2
    assert value(families, http, method="GET", route="/set/<num>", status="200") == 2
    assert value(families, http, method="other", route="unmatched") == 2
    duration = "batchwell_http_request_duration_seconds_count"
    assert value(families, duration, method="GET", route="/set/<num>") == 2
    assert "/nothing" not in driver.get("/metrics").text


def test_answers_that_wait_are_told(driver: Driver) -> None:
    with driver.context.tallies.holding("wait"):
        assert value(scrape(driver), "batchwell_open_answers", kind="wait") == 1
    assert value(scrape(driver), "batchwell_open_answers", kind="wait") == 0
    assert value(scrape(driver), "batchwell_open_answers", kind="stream") == 0


def test_without_its_store_the_app_tells_of_itself(
    own_driver: Driver, own_server: StoreServer
) -> None:
    own_driver.get("/healthz")
    assert value(scrape(own_driver), "batchwell_store_up") == 1
    own_server.kill()
    families = scrape(own_driver)
    assert value(families, "batchwell_store_up") == 0
    assert value(families, "batchwell_http_requests_total", route="/healthz") == 1
    assert {family for family in families if f"{family}_total" in STORE_METRICS} == set()
    assert families.keys() & STORE_METRICS.keys() == {"batchwell_store_up"}
    own_server.start()
    assert value(scrape(own_driver), "batchwell_store_up") == 1


def test_frozen_store_does_not_hold_a_scrape_up(
    own_driver: Driver, own_server: StoreServer
) -> None:
    scrape(own_driver)
    with own_server.frozen():
        started = time.monotonic()
        assert value(scrape(own_driver), "batchwell_store_up") == 0
        assert time.monotonic() - started < 4


def test_computation_and_route_that_are_no_more_vanish(
    app: Flask, driver: Driver, tmp_path: Path
) -> None:
    settings = replace(driver.context.settings, metrics_folder=tmp_path / "metrics")
    one = Driver(create_app(settings))
    one.read("echo", "n=1")
    one.context.tallies.add("read", "removed", "fresh")
    one.context.tallies.observe(0.1, "http", "GET", "/removed", "200")
    one.context.tallies.publish()
    text = one.get("/metrics").text
    assert "batchwell_reads_total" in text
    assert "removed" not in text
    one.store.client.close()


def test_processes_of_gunicorn_are_added_up_and_counters_survive_them(
    dags_folder: Path, server: StoreServer, namespace: str, tmp_path: Path
) -> None:
    env = {
        "PATH": "/usr/bin:/bin",
        "BATCHWELL_REDIS_URL": server.url,
        "BATCHWELL_NAMESPACE": namespace,
        "BATCHWELL_DAGS_FOLDER": str(dags_folder),
        "BATCHWELL_METRICS_FOLDER": str(tmp_path / "metrics"),
    }
    port = free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "3", "--threads", "2"]
    logger = ["--logger-class", "webapp.monitoring.gunicorn_logger.GunicornLogger"]
    command = [str(BIN / "gunicorn"), "--no-control-socket", *options, *logger]
    url = f"http://127.0.0.1:{port}"
    asked = 0
    for start in (1, 2):
        with process([*command, "webapp:create_app()"], env):
            await_answer(url)
            # A connection each, so that all processes get some; until all have been seen.
            families: Mapping[str, Family] = {}
            while value(families, "batchwell_web_processes") != 3:
                for _ in range(20):
                    asked += requests.get(f"{url}/problems/not-found", timeout=10).ok
                families = parse(requests.get(f"{url}/metrics", timeout=10).text)
            told = 0.0
            deadline = time.monotonic() + 20
            while told != asked:
                assert time.monotonic() < deadline, (start, told, asked)
                families = parse(requests.get(f"{url}/metrics", timeout=10).text)
                before = told
                told = (
                    value(families, "batchwell_http_requests_total", route="/problems/<slug>") or 0
                )
                assert before <= told <= asked, "no counter ever falls"


def await_answer(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            requests.get(f"{url}/healthz", timeout=5)
            return
        except requests.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
