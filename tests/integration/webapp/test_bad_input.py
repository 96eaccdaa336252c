"""Bad input: refused with the offending field, and nothing recorded."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.integration.webapp.driver import API, Driver

SUBMIT = f"{API}/computations/echo/requests"


def post(driver: Driver, body: str, content_type: str = "application/json") -> TestResponse:
    return driver.client.post(SUBMIT, data=body, content_type=content_type)


def fields(answer: TestResponse) -> list[str]:
    assert answer.mimetype == "application/problem+json"
    return [error["field"] for error in answer.get_json()["errors"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"params":{"n":"1"}}', "n"),
        ('{"params":{"n":1.5}}', "n"),
        ('{"params":{"n":true}}', "n"),
        ('{"params":{"n":null}}', "n"),
        ('{"params":{"n":101}}', "n"),
        ('{"params":{"n":-1}}', "n"),
        ('{"params":{}}', "n"),
        ('{"params":{"n":1,"m":2}}', "m"),
        ('{"params":{"n":NaN}}', "n"),
        ('{"params":{"n":Infinity}}', "n"),
        ('{"params":{"n":1' + "0" * 5000 + "}}", "n"),
        ('{"params":{"n":' + "[" * 20 + "]" * 20 + "}}", "n"),
        ('{"params":{"n":' + "[" * 900 + "]" * 900 + "}}", "n"),
        ('{"params":{"n":1,"text":"' + "x" * 65536 + '"}}', "text"),
        ('{"params":[]}', "params"),
        ("{}", "params"),
        ("[]", "body"),
        ('{"params":{"n":1},"prams":{}}', "prams"),
        ('{"params":{"n":1},"priority":"urgent"}', "priority"),
        ('{"params":{"n":1},"max_age":-1}', "max_age"),
    ],
)
def test_bad_field_is_named_and_nothing_recorded(driver: Driver, body: str, field: str) -> None:
    answer = post(driver, body)
    assert answer.status_code == 422
    assert fields(answer) == [field]
    assert driver.store.client.keys(f"{driver.store.namespace}:*") == []


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("", "application/json", 400),
        ('{"params":{"n":1}}', "text/plain", 415),
        ('{"params":{"n":1}}', "", 415),
        (" " * 600_000, "application/json", 413),
    ],
)
def test_body_that_cannot_be_read_is_refused(
    driver: Driver, body: str, content_type: str, status: int
) -> None:
    answer = post(driver, body, content_type)
    assert (answer.status_code, answer.get_json()["status"]) == (status, status)
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("n=1&n=1", "n"),
        ("n=1&m=1", "m"),
        ("text=x", "n"),
        ("", "n"),
        ("n=x", "n"),
        ("n=101", "n"),
        ("n=nan", "n"),
        ("n=1&text=%ff", "query"),
        ("n=" + "9" * 5000, "n"),
    ],
)
def test_bad_query_names_its_field(driver: Driver, query: str, field: str) -> None:
    answer = driver.read("echo", query)
    assert (answer.status_code, fields(answer)) == (422, [field])


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/computations/nope",
        f"{API}/computations/nope/result?n=1",
        f"{API}/computations/nope/latest",
        f"{API}/computations/%00",
        "/computations/nope",
        "/computations/nope/value",
    ],
)
def test_unknown_computation_is_404(driver: Driver, path: str) -> None:
    answer = driver.get(path)
    assert answer.status_code == 404
    assert answer.get_json()["type"] == "/problems/unknown-computation"
    assert driver.submit("nope", {}).status_code == 404


@pytest.mark.parametrize(
    "request_id", ["echo-aaaaaaaaaaaaaaaa", "nope-aaaaaaaaaaaaaaaa", "echo", "-", "%00", "echo-%ff"]
)
def test_unknown_request_is_404(driver: Driver, request_id: str) -> None:
    for path in (f"{API}/requests/{request_id}", f"/requests/{request_id}"):
        answer = driver.get(path)
        assert answer.status_code == 404
        assert answer.get_json()["type"] == "/problems/unknown-request"


def test_unknown_computation_is_told_with_names_like_it(driver: Driver) -> None:
    told = driver.get(f"{API}/computations/fibonaci").get_json()["detail"]
    assert told == "there is no computation named 'fibonaci'; did you mean fibonacci?"
    far = driver.get(f"{API}/computations/{'x' * 2000}").get_json()["detail"]
    assert "did you mean" not in far


def test_address_without_anything_is_told_in_a_sentence(driver: Driver) -> None:
    told = driver.get(f"{API}/computation").get_json()["detail"]
    assert told == f"There is nothing at {API}/computation to GET."
    long = driver.get(f"/{'x' * 2000}").get_json()["detail"]
    assert long == f"There is nothing at /{'x' * 99}… to GET."
    page = driver.client.get("/<script>", headers={"Accept": "text/html"}).text
    assert "at /&lt;script&gt; to GET" in page


def test_wrong_method_is_405(driver: Driver) -> None:
    answer = driver.client.put(SUBMIT)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
    told = answer.get_json()["detail"]
    assert told == f"PUT does not apply to {SUBMIT}, which takes: OPTIONS, POST."
    assert answer.mimetype == "application/problem+json"
