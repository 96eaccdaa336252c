"""Real answers are held against the OpenAPI document: each member is described, none is missing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for
from werkzeug.test import TestResponse

from batchwell import Failure
from batchwell.store import Origin
from tests.integration.webapp.driver import API, Driver

ECHO = f"{API}/computations/echo"
NARROW = f"{API}/computations/narrow"
# What any answer may carry, whatever the call.
USUAL = {
    "Content-Type",
    "Content-Length",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cache-Control",
    "Vary",
    "X-Request-ID",
}


def closed(part: Any) -> Any:
    """Return a schema that allows no member which it does not describe."""
    if isinstance(part, list):
        return [closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    inner = {key: closed(one) for key, one in part.items()}
    if isinstance(inner.get("properties"), dict) and inner.get("type") == "object":
        inner["additionalProperties"] = False
    return inner


class Checker:
    """Asks the app, and holds each answer against what the document says of it."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.document: Any = driver.get("/openapi.json").get_json()
        self.components = {**self.document["components"]}
        self.components["schemas"] = closed(self.components["schemas"])

    def ask(
        self, method: str, path: str, status: int, json: object = None, **headers: str
    ) -> TestResponse:
        answer = self.driver.client.open(path, method=method, json=json, headers=headers)
        assert answer.status_code == status, answer.text
        described = self.described(method, path.partition("?")[0], status)
        if "content" not in described:
            assert answer.data == b""
            return answer
        schema = described["content"][answer.mimetype]["schema"]
        value = answer.get_json() if answer.is_json else answer.text
        checked = {**schema, "components": self.components}
        validator_for(checked, default=Draft202012Validator)(
            checked, format_checker=Draft202012Validator.FORMAT_CHECKER
        ).validate(value)
        told = {name for name, _ in answer.headers} - USUAL
        assert told <= set(described.get("headers", {})), path
        return answer

    def described(self, method: str, path: str, status: int) -> Any:
        [template] = [
            each
            for each in self.document["paths"]
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", each), path)
        ]
        answers = self.document["paths"][template][method.lower()]["responses"]
        described = answers[str(status)]
        if "$ref" in described:
            return self.components["responses"][described["$ref"].rpartition("/")[2]]
        return described


@pytest.fixture
def checker(driver: Driver) -> Checker:
    return Checker(driver)


def test_a_requests_way_to_its_value(driver: Driver, checker: Checker) -> None:
    asked = checker.ask("POST", f"{ECHO}/requests", 202, {"params": {"n": 2}}).get_json()
    checker.ask("GET", f"{API}/requests/{asked['id']}", 200)
    checker.ask("GET", f"{ECHO}/result?n=2", 404)
    driver.drain("echo", run_id="manual__1")
    checker.ask("GET", f"{API}/requests/{asked['id']}", 200)
    checker.ask("POST", f"{ECHO}/requests", 200, {"params": {"n": 2}})
    read = checker.ask("GET", f"{ECHO}/result?n=2", 200)
    checker.ask("GET", f"{ECHO}/result?n=2", 304, **{"If-None-Match": read.headers["ETag"]})
    checker.ask("GET", f"{ECHO}/latest", 200)
    driver.make_stale("echo", n=2)
    checker.ask("GET", f"{ECHO}/result?n=2", 200)
    again = checker.ask("POST", f"{ECHO}/requests", 202, {"params": {"n": 2}}).get_json()
    assert again["previous"]["state"] == "stale"
    checker.ask("DELETE", f"{API}/requests/{again['id']}", 200)
    checker.ask("DELETE", f"{API}/requests/{asked['id']}", 409)
    checker.ask("POST", f"{API}/requests/{again['id']}/retry", 202)
    checker.ask("POST", f"{ECHO}/invalidate", 200)


def test_failures_and_what_follows_them(driver: Driver, checker: Checker) -> None:
    driver.submit("narrow", {"n": 0})
    driver.drain("narrow")
    [letter] = checker.ask("GET", f"{NARROW}/failures?limit=1", 200).get_json()["failures"]
    assert letter["error"]
    assert letter["story"]
    checker.ask("GET", f"{API}/requests/{letter['id']}", 200)
    checker.ask("POST", f"{API}/requests/{letter['id']}/retry", 202)
    checker.ask("GET", f"{API}/requests/{letter['id']}", 200)


def test_a_failed_recompute_is_told_beside_the_value(driver: Driver, checker: Checker) -> None:
    driver.compute("same", value=[1, {"a": None}])
    driver.submit("same", {"value": [1, {"a": None}]}, max_age=0)
    same = driver.computation("same")
    [claim] = driver.store.claim(same, "worker", count=1, lease_seconds=9, origin=Origin()).claims
    driver.store.fail(same, [(claim, Failure("it broke"), False)])
    told = checker.ask("GET", f"{API}/computations/same/latest", 200).get_json()
    assert told["last_error"]["message"] == "it broke"


def test_bulk(driver: Driver, checker: Checker) -> None:
    driver.compute("narrow", n=1)
    items = [{"params": {"n": n}} for n in (1, 2, 3, 4)] + [{"params": {}}, 5]
    answer = checker.ask("POST", f"{NARROW}/requests/bulk", 200, {"items": items}).get_json()
    assert answer["counts"] == {"fresh": 1, "accepted": 2, "full": 1, "invalid": 2}


def test_actions(driver: Driver, checker: Checker) -> None:
    path, good = f"{API}/actions", {"user": "ann", "item": "cat-1", "action": "like"}
    assert driver.client.post(path, json=good).status_code == 202
    answer = checker.ask("POST", path, 200, {"items": [good, *[good] * 5, 7]}).get_json()
    assert answer["counts"]["invalid"] == 1
    assert answer["counts"]["limited"] >= 1
    checker.ask("POST", path, 202, good | {"user": "bob", "id": "1", "at": None})
    checker.ask("POST", path, 422, good | {"item": "cat"})
    checker.ask("POST", path, 422, {"items": []})
    checker.ask("POST", path, 503, {"items": [good | {"user": f"u{n}"} for n in range(12)]})


def test_refusals(driver: Driver, checker: Checker) -> None:
    submit = f"{NARROW}/requests"
    checker.ask("POST", submit, 422, {"params": {}})
    checker.ask("POST", submit, 422, {"parms": {}})
    checker.ask("POST", submit, 400, {"params": {"n": 1}}, Prefer="wait=soon")
    checker.ask("POST", submit, 415)
    checker.ask("POST", submit, 413, {"params": {"n": "x" * 600_000}})
    checker.ask("GET", f"{ECHO}/latest?n=1", 422)
    checker.ask("GET", f"{API}/requests/echo-aaaaaaaaaaaaaaaa", 404)
    for n in (1, 2):
        checker.ask("POST", submit, 202, {"params": {"n": n}}, **{"Idempotency-Key": f"k{n}"})
    checker.ask("POST", submit, 422, {"params": {"n": 5}}, **{"Idempotency-Key": "k1"})
    checker.ask("POST", submit, 429, {"params": {"n": 3}})


def test_the_rest(driver: Driver, checker: Checker) -> None:
    checker.ask("GET", f"{API}/computations", 200)
    page = checker.ask("GET", f"{API}/computations?limit=1", 200)
    assert page.get_json()["next"]
    checker.ask("GET", f"{ECHO}", 200)
    tag = checker.ask("GET", "/openapi.json", 200).headers["ETag"]
    checker.ask("GET", "/openapi.json", 304, **{"If-None-Match": tag})
    checker.ask("GET", "/healthz", 200)
    checker.ask("GET", "/readyz", 200)
    checker.ask("GET", "/metrics", 200)
    checker.ask("GET", "/set/7", 200)
    checker.ask("GET", "/set/x", 422)
    driver.drain("fibonacci")
    checker.ask("GET", "/current", 200)


def test_a_store_that_is_away(own_driver: Driver, own_server: Any) -> None:
    checker = Checker(own_driver)
    own_server.kill()
    checker.ask("GET", f"{ECHO}/result?n=1", 503)
    checker.ask("GET", "/readyz", 503)
    checker.ask("GET", "/metrics", 200)
