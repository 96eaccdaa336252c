"""The load: both ways of sending it check every answer."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.traffic import Traffic, WrongAnswers

SENDERS = ["benchmarks.generator", *(["wrk"] if shutil.which("wrk") else [])]


class Successors(BaseHTTPRequestHandler):
    """Answers with the successor of the number in the path, or of the one in the body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(int(self.path.rpartition("=")[2]))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(json.loads(body)["n"])

    def _answer(self, n: int) -> None:
        value = n + 1 if n != 13 else 13
        body = json.dumps({"params": {"n": n}, "value": value}, separators=(",", ":")).encode()
        self.send_response(404 if n == 404 else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Successors) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(params=SENDERS)
def sender(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send by wrk, or as where it is not installed."""
    if request.param != "wrk":
        monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("sender")
@pytest.mark.parametrize(
    "right",
    [
        {"path": "/?n={n}", "first": 20, "cycle": 5, "successor": True},
        {"path": "/", "method": "POST", "body": '{"n": {n}}', "first": 50, "successor": True},
        {"path": "/?n=6", "text": '"value":7', "pause_milliseconds": 10},
        {"path": "/?n=404", "status": 404},
    ],
)
def test_right_answers_are_counted(url: str, right: dict[str, object]) -> None:
    answered = Traffic(url=url, connections=2, **right).run(1)  # type: ignore[arg-type]  # mixed
    assert answered.requests > 10
    assert 0.5 < answered.seconds < 10
    assert 0 < answered.p50_milliseconds <= answered.p99_milliseconds


@pytest.mark.usefixtures("sender")
@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "/?n={n}", "first": 1, "cycle": 20, "successor": True},
        {"path": "/?n=6", "text": '"value":8'},
        {"path": "/?n=404"},
    ],
)
def test_a_wrong_answer_among_right_ones_fails_the_figure(
    url: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(WrongAnswers):
        Traffic(url=url, connections=2, **wrong).run(1)  # type: ignore[arg-type]  # mixed
