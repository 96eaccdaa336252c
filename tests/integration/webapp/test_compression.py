"""Large answers are compressed for those who accept it; all others are left alone."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from flask import Response
from werkzeug.test import TestResponse

from tests.integration.webapp.driver import API, Driver

PATH = f"{API}/computations/echo/result?n=100&text={'a%20long%20text' * 10}"


def get(driver: Driver, path: str, accepted: str | None = "gzip, deflate, br") -> TestResponse:
    return driver.get(path, **({"Accept-Encoding": accepted} if accepted is not None else {}))


@pytest.fixture
def large(driver: Driver) -> Driver:
    driver.compute("echo", n=100, text="a long text" * 10)
    return driver


def test_large_value_is_compressed(large: Driver) -> None:
    plain, packed = get(large, PATH, None), get(large, PATH)
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == (
        "gzip",
        "Accept-Encoding",
    )
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 10
    value = gzip.decompress(packed.data)
    assert value.split(b'"age_seconds"')[0] == plain.data.split(b'"age_seconds"')[0]
    assert plain.headers["Vary"] == "Accept-Encoding", "a cache keeps the two apart"
    assert plain.headers["ETag"] == packed.headers["ETag"], "they say the same"


@pytest.mark.parametrize(
    "accepted", ["", "identity", "br", "gzip;q=0", "*;q=0", "deflate, gzip; q=0.0"]
)
def test_who_does_not_accept_it_gets_plain(large: Driver, accepted: str) -> None:
    answer = get(large, PATH, accepted)
    assert "Content-Encoding" not in answer.headers
    assert answer.get_json()["value"].startswith("a long text")


@pytest.mark.parametrize("accepted", ["gzip", "*", "gzip;q=0.1", "br;q=1, GZIP;q=0.5"])
def test_who_accepts_it_gets_it(large: Driver, accepted: str) -> None:
    assert get(large, PATH, accepted).headers["Content-Encoding"] == "gzip"


def test_reader_who_has_it_is_told_so_whatever_its_coding(large: Driver) -> None:
    tag = get(large, PATH).headers["ETag"]
    for accepted in ("gzip", "identity"):
        answer = large.get(PATH, **{"If-None-Match": tag, "Accept-Encoding": accepted})
        assert (answer.status_code, answer.data) == (304, b"")
        assert "Content-Encoding" not in answer.headers


def test_small_answer_is_left_alone(driver: Driver) -> None:
    driver.compute("echo", n=1)
    answer = get(driver, f"{API}/computations/echo/result?n=1")
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/computations/echo", f"{API}/computations"])
def test_pages_and_lists_are_compressed(driver: Driver, path: str) -> None:
    answer = get(driver, path)
    assert gzip.decompress(answer.data) == get(driver, path, None).data


def test_large_problem_is_compressed(driver: Driver) -> None:
    query = "&".join(f"unknown_parameter_{number}=1" for number in range(50))
    answer = get(driver, f"{API}/computations/echo/result?{query}")
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (422, "gzip")


def test_streams_and_files_are_left_alone(driver: Driver) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(100):
            yield b"data: x\n\n" * 10

    driver.app.add_url_rule(
        "/stream", view_func=lambda: Response(parts(), mimetype="text/event-stream")
    )
    for path in ("/stream", "/static/batchwell.css"):
        answer = get(driver, path)
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers
        answer.close()


def test_strong_validator_becomes_a_weak_one(driver: Driver) -> None:
    driver.app.add_url_rule(
        "/strong",
        view_func=lambda: Response(b"x" * 5000, mimetype="text/plain", headers={"ETag": '"abc"'}),
    )
    assert get(driver, "/strong").headers["ETag"] == 'W/"abc"'
    assert get(driver, "/strong", None).headers["ETag"] == '"abc"'
