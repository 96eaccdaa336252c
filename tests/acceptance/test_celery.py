"""Several workers: CeleryExecutor on PostgreSQL shares the work, and one may die of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.acceptance.celery_system import WORKERS, CelerySystem
from tests.acceptance.postgres_server import find_programs
from tests.acceptance.running_system import wait_for

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

REQUESTS = 300


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CelerySystem]:
    """The processes of docker-compose.yaml with two workers, freshly started."""
    programs = find_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL: install Debian's postgresql to run CeleryExecutor")
    system = CelerySystem(tmp_path_factory.mktemp("celery"), programs)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def test_two_workers_share_300_requests_and_the_death_of_one_loses_none(
    system: CelerySystem, capsys: pytest.CaptureFixture[str]
) -> None:
    def ended(place: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            document = system.look(place)
            return document if document["status"] not in ("pending", "running") else None

        return wait_for(f"end of {place}", look, 150)

    # What one costs must be known before a run asks for a second worker.
    assert ended(system.submit("weighed", {"n": -1}))["result"]["value"] == -3
    wait_for("end of the first worker", lambda: not any(map(system.computes, WORKERS)))
    with ThreadPoolExecutor(4) as pool:
        places = list(pool.map(lambda n: system.submit("weighed", {"n": n}), range(REQUESTS)))
    wait_for("work of both workers at once", lambda: all(map(system.computes, WORKERS)))
    system.kill(WORKERS[0])
    killed_at = time.monotonic()
    documents = [ended(place) for place in places]
    seconds = time.monotonic() - killed_at
    with capsys.disabled():
        print(f"\na killed Celery worker: all had ended {seconds:.0f} s later", end=" ")
    assert {document["status"] for document in documents} == {"succeeded"}
    values = [document["result"]["value"] for document in documents]
    assert values == [3 * n for n in range(REQUESTS)]
    attempts = {document["result"]["provenance"]["attempt"] for document in documents}
    assert attempts == {1, 2}, "what the dead worker held is computed again, and only that"
