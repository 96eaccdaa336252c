"""The operations page and its acts, and the page of a run."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from batchwell import Failure
from batchwell.access_tokens import Scope
from batchwell.drain import drain
from batchwell.store import Origin
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer

TABLE = "/operations/table"
FRAME = {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}


def row(driver: Driver, name: str) -> str:
    """Return the text of a computation's row, its marks taken off."""
    found = re.search(rf'<tr data-computation="{name}".*?</tr>', driver.get(TABLE).text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split())


def act(driver: Driver, name: str, what: str) -> str:
    """Press a button; return what the page says then."""
    answer = driver.client.post(f"/operations/{name}/{what}")
    assert answer.status_code == 303
    told = re.search(r'role="status">([^<]+)', driver.get(answer.headers["Location"]).text)
    assert told is not None
    return told[1]


def fail(driver: Driver, name: str, *numbers: int) -> None:
    for number in numbers:
        driver.submit(name, {"n": number})
    batch = driver.store.claim(
        driver.computation(name), "w", count=99, lease_seconds=9, origin=Origin()
    )
    failures = [(claim, Failure("no"), False) for claim in batch.claims]
    driver.store.fail(driver.computation(name), failures)


def test_row_tells_what_waits_is_stale_failed_and_who_works(driver: Driver) -> None:
    fail(driver, "fibonacci", 1, 2)
    driver.compute("fibonacci", n=30)
    driver.store.invalidate(driver.computation("fibonacci"))
    driver.submit("fibonacci", {"n": 31})
    driver.store.enlist(
        driver.computation("fibonacci"),
        "recompute_fibonacci/manual__1/drain/-1/1",
        worker_seconds=9,
    )
    told = row(driver, "fibonacci")
    assert re.search(r"draining 1 0 1 2 0 drain ", told), told
    assert 'href="/runs/recompute_fibonacci/manual__1"' in driver.get(TABLE).text
    assert "idle" in row(driver, "echo") or "unwatched 0 0 0 0 0 nobody" in row(driver, "echo")


def test_acts_do_what_they_say_and_tell_it(driver: Driver) -> None:
    store, fibonacci = driver.store, driver.computation("fibonacci")
    fail(driver, "fibonacci", 1, 2)
    assert act(driver, "fibonacci", "replay") == "fibonacci: 2 failed requests replayed."
    assert act(driver, "fibonacci", "cancel") == "fibonacci: 2 waiting requests cancelled."
    driver.compute("fibonacci", n=30)
    told = act(driver, "fibonacci", "invalidate")
    assert told == "fibonacci: every known value is stale now."
    assert act(driver, "fibonacci", "refresh") == "fibonacci: 1 stale value asked for."
    counts = store.count(fibonacci)
    assert (counts.pending, counts.dead_letters, counts.generation) == (1, 0, 1)


@pytest.mark.parametrize(("what", "asks"), [("cancel", "1 waiting"), ("invalidate", "0 fresh")])
def test_what_cannot_be_taken_back_is_asked_first(driver: Driver, what: str, asks: str) -> None:
    driver.submit("fibonacci", {"n": 30})
    page = driver.get(f"/operations/fibonacci/{what}")
    assert page.status_code == 200
    assert asks in page.text
    assert f'<form method="post" action="/operations/fibonacci/{what}">' in page.text
    assert driver.pending("fibonacci") == 1
    assert driver.get("/operations/fibonacci/replay").status_code == 405


def test_buttons_are_those_that_the_scopes_allow(driver: Driver, grant: Callable[..., str]) -> None:
    buttons = {Scope.READ: set[str](), Scope.SUBMIT: {"Refresh"}}
    buttons[Scope.ADMIN] = {"Replay", "Refresh", "Cancel", "Invalidate"}
    secrets = {scope: grant(scope.value, scope) for scope in buttons}
    for scope, expected in buttons.items():
        driver.bear(secrets[scope])
        assert set(re.findall(r"<button[^>]*>(\w+)<", driver.get(TABLE).text)) == expected
        allowed = "Cancel" in expected
        for what in ("replay", "cancel", "invalidate"):
            answer = driver.client.post(f"/operations/echo/{what}")
            assert answer.status_code == (303 if allowed else 403)
        answer = driver.client.post("/operations/echo/refresh")
        assert answer.status_code == (303 if expected else 403)


def test_frame_of_airflow_reads_and_cannot_act_and_what_it_shows_can(driver: Driver) -> None:
    driver.submit("fibonacci", {"n": 30})
    page = driver.get("/operations", **FRAME)
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert policy.endswith("; frame-ancestors http://airflow.test:8080")
    forged = driver.client.post("/operations/fibonacci/cancel", headers=FRAME)
    assert forged.status_code == 403
    assert driver.pending("fibonacci") == 1
    ours = FRAME | {"Sec-Fetch-Site": "same-origin"}
    assert driver.client.post("/operations/fibonacci/cancel", headers=ours).status_code == 303
    assert driver.pending("fibonacci") == 0


def test_made_up_words_are_not_shown(driver: Driver) -> None:
    for query in (
        "did=cancel&of=you&count=3",
        "did=x&of=echo&count=3",
        "did=cancel&of=echo&count=y",
    ):
        assert 'class="did"' not in driver.get(f"/operations?{query}").text


def test_unknown_computation_is_unknown(driver: Driver) -> None:
    assert driver.client.post("/operations/nothing/cancel").status_code == 404


def test_page_says_that_the_store_is_away(make_app: AppMaker, own_server: StoreServer) -> None:
    driver = Driver(make_app(own_server))
    own_server.kill()
    page = driver.get("/operations", Accept="text/html")
    assert page.status_code == 503
    assert "does not answer" in page.text


def test_page_of_a_run_lists_its_batches_and_their_requests(driver: Driver) -> None:
    ids = [driver.submit("fibonacci", {"n": n}).get_json()["id"] for n in (1, 2)]
    bad = driver.submit("narrow", {"n": 0}).get_json()["id"]
    origin = Origin(dag_id="recompute_fibonacci", run_id="manual__2026-11-24T15:10:05+00:00")
    for name in ("fibonacci", "narrow"):
        drain(driver.store, driver.computation(name), origin=origin, linger_seconds=0)
    provenance = driver.get(f"{API}/requests/{ids[0]}").get_json()["result"]["provenance"]
    assert provenance["run_id"] == origin.run_id
    page = driver.get("/runs/recompute_fibonacci/manual__2026-11-24T15:10:05+00:00").text
    for request_id in (*ids, bad):
        assert f'href="/requests/{request_id}"' in page
    assert re.search(rf'class="erring" href="/requests/{bad}"', page)
    assert "3 requests: " in page
    assert "1 failed" in page
    assert "http://airflow.test:8080/dags/recompute_fibonacci/runs/manual__2026" in page


def test_page_of_a_run_of_which_nothing_is_known_says_why(driver: Driver) -> None:
    page = driver.get("/runs/recompute_fibonacci/manual__1")
    assert page.status_code == 200
    assert "Nothing is known of its batches" in page.text


def test_hostile_names_of_a_run_are_only_text(driver: Driver) -> None:
    page = driver.get("/runs/a%3Cscript%3E/b%22%3Cscript%3E").text
    assert "<script>" not in page
    assert "a&lt;script&gt;" in page
