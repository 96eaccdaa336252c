"""Drives the app as its users do, and stands in for Airflow and for time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request_started
from werkzeug.test import TestResponse

from batchwell.drain import drain
from batchwell.store import AnyComputation, Origin, Store
from tests.stored import set_result_field
from webapp.context import Context

API = "/api/v1"


class Driver:
    """The app, seen from outside; its store, to compute and to age values."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.context: Context = app.extensions["batchwell"]
        self.client = app.test_client()

    @property
    def store(self) -> Store:
        return self.context.store

    def computation(self, name: str) -> AnyComputation:
        return self.context.registry[name]

    def bear(self, secret: str) -> None:
        """Send a token with every call from now on."""
        self.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers)

    def submit(self, name: str, params: object, **members: object) -> TestResponse:
        body = {"params": params, **members}
        return self.client.post(f"{API}/computations/{name}/requests", json=body)

    def read(self, name: str, query: str) -> TestResponse:
        return self.client.get(f"{API}/computations/{name}/result?{query}")

    def status(self, request_id: str) -> Any:
        return self.client.get(f"{API}/requests/{request_id}").get_json()

    def drain(self, name: str, *, run_id: str = "") -> None:
        """Compute what waits, as a run of the computation's DAG would."""
        origin = Origin(dag_id=f"recompute_{name}" if run_id else "", run_id=run_id)
        drain(self.store, self.computation(name), origin=origin, linger_seconds=0)

    def compute(self, name: str, **params: object) -> None:
        """Have a value computed and kept."""
        assert self.submit(name, params).status_code == 202
        self.drain(name)

    def make_stale(self, name: str, **params: object) -> None:
        """Let the value's freshness have ended."""
        digest = self.computation(name).parse(params).digest
        set_result_field(self.store, name, digest, "fresh_until", 1)

    def is_quick(self, ask: Callable[[], object]) -> bool:
        """Tell whether Flask's dispatch had no part in the answer."""
        dispatched: list[Flask] = []
        with request_started.connected_to(lambda app: dispatched.append(app), self.app):
            ask()
        return not dispatched

    def pending(self, name: str) -> int:
        """Count what waits."""
        return self.store.count(self.computation(name)).pending
