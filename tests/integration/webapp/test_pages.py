"""The pages: what they show, in good times and bad."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from batchwell import Failure
from batchwell.settings import Settings
from batchwell.store import Origin, Store
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import Driver
from tests.servers import StoreServer
from webapp import create_app
from webapp.pages.glances import UNKNOWN

BROWSER = {"Accept": "text/html"}
HOSTILE = "<script>alert('1')</script>\"&"


def test_home_shows_a_card_for_each_computation(driver: Driver) -> None:
    page = driver.get("/")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for name in ("echo", "fibonacci", "narrow", "same"):
        assert f'data-computation="{name}"' in page.text
        assert f'href="http://airflow.test:8080/dags/recompute_{name}"' in page.text
    assert "As often as <code>n</code> &lt;says&gt;." in page.text
    assert "No value yet." in page.text


def test_home_shows_the_latest_value_and_what_is_known(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    driver.compute("fibonacci", n=7)
    page = driver.get("/").text
    assert 'title="n = 7">13</a>' in page
    assert card(page, "fibonacci")["fresh"] == "2"
    driver.store.invalidate(driver.computation("fibonacci"))
    figures = card(driver.get("/").text, "fibonacci")
    assert (figures["fresh"], figures["stale"], figures["waiting"]) == ("0", "2", "0")


def test_home_tells_who_drains_and_what_airflow_watches(driver: Driver) -> None:
    watches_none = "Airflow watches no computation: it does not run, or their DAGs are paused"
    assert f"{watches_none}. No worker is draining." in driver.get("/").text
    driver.store._run("demand", "fibonacci", "watch")
    driver.store.enlist(driver.computation("echo"), "worker", worker_seconds=15)
    driver.submit("same", {"value": 1})
    page = driver.get("/").text
    assert "Airflow watches 1 of 5 computations. 1 worker is draining." in page
    states = {"fibonacci": "idle", "echo": "draining", "same": "starting", "narrow": "unwatched"}
    for name, state in states.items():
        assert f'<span class="badge {state}"' in page.split(f'data-computation="{name}"')[1]


def test_home_tells_the_share_of_questions_that_a_fresh_value_answered(driver: Driver) -> None:
    assert card(driver.get("/").text, "fibonacci")["hits"] == UNKNOWN
    driver.compute("fibonacci", n=30)
    for _ in range(3):
        driver.read("fibonacci", "n=30")
    assert card(driver.get("/").text, "fibonacci")["hits"] == "75 %"


def test_home_links_the_run_that_computed_last(driver: Driver) -> None:
    driver.submit("fibonacci", {"n": 30})
    driver.drain("fibonacci", run_id="manual__1")
    assert (
        "http://airflow.test:8080/dags/recompute_fibonacci/runs/manual__1" in driver.get("/").text
    )


def test_home_draws_what_was_done_in_the_last_hour_and_says_it(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    driver.compute("fibonacci", n=31)
    page = driver.get("/").text
    assert re.search(r"2 results in the last hour, peak \d/min", page)
    assert re.search(r'<path d="M\d+\.5 20v-20', page)
    assert "No results in the last hour" in page, "of the others"


def test_pulse_tells_what_the_first_page_shows_and_is_unchanged_until_something_is(
    driver: Driver,
) -> None:
    driver.compute("fibonacci", n=30)
    pulse = driver.get("/pulse")
    found = pulse.get_json()["computations"]["fibonacci"]
    assert found["figures"] == card(driver.get("/").text, "fibonacci")
    assert (found["state"], found["latest"]["text"]) == ("unwatched", "832040")
    etag = {"If-None-Match": pulse.headers["ETag"]}
    again = driver.get("/pulse", **etag)
    assert (again.status_code, again.data) == (304, b"")
    driver.submit("fibonacci", {"n": 31})
    assert driver.get("/pulse", **etag).status_code == 200


def test_many_computations_are_a_table_that_can_be_filtered(
    dags_folder: Path, make_app: AppMaker, server: StoreServer
) -> None:
    add_computations(dags_folder, 12)
    page = Driver(make_app(server)).get("/").text
    assert '<table class="glances" data-pulse>' in page
    assert "data-filter" in page
    assert page.count("data-computation=") > 12


def test_home_and_pulse_ask_the_store_as_often_for_a_hundred_as_for_one(
    dags_folder: Path, make_app: AppMaker, own_server: StoreServer
) -> None:
    add_computations(dags_folder, 100)
    driver = Driver(make_app(own_server))
    for path, most in (("/", 2), ("/pulse", 1), ("/health", 2), ("/readyz", 3)):
        driver.get(path)  # scripts are known, tokens are looked for
        before = arrived(driver.store)
        assert driver.get(path).status_code == 200
        # One is of the counting itself; what is long may arrive in some pieces.
        assert arrived(driver.store) - before - 1 <= most + 4, path


def arrived(store: Store) -> int:
    """Count how often the server has read from its clients."""
    return int(store.client.info("stats")["total_reads_processed"])


def add_computations(folder: Path, count: int) -> None:
    lines = ["from batchwell import computation"]
    for number in range(count):
        lines += ["@computation()", f"def many_{number}(n: int) -> int:", "    return n"]
    (folder / "computations" / "many.py").write_text("\n".join(lines))


def card(page: str, name: str) -> dict[str, str]:
    """Return the figures that the first page shows of a computation."""
    found = page.split(f'data-computation="{name}"')[1].split("</section>")[0]
    return dict(re.findall(r'<dd data-is="(\w+)">([^<]*)</dd>', found))


def test_home_names_the_module_that_failed_to_import(driver: Driver) -> None:
    assert "computations.broken is left out" in driver.get("/").text


def test_home_without_computations_says_how_to_write_one(
    server: StoreServer, tmp_path: Path
) -> None:
    env = {"BATCHWELL_REDIS_URL": server.url, "BATCHWELL_DAGS_FOLDER": str(tmp_path / "none")}
    page = create_app(Settings.from_env(env)).test_client().get("/")
    assert page.status_code == 200
    assert "No computation yet" in page.text
    assert f"{tmp_path}/none/computations/" in page.text


def test_form_is_made_from_the_schema(driver: Driver) -> None:
    page = driver.get("/computations/echo").text
    assert '<label for="echo-n">N</label>' in page
    assert 'type="number" inputmode="numeric" min="0" max="100" step="1" required=""' in page
    assert 'value="7"' in page, "the example"


def test_computation_page_explains_how_to_use_it(driver: Driver) -> None:
    page = driver.get("/computations/echo").text
    assert "<h1>Repeat a text</h1>" in page
    assert "curl http://localhost/api/v1/computations/echo/requests" in page
    assert "{&#34;params&#34;: {&#34;n&#34;: 7, &#34;text&#34;: &#34;x&#34;}}" in page
    assert "1 hour" in page


def test_computation_page_shows_the_value_of_the_parameters_in_its_address(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    driver.compute("fibonacci", n=10)
    assert "832040" in driver.get("/computations/fibonacci?n=30").text
    assert (
        "Not computed with these parameters yet" in driver.get("/computations/fibonacci?n=9").text
    )


def test_history_page_has_a_table_of_what_happened_and_says_what_its_charts_show(
    driver: Driver,
) -> None:
    driver.compute("fibonacci", n=30)
    driver.compute("fibonacci", n=31)
    page = driver.get("/computations/fibonacci/history").text
    assert "2 computed, 0 failed" in page
    assert "2 batches, the largest of 1" in page
    assert page.count("<figure>") == 4
    table = page.split("<tbody>")[1]
    assert sum(map(int, re.findall(r"<tr data-at=.*?</th>\s*<td[^>]*>(\d+)</td>", table))) == 2
    hours = driver.get("/computations/fibonacci/history?span=hours").text
    assert '<th scope="col">Hour</th>' in hours


def test_charts_are_a_piece_for_the_page_of_a_computation(driver: Driver) -> None:
    page = driver.get("/computations/fibonacci").text
    assert 'data-history="fibonacci"' in page
    assert 'href="/computations/fibonacci/history"' in page, "without JavaScript"
    piece = driver.get("/computations/fibonacci/charts").text
    assert "Nothing has happened in the last three hours" in piece
    assert "<html" not in piece
    driver.compute("fibonacci", n=30)
    assert (
        'data-plot="latency_mean latency_most"' in driver.get("/computations/fibonacci/charts").text
    )


def test_pieces_of_pages_are_served_to_the_script(driver: Driver) -> None:
    request = driver.submit("fibonacci", {"n": 30}).get_json()
    driver.drain("fibonacci")
    for path in ("/computations/fibonacci/value?n=30", f"/requests/{request['id']}/outcome"):
        piece = driver.get(path).text
        assert "832040" in piece
        assert "<html" not in piece
    assert driver.get("/computations/fibonacci/value?n=31").text.strip() == ""


def test_command_is_shown_even_for_what_cannot_be_right(driver: Driver) -> None:
    page = driver.client.post("/computations/echo", data={"n": "it's", "text": "x"})
    assert "&#34;it&#39;\\&#39;&#39;s&#34;" in page.text


@pytest.mark.parametrize("query", ["n=43", "n=1&n=2", "n=1&m=2", "n=%ff"])
def test_address_with_bad_parameters_says_what_is_wrong(driver: Driver, query: str) -> None:
    page = driver.get(f"/computations/fibonacci?{query}")
    assert (page.status_code, page.mimetype) == (422, "text/html")


def test_form_works_without_javascript(driver: Driver) -> None:
    sent = driver.client.post("/computations/fibonacci", data={"n": "30"})
    assert sent.status_code == 303
    assert sent.location.startswith("/requests/fibonacci-")
    assert "pending" in driver.get(sent.location).text
    driver.drain("fibonacci")
    assert "832040" in driver.get(sent.location).text
    sent = driver.client.post("/computations/fibonacci", data={"n": "30"})
    assert (sent.status_code, sent.location) == (303, "/computations/fibonacci?n=30")
    sent = driver.client.post("/computations/fibonacci?again", data={"n": "30"})
    assert sent.location.startswith("/requests/fibonacci-")


def test_form_with_bad_values_comes_back_with_them_and_their_errors(driver: Driver) -> None:
    page = driver.client.post("/computations/echo", data={"n": "101", "text": HOSTILE})
    assert page.status_code == 422
    assert "Input should be less than or equal to 100" in page.text
    assert 'value="101"' in page.text
    assert HOSTILE not in page.text
    assert driver.pending("echo") == 0


def test_form_of_another_site_is_refused(driver: Driver) -> None:
    answer = driver.client.post(
        "/computations/fibonacci", data={"n": "30"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert driver.pending("fibonacci") == 0


def test_request_page_tells_where_it_stands(driver: Driver) -> None:
    request = driver.submit("fibonacci", {"n": 30}).get_json()
    page = driver.get(f"/requests/{request['id']}").text
    assert "no worker has ever polled" in page
    assert 'http-equiv="refresh"' in page
    driver.drain("fibonacci", run_id="manual__1")
    page = driver.get(f"/requests/{request['id']}").text
    assert "832040" in page
    assert "http://airflow.test:8080/dags/recompute_fibonacci/runs/manual__1" in page
    assert 'http-equiv="refresh"' not in page


def test_request_page_of_a_failure_shows_the_error_and_the_last_good_value(driver: Driver) -> None:
    driver.compute("fibonacci", n=30)
    request = driver.submit("fibonacci", {"n": 30}, max_age=0).get_json()
    fibonacci = driver.computation("fibonacci")
    batch = driver.store.claim(fibonacci, "worker", count=1, lease_seconds=30, origin=Origin())
    failure = Failure(HOSTILE, "Oops")
    driver.store.fail(fibonacci, [(claim, failure, False) for claim in batch.claims])
    page = driver.get(f"/requests/{request['id']}").text
    assert '<span class="badge failed" data-badge>failed</span>' in page
    assert "Oops" in page
    assert HOSTILE not in page
    assert "832040" in page


def test_hostile_values_are_escaped_everywhere(driver: Driver) -> None:
    value = {HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}], "text": f"{HOSTILE}\n{HOSTILE}"}
    request = driver.submit("same", {"value": value}).get_json()
    driver.drain("same")
    for path in ("/", "/computations/same", f"/requests/{request['id']}"):
        page = driver.get(path).text
        assert HOSTILE not in page
        assert "<script>" not in page
        assert "&lt;script&gt;" in page


def test_hostile_names_are_escaped_in_problem_pages(driver: Driver) -> None:
    for path in (f"/computations/{HOSTILE}", f"/requests/{HOSTILE}", f"/{HOSTILE}"):
        page = driver.client.get(path, headers=BROWSER)
        assert (page.status_code, page.mimetype) == (404, "text/html")
        assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, '<p class="scalar">3</p>'),
        ("two\nlines", '<p class="text">two\nlines</p>'),
        ({"a_b": 1.23456789}, "<dt>a_<wbr>b</dt>"),
        ([1, 2], '<ol class="list"><li>1</li><li>2</li></ol>'),
        ([[1, 2], [3, 4]], "<tr><td>3</td><td>4</td></tr>"),
        ([{"a": 1}, {"a": 2}], '<th scope="col">a</th>'),
        (list(range(99)), "list of 99 entries"),
        ({str(key): key for key in range(99)}, "object of 99 entries"),
        ("x" * 60_000, "60,002 characters of JSON"),
    ],
)
def test_values_are_shown_as_what_they_are(driver: Driver, value: object, shown: str) -> None:
    driver.compute("same", value=value)
    assert shown in driver.get("/computations/same").text


def test_pages_say_that_the_store_is_away(own_driver: Driver, own_server: StoreServer) -> None:
    request = own_driver.submit("echo", {"n": 1}).get_json()
    own_server.kill()
    for path in ("/", "/computations/echo"):
        page = own_driver.get(path)
        assert page.status_code == 503
        assert "The store (Redis or Valkey) does not answer" in page.text
        assert "Repeat a text" in page.text, "what is known without the store"
    page = own_driver.get(f"/requests/{request['id']}", **BROWSER)
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert "The store is away" in page.text
    own_server.start()
    assert own_driver.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/computations/echo", "/nope"])
def test_pages_load_nothing_foreign_and_only_airflow_may_frame_them(
    client: FlaskClient, path: str
) -> None:
    headers = client.get(path, headers=BROWSER).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert policy.endswith("; frame-ancestors http://airflow.test:8080")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_everything_a_page_refers_to_is_there(client: FlaskClient) -> None:
    scripts = ("batchwell.js", "charts.js", "form.js", "follow.js", "live.js")
    vendored = ("vendor/uPlot.iife.min.js", "vendor/uPlot.min.css")
    for path in ("batchwell.css", "icon.svg", *scripts, *vendored):
        with client.get(f"/static/{path}") as answer:
            assert answer.status_code == 200
    with client.get("/favicon.ico") as icon:
        assert icon.mimetype == "image/svg+xml"
