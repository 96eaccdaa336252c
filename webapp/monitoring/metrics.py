"""The metrics that ``/metrics`` tells: their names, kinds, labels and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A family of series; a counter's name ends in ``_total``, a unit is part of the name."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    help: str


def _by_name(*metrics: Metric) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in metrics}


_OF_ONE = ("computation",)

STORE_METRICS = _by_name(
    Metric("batchwell_store_up", "gauge", (), "1 when the store answered this scrape, else 0."),
    Metric(
        "batchwell_requests_total",
        "counter",
        ("computation", "status"),
        "Requests that have ended: succeeded, failed, cancelled or expired.",
    ),
    Metric("batchwell_requests_waiting", "gauge", _OF_ONE, "Pending requests, retries included."),
    Metric("batchwell_requests_running", "gauge", _OF_ONE, "Requests that workers hold."),
    Metric(
        "batchwell_oldest_waiting_seconds",
        "gauge",
        _OF_ONE,
        "How long the request at the head of the queue has waited; 0 when none waits.",
    ),
    Metric("batchwell_workers", "gauge", _OF_ONE, "Live drain workers."),
    Metric("batchwell_drains_total", "counter", _OF_ONE, "Drains that have begun."),
    Metric("batchwell_batches_total", "counter", _OF_ONE, "Batches that workers have claimed."),
    Metric("batchwell_retries_total", "counter", _OF_ONE, "Attempts that failed, to be repeated."),
    Metric(
        "batchwell_lost_claims_total",
        "counter",
        _OF_ONE,
        "Claims taken back from workers that died or went silent.",
    ),
    Metric(
        "batchwell_computing_duration_seconds",
        "histogram",
        _OF_ONE,
        "Time that each kept value took to compute; of a batch its equal share.",
    ),
    Metric(
        "batchwell_queue_wait_seconds",
        "histogram",
        _OF_ONE,
        "Time from submit to the first attempt.",
    ),
    Metric("batchwell_results", "gauge", _OF_ONE, "Values that are known, fresh or stale."),
    Metric(
        "batchwell_latest_result_timestamp_seconds",
        "gauge",
        _OF_ONE,
        "When the latest value was computed (Unix time); no series before the first.",
    ),
    Metric("batchwell_dead_letters", "gauge", _OF_ONE, "Failed requests that are kept."),
    Metric("batchwell_generation", "gauge", _OF_ONE, "The generation, raised by invalidation."),
    Metric("batchwell_actions_waiting", "gauge", (), "Actions that are still to be collected."),
    Metric(
        "batchwell_actions_oldest_waiting_seconds",
        "gauge",
        (),
        "How long the first of the actions has waited; 0 when none waits.",
    ),
    Metric("batchwell_actions_collectors", "gauge", (), "Live collectors of actions."),
    Metric(
        "batchwell_actions_accepted_total", "counter", (), "Actions that were taken in over HTTP."
    ),
    Metric(
        "batchwell_actions_collected_total",
        "counter",
        (),
        "Actions that were moved to their database.",
    ),
)

WEB_METRICS = _by_name(
    Metric(
        "batchwell_web_processes", "gauge", (), "Processes of the web app that these figures sum."
    ),
    Metric(
        "batchwell_http_requests_total",
        "counter",
        ("method", "route", "status"),
        "HTTP requests that were answered; the route is a template, never a path.",
    ),
    Metric(
        "batchwell_http_request_duration_seconds",
        "histogram",
        ("method", "route"),
        "Time from an HTTP request to the first byte of its answer.",
    ),
    Metric(
        "batchwell_reads_total",
        "counter",
        ("computation", "outcome"),
        "Reads of a value that found it fresh, stale, or absent.",
    ),
    Metric(
        "batchwell_submits_total",
        "counter",
        ("computation", "outcome"),
        "Submits over HTTP: fresh, attached, created, or full (refused).",
    ),
    Metric(
        "batchwell_actions_refused_total",
        "counter",
        ("outcome",),
        "Actions that were not taken in: invalid, limited (their user did too much), or full.",
    ),
    Metric(
        "batchwell_open_answers",
        "gauge",
        ("kind",),
        "Answers that are held open: wait (Prefer: wait) or stream (events).",
    ),
)
