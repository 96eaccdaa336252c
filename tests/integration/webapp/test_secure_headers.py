"""The headers that every answer has, errors included."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.integration.webapp.conftest import AppMaker
from tests.servers import StoreServer

PATHS = ["/", "/computations/echo", "/api/v1/computations", "/api/v1/nope", "/healthz", "/readyz",
         "/current", "/static/batchwell.css", "/login", "/problems/not-found"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_keeps_to_itself(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
        assert answer.headers.getlist("Referrer-Policy") == ["same-origin"]
        assert "Strict-Transport-Security" not in answer.headers
        policies = answer.headers.getlist("Content-Security-Policy")
        assert len(policies) == (answer.mimetype == "text/html")
        if policies:
            ancestors = policies[0].partition("frame-ancestors ")[2]
            assert ancestors == "http://airflow.test:8080"


def test_secure_app_says_that_it_always_is(make_app: AppMaker, server: StoreServer) -> None:
    client = make_app(server, BATCHWELL_URL="https://localhost").test_client()
    for path in ("/", "/api/v1/nope"):
        assert client.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"
