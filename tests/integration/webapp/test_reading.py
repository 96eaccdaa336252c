"""Read known values, fresh or stale."""

from __future__ import annotations

from tests.integration.webapp.driver import API, Driver


def test_fresh_value_is_read(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    answer = driver.read("fibonacci", "n=30")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    result = answer.get_json()
    assert (result["value"], result["state"], result["refreshing"]) == (832040, "fresh", False)
    assert int(answer.headers["Age"]) == int(result["age_seconds"])


def test_stale_value_is_read_and_refreshed(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    driver.make_stale("fibonacci", n=30)
    first = driver.read("fibonacci", "n=30").get_json()
    assert (first["value"], first["state"], first["refreshing"]) == (832040, "stale", True)
    assert driver.status(first["refreshed_by"])["status"] == "pending"
    assert driver.status(first["request"])["status"] == "succeeded", "that which computed it"
    second = driver.read("fibonacci", "n=30").get_json()
    assert second["refreshed_by"] == first["refreshed_by"]
    assert driver.pending("fibonacci") == 1
    driver.drain("fibonacci")
    third = driver.read("fibonacci", "n=30").get_json()
    assert (third["state"], third["request"]) == ("fresh", first["refreshed_by"])


def test_reading_does_not_start_a_first_computing(driver: Driver) -> None:
    answer = driver.read("fibonacci", "n=30")
    assert answer.status_code == 404
    assert answer.get_json()["type"] == "/problems/never-computed"
    assert driver.pending("fibonacci") == 0


def test_stale_value_is_served_even_when_the_queue_is_full(driver: Driver) -> None:
    driver.compute("narrow", n=1)
    driver.make_stale("narrow", n=1)
    driver.submit("narrow", {"n": 2})
    driver.submit("narrow", {"n": 3})
    answer = driver.read("narrow", "n=1")
    assert answer.status_code == 200
    assert (answer.get_json()["state"], answer.get_json()["refreshing"]) == ("stale", False)


def test_stale_value_is_served_even_when_the_store_cannot_write(own_driver: Driver) -> None:
    own_driver.compute("fibonacci", n=30)
    own_driver.make_stale("fibonacci", n=30)
    own_driver.store.client.config_set("maxmemory", 1)
    answer = own_driver.read("fibonacci", "n=30")
    assert (answer.status_code, answer.get_json()["refreshing"]) == (200, False)
    assert own_driver.submit("fibonacci", {"n": 1}).status_code == 503


def test_latest_is_the_value_computed_last(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    driver.compute("fibonacci", n=10)
    latest = driver.get(f"{API}/computations/fibonacci/latest").get_json()
    assert (latest["params"], latest["value"]) == ({"n": 10}, 55)


def test_there_is_no_latest_before_the_first(driver: Driver) -> None:
    answer = driver.get(f"{API}/computations/fibonacci/latest")
    assert answer.status_code == 404
    assert answer.get_json()["type"] == "/problems/never-computed"


def test_integers_keep_all_their_digits(driver: Driver) -> None:
    driver.compute("same", value=2**200)
    assert driver.read("same", f"value={2**200}").status_code == 404, "text and number differ"
    assert str(2**200).encode() in driver.submit("same", {"value": 2**200}).data


def test_head_answers_without_a_body(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    answer = driver.client.head(f"{API}/computations/fibonacci/result?n=30")
    assert (answer.status_code, answer.data) == (200, b"")
