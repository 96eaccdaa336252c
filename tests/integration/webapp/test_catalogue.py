"""The catalogue of computations."""

from __future__ import annotations

from tests.integration.webapp.driver import API, Driver


def test_catalogue_lists_all_computations_by_name(driver: Driver) -> None:
    listed = driver.get(f"{API}/computations").get_json()["computations"]
    names = [each["name"] for each in listed]
    assert names == ["echo", "fibonacci", "lasting", "narrow", "same"]


def test_entry_tells_what_a_computation_takes_returns_and_promises(driver: Driver) -> None:
    entry = driver.get(f"{API}/computations/echo").get_json()
    assert entry["title"] == "Repeat a text"
    assert entry["description"].startswith("Repeat a text.")
    assert entry["parameters"]["properties"]["n"]["maximum"] == 100
    assert entry["result"] == {"type": "string"}
    assert entry["policy"]["fresh_for_seconds"] == 3600
    assert entry["policy"]["timeout_seconds"] is None
    assert entry["policy"]["max_attempts"] == 3


def test_entry_counts_what_is_going_on(driver: Driver) -> None:
    driver.compute("echo", n=1)
    driver.submit("echo", {"n": 2})
    counts = driver.get(f"{API}/computations/echo").get_json()["counts"]
    assert (counts["pending"], counts["running"], counts["results"]) == (1, 0, 1)
    assert (counts["succeeded"], counts["failed"], counts["workers"]) == (1, 0, 0)


def test_links_of_an_entry_lead_somewhere(driver: Driver) -> None:
    driver.compute("echo", n=1)
    links = driver.get(f"{API}/computations/echo").get_json()["links"]
    assert links["dag"] == "http://airflow.test:8080/dags/recompute_echo"
    assert driver.client.post(links["requests"], json={"params": {"n": 1}}).status_code == 200
    for name, query in (("self", ""), ("result", "?n=1"), ("latest", ""), ("page", "")):
        assert driver.get(links[name] + query).status_code == 200
