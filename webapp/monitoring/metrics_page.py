"""``/metrics``: what Prometheus scrapes."""

from __future__ import annotations

from flask import Blueprint, Response, current_app
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from webapp.context import get_context
from webapp.monitoring.families import StoreCollector, WebCollector
from webapp.monitoring.matching import UNMATCHED

blueprint = Blueprint("metrics_page", __name__)

_HEADERS = {
    "Content-Type": CONTENT_TYPE_PLAIN_0_0_4,
    "Cache-Control": "no-store",
}


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Answer with all metrics in the Prometheus text format; without the store, with our own."""
    context = get_context()
    collectors = CollectorRegistry()
    collectors.register(StoreCollector(store=context.store, registry=context.registry))
    collectors.register(
        WebCollector(
            tallies=context.tallies,
            computations={computation.name for computation in context.registry},
            routes={UNMATCHED, *(rule.rule for rule in current_app.url_map.iter_rules())},
        )
    )
    return Response(generate_latest(collectors), headers=_HEADERS)
