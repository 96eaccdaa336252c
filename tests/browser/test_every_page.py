"""Every page, wide and narrow, light and dark: axe finds nothing wrong, and nothing sticks out."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from batchwell import Failure, computation
from batchwell.connection import connect
from batchwell.store import Origin, Store
from tests.browser.chromium import LOOKS, Windows, dress, overflow, violations
from tests.browser.stage import Stage
from tests.servers import StoreServer

RUN = Origin(dag_id="recompute_untouched", run_id="manual__2026-11-24T15:10:05.123456+00:00_xY3")
PAGES = {
    "home": "/",
    "health": "/health",
    "feed": "/feed?user=ann",
    "operations": "/operations",
    "operation": "/operations/fibonacci/invalidate",
    "computation": "/computations/fibonacci?n=20",
    "computation-plotted": "/computations/digits_classifier",
    "computation-failing": "/computations/untouched",
    "history": "/computations/fibonacci/history",
    "request-succeeded": "/requests/{succeeded}",
    "request-failed": "/requests/{failed}",
    "request-pending": "/requests/{pending}",
    "run": f"/runs/{RUN.dag_id}/{RUN.run_id}",
    "run-unknown": f"/runs/{RUN.dag_id}/unknown",
    "docs": "/docs",
    "docs-computation": "/docs/fibonacci",
    "login": "/login",
    "problem": "/problems/queue-full",
    "not-found": "/nowhere",
}


@computation()
def untouched(n: int) -> int:
    """Stand for the computation of that name in the store."""
    return n


@pytest.fixture(scope="session")
def ids(stage: Stage, server: StoreServer) -> Mapping[str, str]:
    """The ids of a request in each state; whatever else pages show is there too."""
    stage.ask("digits_classifier", c=2.0)
    succeeded = stage.ask("fibonacci", n=20)["request"]
    failed = stage.ask("untouched", wait_seconds=0, n=1)["id"]
    with connect(server.url) as client:
        store = Store(client, namespace=stage.env["BATCHWELL_NAMESPACE"])
        claims = store.claim(untouched, "me", count=1, lease_seconds=9, origin=RUN).claims
        error = Failure("instrument 1 does not answer " + "at all " * 50, "ConnectionError")
        store.fail(untouched, [(claim, error, False) for claim in claims])
        tokens = [claim.token for claim in claims]
        more = [f"{number:016}" for number in range(99)]
        for size in (1, 100):
            tally = {"succeeded": size - 1, "failed": 1}
            store.record_batch(
                untouched,
                RUN,
                seconds=0.25 * size,
                tally=tally,
                erring=tokens,
                others=more[: size - 1],
                size=size,
            )
    pending = stage.ask("untouched", wait_seconds=0, n=2)["id"]
    return {"succeeded": succeeded, "failed": failed, "pending": pending}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_fit_for_all(windows: Windows, ids: Mapping[str, str], name: str) -> None:
    page = windows.open(PAGES[name].format(**ids))
    for width, scheme in LOOKS:
        dress(page, width, scheme)
        page.wait_for_timeout(200)  # charts and colours
        windows.picture(page, f"{name}-{width}-{scheme}")
        assert violations(page) == []
        assert overflow(page) == 0
