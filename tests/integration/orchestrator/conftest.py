"""Fixtures for the Airflow side: its database, a connection to a real store, a task context."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from batchwell import Computation, computation
from batchwell.connection import connect
from batchwell.store import Store
from tests.servers import StoreServer

DAGS = Path(__file__).parent / "dags"

# Read when airflow is first imported, which the test modules of this folder do.
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(DAGS)


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's database, on a throw-away SQLite file."""
    from airflow.utils.db import initdb

    initdb()


@pytest.fixture
def store(server: StoreServer, namespace: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A real store, to which Airflow's connection ``batchwell_redis`` leads too."""
    connection = {
        "conn_type": "redis",
        "host": "127.0.0.1",
        "port": server.port,
        "extra": {"db": 0, "namespace": namespace},
    }
    monkeypatch.setenv("AIRFLOW_CONN_BATCHWELL_REDIS", json.dumps(connection))
    with connect(server.url) as client:
        yield Store(client, namespace=namespace)


@pytest.fixture
def doubled() -> Computation[Any, Any]:
    """A computation that doubles, fails for 13, and does not linger."""

    @computation(linger=timedelta(0), max_attempts=1)
    def doubled(n: int) -> int:
        if n == 13:
            raise ValueError("thirteen")
        return 2 * n

    return doubled


@pytest.fixture
def context() -> dict[str, Any]:
    """What a task of ours reads of Airflow's context."""
    from airflow.sdk.execution_time.context import OutletEventAccessors

    return {
        "dag": SimpleNamespace(dag_id="some_dag"),
        "dag_run": SimpleNamespace(run_type="manual"),
        "ti": SimpleNamespace(
            dag_id="some_dag",
            run_id="some_run",
            task_id="drain",
            map_index=-1,
            try_number=1,
            xcom_push=lambda key, value: None,
        ),
        "run_id": "some_run",
        "params": {},
        "triggering_asset_events": {},
        "outlet_events": OutletEventAccessors(),
    }
