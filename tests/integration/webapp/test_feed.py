"""The feed's page and its pictures, as they are served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from batchwell.access_tokens import Scope
from batchwell.action_log import ActionLog
from batchwell.store.acting import Offered
from tests.feed_sample import COMPUTATIONS, train
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import Driver
from tests.servers import StoreServer


@pytest.fixture
def driver(
    dags_folder: Path,
    tmp_path: Path,
    make_app: AppMaker,
    server: StoreServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Driver:
    (dags_folder / "computations" / "pictures.py").write_text(COMPUTATIONS)
    monkeypatch.setenv("SAMPLE_MODEL", str(tmp_path / "model.json"))
    train(tmp_path / "model.json", version=1, favourite="whale")
    return Driver(make_app(server))


def test_picture_is_kept_by_browsers_for_ever(driver: Driver) -> None:
    answer = driver.get("/feed/pictures/whale-7.svg")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "max-age=31536000, immutable"
    again = driver.get("/feed/pictures/whale-7.svg", **{"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("item", ["whale-61", "shark-1", "whale", "whale-7.svg", "../whale-7"])
def test_picture_of_what_is_not_in_the_catalogue_is_unknown(driver: Driver, item: str) -> None:
    assert driver.get(f"/feed/pictures/{item}.svg").status_code == 404


def test_category_without_a_drawing_of_its_own_has_pictures_too(driver: Driver) -> None:
    assert driver.get("/feed/pictures/teapot-7.svg").data.startswith(b"<svg")


def test_catalogue_is_told_with_what_may_be_done(driver: Driver) -> None:
    document = driver.get("/feed/items").get_json()
    assert len(document["items"]) == 300
    assert document["kinds"] == ["view", "like"]


def test_actions_that_wait_are_counted(driver: Driver) -> None:
    assert driver.get("/feed/intake").get_json() == {"waiting": 0}
    log = ActionLog(items=frozenset({"whale-7"}))
    driver.store.accept_actions(log, [Offered("ann", "whale-7", "like", "1", None)] * 2)
    assert driver.get("/feed/intake").get_json() == {"waiting": 2}


def test_page_tells_who_has_no_javascript_the_feed_of_its_user(driver: Driver) -> None:
    assert "no model has chosen pictures yet" in driver.get("/feed?user=ann").text
    driver.compute("feed_model")
    driver.compute("feed", user="")
    popular = driver.get("/feed?user=ann").text
    driver.compute("feed", user="ann")
    own = driver.get("/feed?user=ann").text
    assert popular.count("/feed/pictures/whale") < own.count("/feed/pictures/whale")
    assert '<th scope="row">whale</th>' in own


def test_page_bears_a_user_that_cannot_be(driver: Driver) -> None:
    driver.compute("feed", user="")
    assert driver.get(f"/feed?user={'x' * 70_000}").status_code == 200


def test_page_names_the_model_and_is_led_to(driver: Driver) -> None:
    page = driver.get("/feed").text
    assert 'href="/computations/feed_model"' in page
    assert '<a href="/feed" aria-current="page">Feed</a>' in page
    assert '<a href="/feed">Feed</a>' in driver.get("/").text


def test_only_who_may_submit_acts(driver: Driver, grant: Callable[..., str]) -> None:
    author, reader = grant("author", Scope.SUBMIT), grant("reader")
    driver.bear(author)
    assert "data-may-act" in driver.get("/feed").text
    driver.bear(reader)
    answer = driver.get("/feed")
    assert answer.status_code == 200
    assert "data-may-act" not in answer.text
    picture = driver.get("/feed/pictures/whale-7.svg")
    assert picture.headers["Cache-Control"].startswith("private, ")


def test_app_without_feed_and_actions_has_neither_page_nor_pictures(
    dags_folder: Path, make_app: AppMaker, server: StoreServer
) -> None:
    (dags_folder / "computations" / "pictures.py").unlink()
    client = make_app(server).test_client()
    assert client.get("/feed").status_code == 404
    assert "Feed</a>" not in client.get("/").text
    assert client.get("/feed/pictures/whale-7.svg").status_code == 404
    assert client.get("/feed/items").get_json() == {"items": [], "kinds": []}


def test_page_says_that_the_store_is_away(
    dags_folder: Path, make_app: AppMaker, own_server: StoreServer
) -> None:
    (dags_folder / "computations" / "pictures.py").write_text(COMPUTATIONS)
    own_driver = Driver(make_app(own_server))
    own_server.kill()
    answer = own_driver.get("/feed")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
