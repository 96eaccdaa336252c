"""What a real web process writes, through good calls and bad ones, holds no secret."""

from __future__ import annotations

import os
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.local.services import common_environment, web_service
from batchwell.settings import Settings
from batchwell.store import Store
from tests.integration.webapp.driver import API
from tests.servers import GuardedServer, free_port

KEY = "a-key-that-signs-the-cookies-of-pages"
WRONG = "bw_wrong-secret-of-somebody"


def test_no_secret_is_written(store_program: str, dags_folder: Path, tmp_path: Path) -> None:
    server = GuardedServer(store_program, tmp_path)
    server.start()
    secret = new_secret()
    with connect(server.url_of("default")) as operator:
        Store(operator).grant("ci", digest_of(secret), [Scope.ADMIN])
    settings = Settings.from_env(
        {
            "BATCHWELL_HOME": str(tmp_path),
            "BATCHWELL_REDIS_URL": server.url_of("batchwell-web"),
            "BATCHWELL_PORT": str(free_port()),
            "BATCHWELL_DAGS_FOLDER": str(dags_folder),
        }
    )
    env = os.environ | {"BATCHWELL_SECRET_KEY": KEY, "BATCHWELL_TOKEN": secret}
    service = web_service(settings, common_environment(env, settings))
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*service.command, "--access-logfile", "-", "--log-level", "debug"],
            env=service.env,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        statuses, cookie = _call(settings.port, secret)
        assert statuses == [200, 401, 202, 303, 401, 200]
        server.kill()
        assert _call(settings.port, secret)[0][0] == 503
    finally:
        process.terminate()
        process.wait(timeout=20)
        server.kill()
    told = log.read_text()
    assert "the store does not answer" in told, "the log was read"
    passwords = [password for _, password in server.PASSWORDS.values()]
    for hidden in (secret, WRONG, KEY, cookie, digest_of(secret), *passwords):
        assert hidden
        assert hidden not in told


def _call(port: int, secret: str) -> tuple[list[int], str]:
    """Call in all the ways that hand a secret over; return the statuses and the cookie."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    deadline = time.monotonic() + 30
    while connection.sock is None:
        try:
            connection.connect()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "gunicorn does not start"
            time.sleep(0.05)
    statuses, cookie = [], ""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    json = {"Content-Type": "application/json"}
    bearer = {"Authorization": f"Bearer {secret}"}
    body = '{"params": {"n": 1}}'
    for method, path, sent, headers in (
        ("GET", f"{API}/computations", None, bearer),
        ("GET", f"{API}/computations", None, {"Authorization": f"Bearer {WRONG}"}),
        ("POST", f"{API}/computations/echo/requests", body, bearer | json),
        ("POST", "/login", urlencode({"token": secret}), form),
        ("POST", "/login", urlencode({"token": WRONG}), form),
        ("GET", "/", None, {}),
    ):
        with_cookie = headers | ({"Cookie": f"batchwell={cookie}"} if path == "/" else {})
        connection.request(method, path, sent, with_cookie)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
        if told := answer.headers["Set-Cookie"]:
            cookie = told.partition("=")[2].partition(";")[0]
    connection.close()
    return statuses, cookie
