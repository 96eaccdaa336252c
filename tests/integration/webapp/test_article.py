"""The article's two routes and its sentences."""

from __future__ import annotations

import pytest

from tests.integration.webapp.driver import Driver

SOON = "New Fibonacci number will be assigned soon."


def current(driver: Driver) -> str:
    answer = driver.get("/current")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    return answer.text


def test_current_number_is_zero_before_the_first(driver: Driver) -> None:
    assert current(driver) == "Current fibonacci number is 0"


def test_number_becomes_current_when_it_has_been_computed(driver: Driver) -> None:
    answer = driver.get("/set/40")
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/plain", SOON)
    assert current(driver) == "Current fibonacci number is 0"
    driver.drain("fibonacci")
    assert current(driver) == "Current fibonacci number is 102334155"


def test_number_whose_value_is_fresh_is_current_at_once(driver: Driver) -> None:
    driver.compute("fibonacci", n=40)
    driver.compute("fibonacci", n=10)
    assert current(driver) == "Current fibonacci number is 55"
    assert driver.get("/set/40").text == SOON
    assert current(driver) == "Current fibonacci number is 102334155"
    assert driver.pending("fibonacci") == 0


@pytest.mark.parametrize("number", ["43", "-1", "x", "1.5", "nan", "%20"])
def test_number_that_cannot_be_set_is_refused_by_name(driver: Driver, number: str) -> None:
    answer = driver.get(f"/set/{number}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == ["n"]
    assert driver.pending("fibonacci") == 0
