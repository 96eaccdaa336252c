"""The feed in a browser: it waits for no model, loses no like, never jumps, never ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.action_log import Action
from batchwell.connection import connect
from batchwell.store import Store
from tests.acceptance.running_system import wait_for
from tests.browser.chromium import LOOKS, NARROW, Windows, dress, overflow, violations
from tests.feed_sample import COMPUTATIONS, train
from tests.integration.running import draining, environment, running_web
from tests.servers import StoreServer

PLACES = """() => [...document.querySelectorAll('article[data-item]')].map((each) => {
  const box = each.getBoundingClientRect();
  return [each.dataset.item, Math.round(box.left), Math.round(box.top), box.top < innerHeight];
})"""


@dataclass(frozen=True, kw_only=True)
class FeedStage:
    """A web app with the sample's feed; its workers run while a test lets them."""

    url: str
    env: dict[str, str]
    model: Path
    store: Store

    def train(self, version: int, favourite: str) -> None:
        """Have the model learn this, and everybody's feed that is known become stale."""
        train(self.model, version=version, favourite=favourite)
        url = f"{self.url}/api/v1/computations"
        body = {"params": {}, "max_age": 0}
        answer = requests.post(
            f"{url}/feed_model/requests", json=body, headers={"Prefer": "wait=20"}, timeout=30
        )
        assert answer.json()["value"]["version"] == version
        requests.post(f"{url}/feed/invalidate", json={}, timeout=30)

    def compute(self, user: str) -> None:
        """Have somebody's feed computed."""
        url = f"{self.url}/api/v1/computations/feed/requests"
        wait = {"Prefer": "wait=20"}
        answer = requests.post(url, json={"params": {"user": user}}, headers=wait, timeout=30)
        assert answer.status_code == 200, answer.text

    def actions(self, user: str, kind: str) -> list[Action]:
        """Return what was accepted of a user and nobody has collected."""
        gathered = self.store.gather_actions("test", count=10_000, live_seconds=1)
        return [each for each in gathered.actions if (each.user, each.action) == (user, kind)]


@contextmanager
def set_up(server: StoreServer, folder: Path) -> Iterator[FeedStage]:
    """Run the web app on a store of its own namespace: nothing is known yet."""
    model = folder / "model.json"
    env = environment(server, folder, COMPUTATIONS) | {"SAMPLE_MODEL": str(model)}
    with running_web(env) as url, connect(server.url) as client:
        store = Store(client, namespace=env["BATCHWELL_NAMESPACE"])
        yield FeedStage(url=url, env=env, model=model, store=store)


@pytest.fixture
def fresh(server: StoreServer, tmp_path: Path) -> Iterator[FeedStage]:
    """A stage for one test, without workers."""
    with set_up(server, tmp_path) as stage:
        yield stage


@pytest.fixture(scope="module")
def trained(server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FeedStage]:
    """One for all tests, with workers, a model and the popular feed: be somebody of your own."""
    with set_up(server, tmp_path_factory.mktemp("feed")) as stage, computing(stage):
        stage.train(1, "whale")
        stage.compute("")
        yield stage


@contextmanager
def computing(stage: FeedStage) -> Iterator[None]:
    """Have workers meanwhile."""
    with draining(stage.env, "feed_model"), draining(stage.env, "feed"):
        yield


@pytest.fixture
def windows(chromium: Browser, trained: FeedStage, pictures: Path) -> Iterator[Windows]:
    """Windows on the stage that all tests share."""
    opened = Windows(chromium, trained.url, pictures)
    yield opened
    opened.close()


@pytest.fixture
def fresh_windows(chromium: Browser, fresh: FeedStage, pictures: Path) -> Iterator[Windows]:
    """Windows on the stage of one test."""
    opened = Windows(chromium, fresh.url, pictures)
    yield opened
    opened.close()


def test_pictures_come_before_any_model_and_stay_when_one_comes(
    fresh_windows: Windows, fresh: FeedStage
) -> None:
    page = fresh_windows.open("/feed?user=ann")
    expect(page.locator("[data-is=kind]")).to_have_text("no model")
    page.mouse.wheel(0, 500)
    page.wait_for_timeout(600)
    before = page.evaluate(PLACES)
    with computing(fresh):
        fresh.train(1, "whale")
        expect(page.locator("[data-is=kind]")).to_have_text("personal")
        expect(page.locator("[data-note]")).to_have_text("New model: version 1")
        after = page.evaluate(PLACES)
    stay = [each for each in before if each[3]]
    assert after[: len(stay)] == stay
    below = [item for item, *_ in after[len(stay) :]]
    assert below != [item for item, *_ in before[len(stay) :]]
    assert sum(item.startswith("whale") for item in below) * 3 >= len(below)


def test_unknown_visitor_sees_what_is_popular_until_his_own_feed_is_there(
    fresh_windows: Windows, fresh: FeedStage
) -> None:
    with computing(fresh):
        fresh.train(1, "whale")
        fresh.compute("")
    page = fresh_windows.open("/feed?user=bob")
    expect(page.locator("[data-is=kind]")).to_have_text("popular")
    expect(page.locator("[data-is=means]")).to_contain_text("until your own feed is computed")
    expect(page.locator("[data-row=computing]")).to_be_visible()
    with draining(fresh.env, "feed"):
        expect(page.locator("[data-is=kind]")).to_have_text("personal")
        expect(page.locator("[data-note]")).to_have_text("Your own feed is here")


def test_newer_model_changes_nothing_that_was_seen(windows: Windows, trained: FeedStage) -> None:
    trained.compute("cid")
    page = windows.open("/feed?user=cid", width=NARROW)
    expect(page.locator("[data-is=kind]")).to_have_text("personal")
    for _ in range(4):
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(150)
    page.mouse.wheel(0, -1500)
    page.wait_for_timeout(300)
    before = page.evaluate(PLACES)
    reached = page.locator("article[data-reached]").count()
    trained.train(2, "meme")
    expect(page.locator("[data-note]")).to_have_text("New model: version 2")
    assert page.evaluate(PLACES)[:reached] == before[:reached]
    page.mouse.wheel(0, 1500)
    expect(page.locator("article[data-item]").nth(reached)).to_be_attached()
    replaced = [item for item, *_ in page.evaluate(PLACES)[reached:]]
    assert replaced != [item for item, *_ in before[reached:]]
    table = page.locator("[data-shares] details tbody tr")
    expect(table).to_have_count(2)
    expect(page.locator("[data-is=told]")).to_contain_text("meme")


def test_liked_by_clicks_taps_button_and_key(windows: Windows, trained: FeedStage) -> None:
    trained.compute("dan")
    page = windows.open("/feed?user=dan")
    pictures = page.locator("article[data-item]")
    hearts = page.get_by_role("button", name="Like")
    expect(hearts.first).to_have_attribute("aria-pressed", "false")
    pictures.nth(0).locator("img").dblclick()
    expect(pictures.nth(0).locator("[data-pop]")).to_have_class("pop popping")
    hearts.nth(1).click()
    pictures.nth(2).focus()
    page.keyboard.press("l")
    page.keyboard.press("PageDown")
    expect(pictures.nth(3)).to_be_focused()
    page.keyboard.press("L")
    pictures.nth(4).locator("img").click()  # a single one does nothing
    for place, pressed in enumerate(("true", "true", "true", "true", "false")):
        expect(hearts.nth(place)).to_have_attribute("aria-pressed", pressed)
    page.emulate_media(reduced_motion="reduce")
    moves = "pop => getComputedStyle(pop).animationName"
    assert pictures.nth(0).locator("[data-pop]").evaluate(moves) == "none"
    liked = [pictures.nth(place).get_attribute("data-item") for place in range(4)]
    found = wait_for("likes", lambda: _all(trained, "dan", 4))
    assert sorted(each.item for each in found) == sorted(str(item) for item in liked)
    assert wait_for("views", lambda: trained.actions("dan", "view"))

    page.reload()
    expect(page.locator(f"[data-item={liked[0]}] button")).to_have_attribute("aria-pressed", "true")


def test_a_name_is_cut_between_characters_and_one_that_was_cut_badly_is_mended(
    windows: Windows, trained: FeedStage
) -> None:
    page = windows.open("/feed")
    page.evaluate("localStorage.setItem('batchwell.feed.user', '\"zoe\\\\ud83d\"')")
    for path, user in (("/feed", "zoe-"), (f"/feed?user={'a' * 127}😀😀", "a" * 127 + "😀")):
        page.goto(path)
        page.get_by_role("button", name="Like").first.click()
        wait_for("like", partial(trained.actions, user, "like"))
        expect(page.locator("[data-is=away]")).to_be_hidden()


def test_what_is_done_is_sent_once_though_the_page_is_left(
    windows: Windows, trained: FeedStage
) -> None:
    page = windows.open("/feed?user=lea")
    hearts = page.get_by_role("button", name="Like")
    hearts.nth(0).click()
    hearts.nth(1).click()
    page.goto("/")
    ids = [each.id for each in wait_for("likes", lambda: _all(trained, "lea", 2))]
    page.wait_for_timeout(500)
    assert sorted(each.id for each in trained.actions("lea", "like")) == sorted(ids)
    assert len(set(ids)) == 2


def test_what_is_done_while_the_web_app_is_away_is_sent_later_once(
    windows: Windows, trained: FeedStage
) -> None:
    page = windows.open("/feed?user=eve")
    hearts = page.get_by_role("button", name="Like")
    hearts.first.wait_for()
    page.context.set_offline(True)
    hearts.nth(0).click()
    hearts.nth(1).click()
    expect(page.locator("[data-is=actionsTold]")).to_contain_text("kept here")
    windows.picture(page, "feed-away", is_whole=False)
    page.context.set_offline(False)
    expect(page.locator("[data-is=actions]")).to_be_hidden()
    ids = [each.id for each in trained.actions("eve", "like")]
    assert len(set(ids)) == 2


def test_what_is_done_while_the_store_is_away_is_sent_later(
    chromium: Browser, own_server: StoreServer, tmp_path: Path, pictures: Path
) -> None:
    with set_up(own_server, tmp_path) as stage:
        windows = Windows(chromium, stage.url, pictures)
        page = windows.open("/feed?user=jim")
        heart = page.get_by_role("button", name="Like").first
        heart.wait_for()
        own_server.kill()
        heart.click()
        expect(page.locator("[data-is=actionsTold]")).to_contain_text("kept here")
        expect(page.locator("[data-is=away]")).to_be_visible()
        own_server.start()
        expect(page.locator("[data-is=away]")).to_be_hidden()
        wait_for("like", lambda: stage.actions("jim", "like"))
        windows.close()


def test_it_works_for_who_has_logged_in(fresh_windows: Windows, fresh: FeedStage) -> None:
    secret = new_secret()
    fresh.store.grant("visitor", digest_of(secret), [Scope.SUBMIT])
    page = fresh_windows.open("/feed?user=kim")
    page.get_by_label("Token").fill(secret)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Like").first.click()
    wait_for("like", lambda: fresh.actions("kim", "like"))


def test_looking_has_neither_model_nor_feed_computed_anew(
    windows: Windows, trained: FeedStage
) -> None:
    trained.compute("ina")
    requests.post(f"{trained.url}/api/v1/computations/feed_model/invalidate", json={}, timeout=30)
    before = computed(trained)
    page = windows.open("/feed?user=ina")
    expect(page.locator("[data-is=kind]")).to_have_text("personal")
    page.wait_for_timeout(4000)  # it has asked twice
    assert computed(trained) == before


def test_it_never_ends(windows: Windows, trained: FeedStage) -> None:
    page = windows.open("/feed?user=fay")
    expect(page.locator("[data-is=kind]")).to_have_text("personal")
    pictures = page.locator("article[data-item]")
    while pictures.count() < 310:
        count = pictures.count()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(pictures.nth(count)).to_be_attached()
    items = page.evaluate(PLACES)
    assert len({item for item, *_ in items[-310:][:300]}) > 290
    answer = requests.get(f"{trained.url}/feed/items", timeout=30).json()
    assert {item for item, *_ in items} == set(answer["items"])


def test_visitor_is_made_up_remembered_and_changed(windows: Windows, trained: FeedStage) -> None:
    page = windows.open("/feed")
    name = page.get_by_label("You are")
    expect(name).to_have_value(re.compile("visitor-[0-9a-f]{6}"))
    made_up = name.input_value()
    page.goto("/")
    page.goto("/feed")
    expect(name).to_have_value(made_up)
    name.fill("gil")
    page.get_by_role("button", name="Be this one").click()
    expect(page).to_have_url(f"{trained.url}/feed?user=gil")
    expect(name).to_have_value("gil")
    page.get_by_role("button", name="Be somebody new").click()
    expect(name).not_to_have_value("gil")


def test_it_is_fit_for_all(windows: Windows, trained: FeedStage) -> None:
    trained.compute("hal")
    page = windows.open("/feed?user=hal")
    expect(page.locator("[data-is=kind]")).to_have_text("personal")
    trained.train(3, "mountain")
    expect(page.locator("[data-shares] details tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Like").first.click()
    for width, scheme in LOOKS:
        dress(page, width, scheme)
        page.wait_for_timeout(300)
        windows.picture(page, f"feed-{width}-{scheme}", is_whole=False)
        assert violations(page) == []
        assert overflow(page) == 0


def test_without_javascript_there_are_pictures_all_the_same(
    chromium: Browser, trained: FeedStage
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{trained.url}/feed")
    expect(page.get_by_role("img", name=re.compile(r"\w+-\d+"))).to_have_count(24)
    expect(page.get_by_role("row")).to_have_count(6)
    context.close()


def computed(stage: FeedStage) -> list[int]:
    """Return how many values of the model and of feeds were computed so far."""
    url = f"{stage.url}/api/v1/computations"
    names = ("feed_model", "feed")
    return [
        requests.get(f"{url}/{name}", timeout=30).json()["counts"]["succeeded"] for name in names
    ]


def _all(stage: FeedStage, user: str, count: int) -> list[Action] | None:
    found = stage.actions(user, "like")
    return found if len(found) >= count else None
