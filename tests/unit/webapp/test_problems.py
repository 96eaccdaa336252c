"""Every error has its problem."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import (
    BadRequest,
    ImATeapot,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from batchwell import errors
from batchwell.settings import Settings
from webapp import create_app
from webapp.access.scopes import needs
from webapp.problem_kinds import KINDS
from webapp.problems import Refused, problem_of

FIELD = errors.FieldError(field="n", message="must be less")


@pytest.fixture(autouse=True)
def within_a_request() -> Iterator[None]:
    """The details name the method and the path of the request that is answered."""
    with Flask(__name__).test_request_context("/nowhere"):
        yield


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (errors.InvalidParameters("echo", [FIELD]), 422, "invalid-parameters"),
        (errors.UnknownComputation("nope"), 404, "unknown-computation"),
        (errors.UnknownRequest("nope-1"), 404, "unknown-request"),
        (errors.QueueFull("echo", 10, 2.1), 429, "queue-full"),
        (errors.StoreUnavailable("away"), 503, "store-unavailable"),
        (errors.StoreRefuses("user secret"), 500, "store-refuses"),
        (errors.InvalidResult("inside"), 500, "internal-error"),
        (Refused("never-computed", "never"), 404, "never-computed"),
        (BadRequest(), 400, "bad-request"),
        (NotFound(), 404, "not-found"),
        (MethodNotAllowed(["GET", "POST"]), 405, "method-not-allowed"),
        (RequestEntityTooLarge(), 413, "too-large"),
        (UnsupportedMediaType(), 415, "unsupported-media-type"),
        (ZeroDivisionError("secret"), 500, "internal-error"),
    ],
)
def test_error_becomes_a_problem(error: Exception, status: int, slug: str) -> None:
    document = problem_of(error).document()
    assert (document["status"], document["type"]) == (status, f"/problems/{slug}")
    assert document["title"] == KINDS[slug].title
    assert document["detail"]
    assert "secret" not in str(document)


def test_fields_are_named_one_by_one() -> None:
    document = problem_of(errors.InvalidParameters("echo", [FIELD, FIELD])).document()
    assert document["errors"] == [{"field": "n", "message": "must be less"}] * 2


def test_full_queue_tells_when_to_try_again() -> None:
    assert problem_of(errors.QueueFull("echo", 10, 2.1)).headers == {"Retry-After": "3"}
    assert problem_of(errors.QueueFull("echo", 10, 0)).headers == {"Retry-After": "1"}


def test_wrong_method_tells_the_right_ones() -> None:
    assert problem_of(MethodNotAllowed(["POST", "GET"])).headers == {"Allow": "GET, POST"}


def test_error_of_the_framework_without_a_kind_keeps_its_status() -> None:
    document = problem_of(ImATeapot()).document()
    assert (document["type"], document["status"]) == ("about:blank", 418)
    assert document["title"] == "I'm a teapot"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An app without computations or store, and with a fault."""
    env = {"BATCHWELL_HOME": f"{tmp_path}", "BATCHWELL_DAGS_FOLDER": f"{tmp_path}"}
    app = create_app(Settings.from_env(env))

    @app.get("/fault")
    @needs(None)
    def fault() -> str:
        raise RuntimeError("the password is xyzzy")

    return app


def test_unexpected_error_is_logged_and_tells_nothing(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/fault")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert "xyzzy" not in answer.text
    assert "xyzzy" in caplog.text
    assert "GET /fault failed" in caplog.text


def test_browser_gets_a_page_and_others_json(app: Flask) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    client = app.test_client()
    assert client.get("/nope", headers=browser).mimetype == "text/html"
    assert client.get("/nope", headers={"Accept": "*/*"}).mimetype == "application/problem+json"
    assert client.get("/nope").mimetype == "application/problem+json"
    assert client.get("/api/v1/x", headers=browser).mimetype == "application/problem+json"


@pytest.mark.parametrize("slug", KINDS)
def test_each_type_is_explained_at_its_address(app: Flask, slug: str) -> None:
    answer = app.test_client().get(KINDS[slug].type)
    assert answer.status_code == 200
    assert KINDS[slug].title in answer.text


def test_unknown_type_is_not_found(app: Flask) -> None:
    assert app.test_client().get("/problems/nope").status_code == 404


def test_method_that_does_not_apply_is_told_with_those_that_do(app: Flask) -> None:
    answer = app.test_client().delete("/healthz")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_liveness_needs_no_store(app: Flask) -> None:
    assert app.test_client().get("/healthz").get_json() == {"status": "alive"}
