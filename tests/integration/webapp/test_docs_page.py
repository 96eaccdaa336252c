"""The page of the API: every call is there, to read and to try; nothing comes from elsewhere."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.integration.webapp.driver import Driver


def calls_in(page: str) -> set[tuple[str, str]]:
    return {*re.findall(r'data-method="(\w+)" data-path="([^"]+)"', page)}


def test_the_pages_show_every_call_once(driver: Driver) -> None:
    document = driver.get("/openapi.json").get_json()
    pages = [driver.get("/docs").text]
    pages += [driver.get(f"/docs/{each.name}").text for each in driver.context.registry]
    shown = [call for page in pages for call in calls_in(page)]
    assert len(shown) == len(set(shown))
    assert set(shown) == {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }


def test_a_call_is_shown_with_a_command_its_inputs_and_its_answers(driver: Driver) -> None:
    page = unescape(driver.get("/docs/echo").text)
    assert "curl http://localhost/api/v1/computations/echo/requests \\" in page
    assert """-d '{"params": {"n": 7}}'""" in page
    assert "curl 'http://localhost/api/v1/computations/echo/result?n=7'" in page
    assert "whole number, at least 0, at most 100" in page
    assert "/problems/idempotency-key-reused" in page
    assert "Authorization" not in page  # an open app asks for none


@pytest.mark.parametrize("path", ["/docs", "/docs/echo"])
def test_it_works_without_internet_access(driver: Driver, path: str) -> None:
    answer = driver.get(path)
    sources = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert {each for each in sources if "//" in each} == {"http://airflow.test:8080"}
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    for each in sources:
        if each.startswith("/static"):
            with driver.get(each) as file:
                assert file.status_code == 200


def test_unknown_computation_has_no_page(driver: Driver) -> None:
    assert driver.get("/docs/nope").status_code == 404
