"""Submit a request, follow it to its end, ask again."""

from __future__ import annotations

from batchwell.store import Origin
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer


def test_first_submit_is_accepted_with_the_address_of_its_request(driver: Driver) -> None:
    answer = driver.submit("fibonacci", {"n": 30})
    request = answer.get_json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"{API}/requests/{request['id']}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert (request["status"], request["params"]) == ("pending", {"n": 30})
    assert request["previous"] is None
    assert request["waiting_because"].startswith("no worker has ever polled")


def test_request_goes_from_pending_to_running_to_succeeded(driver: Driver) -> None:
    location = driver.submit("fibonacci", {"n": 30}).headers["Location"]
    assert driver.get(location).get_json()["status"] == "pending"
    fibonacci = driver.computation("fibonacci")
    origin = Origin(dag_id="recompute_fibonacci", run_id="manual__1")
    batch = driver.store.claim(fibonacci, "worker", count=1, lease_seconds=30, origin=origin)
    driver.store.report(fibonacci, batch.claims, 0.5, "half")
    running = driver.get(location).get_json()
    assert (running["status"], running["attempt"]) == ("running", 1)
    assert running["progress"] == {"fraction": 0.5, "message": "half"}
    assert running["run"]["url"] == (
        "http://airflow.test:8080/dags/recompute_fibonacci/runs/manual__1"
    )
    driver.store.release(fibonacci, batch.claims)
    driver.drain("fibonacci", run_id="manual__1")
    answer = driver.get(location)
    done = answer.get_json()
    assert done["status"] == "succeeded"
    assert done["result"]["value"] == 832040
    assert done["result"]["state"] == "fresh"
    assert done["result"]["provenance"]["run_id"] == "manual__1"
    assert "Retry-After" not in answer.headers


def test_fresh_value_answers_a_submit_at_once(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    answer = driver.submit("fibonacci", {"n": 30})
    assert (answer.status_code, answer.get_json()["value"]) == (200, 832040)
    assert driver.pending("fibonacci") == 0


def test_max_age_of_zero_forces_and_the_fresh_value_is_the_previous(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    answer = driver.submit("fibonacci", {"n": 30}, max_age=0)
    assert answer.status_code == 202
    assert answer.get_json()["previous"]["value"] == 832040
    assert driver.submit("fibonacci", {"n": 30}, max_age=3600).status_code == 200


def test_stale_value_is_told_as_the_previous_one(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    driver.make_stale("fibonacci", n=30)
    request = driver.submit("fibonacci", {"n": 30}).get_json()
    assert request["status"] == "pending"
    assert (request["previous"]["value"], request["previous"]["state"]) == (832040, "stale")
    assert request["result"] is None


def test_two_submits_of_the_same_parameters_share_a_request(driver: Driver) -> None:
    first = driver.submit("echo", {"n": 1, "text": "x"}).get_json()
    second = driver.submit("echo", {"text": "x", "n": 1}).get_json()
    assert first["id"] == second["id"]
    assert driver.submit("echo", {"n": 1}).get_json()["id"] == first["id"], "by default too"
    assert driver.pending("echo") == 1


def test_more_urgent_request_is_computed_first(driver: Driver) -> None:
    driver.submit("echo", {"n": 1}, priority="bulk")
    urgent = driver.submit("echo", {"n": 2}, priority="interactive").get_json()
    assert urgent["position"] == 0


def test_full_queue_refuses_with_429(driver: Driver) -> None:
    for n in (1, 2):
        assert driver.submit("narrow", {"n": n}).status_code == 202
    answer = driver.submit("narrow", {"n": 3})
    assert answer.status_code == 429
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["type"] == "/problems/queue-full"
    assert int(answer.headers["Retry-After"]) >= 1
    assert driver.pending("narrow") == 2
    assert driver.submit("narrow", {"n": 2}).status_code == 202, "attaching needs no room"


def test_failed_request_tells_its_error(driver: Driver) -> None:
    request = driver.submit("narrow", {"n": 0}).get_json()
    driver.drain("narrow")
    failed = driver.status(request["id"])
    assert failed["status"] == "failed"
    assert failed["error"]["type"] == "ZeroDivisionError"
    assert failed["result"] is None


def test_eta_follows_the_measured_cost(driver: Driver) -> None:
    driver.compute("fibonacci", n=1)
    driver.store.client.hset(f"{driver.store.namespace}:{{fibonacci}}:meta", "item_ms", "2500")
    driver.submit("fibonacci", {"n": 2})
    assert driver.submit("fibonacci", {"n": 3}).get_json()["eta_seconds"] is None
    driver.store.enlist(driver.computation("fibonacci"), "worker", worker_seconds=15)
    answer = driver.submit("fibonacci", {"n": 3})
    assert answer.get_json()["eta_seconds"] == 5.0
    assert answer.headers["Retry-After"] == "5"


def evaluations(driver: Driver) -> int:
    stats = driver.store.client.info("commandstats")
    assert isinstance(stats, dict)
    return sum(stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in ("evalsha", "eval"))


def test_fresh_answer_costs_one_round_trip(own_driver: Driver) -> None:
    own_driver.compute("fibonacci", n=30)
    before = evaluations(own_driver)
    assert own_driver.submit("fibonacci", {"n": 30}).status_code == 200
    assert evaluations(own_driver) == before + 1


def test_read_costs_one_round_trip_and_the_next_one_none(own_driver: Driver) -> None:
    own_driver.compute("fibonacci", n=30)
    own_driver.read("fibonacci", "n=31")  # the server knows the script from then on
    before = evaluations(own_driver)
    for _ in range(3):
        assert own_driver.read("fibonacci", "n=30").get_json()["value"] == 832040
    assert evaluations(own_driver) == before + 1


def test_accepted_request_costs_one_round_trip(own_driver: Driver) -> None:
    own_driver.submit("fibonacci", {"n": 1})
    before = evaluations(own_driver)
    assert own_driver.submit("fibonacci", {"n": 2}).status_code == 202
    assert evaluations(own_driver) == before + 1


def test_killed_store_is_told_as_503_and_nothing_is_lost(
    own_driver: Driver, own_server: StoreServer
) -> None:
    location = own_driver.submit("fibonacci", {"n": 30}).headers["Location"]
    own_server.kill()
    for answer in (
        own_driver.submit("fibonacci", {"n": 31}),
        own_driver.read("fibonacci", "n=30"),
        own_driver.get(location),
        own_driver.get(f"{API}/computations"),
    ):
        assert answer.status_code == 503
        assert answer.get_json()["type"] == "/problems/store-unavailable"
        assert int(answer.headers["Retry-After"]) >= 1
    own_server.start()
    assert own_driver.get(location).get_json()["status"] == "pending"
