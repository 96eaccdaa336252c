"""From figures to what prometheus_client spells: one collector for the store, one for the web."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from batchwell.errors import StoreRefuses, StoreUnavailable
from batchwell.measures import BOUNDS_MS, Histogram, Measures
from batchwell.registry import Registry
from batchwell.store import Store
from batchwell.store.acting import Intake
from webapp.monitoring.metrics import STORE_METRICS, WEB_METRICS, Metric
from webapp.monitoring.shared_folder import Figures
from webapp.monitoring.tallies import BOUNDS_SECONDS, OPEN, Tallies

Value: TypeAlias = "float | Histogram"
Series: TypeAlias = "Mapping[tuple[str, ...], Value]"

READ_OUTCOMES = ("fresh", "stale", "absent")
REFUSED_ACTIONS = ("invalid", "limited", "full")
SUBMIT_OUTCOMES = ("fresh", "attached", "created", "full", "crowded")


@dataclass(frozen=True, kw_only=True, eq=False)
class StoreCollector(Collector):
    """What the store knows of each computation, asked for at each scrape."""

    store: Store
    registry: Registry

    def collect(self) -> Iterator[Family]:
        """Yield the families; without the store, only that it is away."""
        try:
            measures = self.store.measure(self.registry)
            intake = self.store.intake() if self.registry.actions else None
        except (StoreUnavailable, StoreRefuses):
            yield _family(STORE_METRICS["batchwell_store_up"], {(): 0})
            return
        yield _family(STORE_METRICS["batchwell_store_up"], {(): 1})
        series: dict[str, dict[tuple[str, ...], Value]] = {name: {} for name in STORE_METRICS}
        for computation, found in measures.items():
            for name, value in _values(found).items():
                if value is not None:
                    series[name][computation,] = value
            for status, count in found.ended.items():
                series["batchwell_requests_total"][computation, status.value] = count
        del series["batchwell_store_up"]
        if intake is not None:
            series |= _intake_series(intake)
        for name, values in series.items():
            yield _family(STORE_METRICS[name], values, [end / 1000 for end in BOUNDS_MS])


def _values(found: Measures) -> Mapping[str, Value | None]:
    return {
        "batchwell_requests_waiting": found.waiting,
        "batchwell_requests_running": found.running,
        "batchwell_oldest_waiting_seconds": found.first_waits_seconds,
        "batchwell_workers": found.workers,
        "batchwell_drains_total": found.drains,
        "batchwell_batches_total": found.batches,
        "batchwell_retries_total": found.retries,
        "batchwell_lost_claims_total": found.losses,
        "batchwell_computing_duration_seconds": found.computing,
        "batchwell_queue_wait_seconds": found.queued,
        "batchwell_results": found.results,
        "batchwell_latest_result_timestamp_seconds": found.latest_at,
        "batchwell_dead_letters": found.dead_letters,
        "batchwell_generation": found.generation,
    }


def _intake_series(intake: Intake) -> Mapping[str, dict[tuple[str, ...], Value]]:
    return {
        "batchwell_actions_waiting": {(): intake.waiting},
        "batchwell_actions_oldest_waiting_seconds": {(): max(0.0, intake.oldest_seconds)},
        "batchwell_actions_collectors": {(): intake.collectors},
        "batchwell_actions_accepted_total": {(): intake.accepted},
        "batchwell_actions_collected_total": {(): intake.collected},
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class WebCollector(Collector):
    """What the processes of the web app have done.

    Leaves out computations and routes that are no more: the figures may be older than the code.
    """

    tallies: Tallies
    computations: Collection[str]
    routes: Collection[str]

    def collect(self) -> Iterator[Family]:
        """Yield the families."""
        figures, processes = self.tallies.total()
        requests: dict[tuple[str, ...], Value] = {}
        durations: dict[tuple[str, ...], Histogram] = {}
        for (method, route, status), cell in _of("http", figures).items():
            if route in self.routes:
                seconds = Histogram(counts=[int(n) for n in cell[:-1]], sum_seconds=cell[-1])
                requests[method, route, status] = sum(seconds.counts)
                known = durations.get((method, route))
                durations[method, route] = _added(known, seconds) if known else seconds
        open_answers: dict[tuple[str, ...], Value] = {("wait",): 0, ("stream",): 0}
        open_answers |= {key: cell[0] for key, cell in _of(OPEN, figures).items()}
        families: Mapping[str, Series] = {
            "batchwell_web_processes": {(): processes},
            "batchwell_http_requests_total": requests,
            "batchwell_http_request_duration_seconds": durations,
            "batchwell_reads_total": self._outcomes("read", figures, READ_OUTCOMES),
            "batchwell_submits_total": self._outcomes("submit", figures, SUBMIT_OUTCOMES),
            "batchwell_actions_refused_total": {
                (outcome,): _of("refused", figures).get((outcome,), [0])[0]
                for outcome in REFUSED_ACTIONS
            },
            "batchwell_open_answers": open_answers,
        }
        for name, values in families.items():
            yield _family(WEB_METRICS[name], values, BOUNDS_SECONDS)

    def _outcomes(self, kind: str, figures: Figures, outcomes: Sequence[str]) -> Series:
        """Return a count for each computation and outcome, also of what has not been yet."""
        found = _of(kind, figures)
        return {
            key: found.get(key, [0])[0] for key in itertools.product(self.computations, outcomes)
        }


def _of(kind: str, figures: Figures) -> Figures:
    return {key[1:]: cell for key, cell in sorted(figures.items()) if key[0] == kind}


def _added(one: Histogram, other: Histogram) -> Histogram:
    return Histogram(
        counts=[a + b for a, b in zip(one.counts, other.counts, strict=True)],
        sum_seconds=one.sum_seconds + other.sum_seconds,
    )


def _family(metric: Metric, series: Series, bounds: Sequence[float] = ()) -> Family:
    if metric.kind == "histogram":
        histograms = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
        for labels, value in series.items():
            if isinstance(value, Histogram):
                ends = [*map(repr, bounds), "+Inf"]
                counts = itertools.accumulate(value.counts)
                histograms.add_metric(
                    labels, list(zip(ends, counts, strict=True)), value.sum_seconds
                )
        return histograms
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.help, labels=metric.labels)
    for labels, value in series.items():
        if not isinstance(value, Histogram):
            family.add_metric(labels, value)
    return family
