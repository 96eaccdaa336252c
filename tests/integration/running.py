"""The web app and drain workers as processes of their own, for tests that look from outside."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.clusters import StoreCluster
from tests.servers import StoreServer, free_port

BIN = Path(sys.executable).parent
START_SECONDS = 60.0


def environment(
    server: StoreServer | StoreCluster, folder: Path, computations: str
) -> dict[str, str]:
    """Return the environment of a web app and of workers that know these computations.

    They share a namespace of their own; ``computations`` is the text of a module.
    """
    package = folder / "dags" / "computations"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "samples.py").write_text(computations)
    return os.environ | {
        "BATCHWELL_REDIS_URL": server.url,
        "BATCHWELL_NAMESPACE": f"test-{secrets.token_hex(6)}",
        "BATCHWELL_DAGS_FOLDER": str(folder / "dags"),
        "BATCHWELL_HOME": str(folder / "home"),
    }


@contextmanager
def running_web(
    env: Mapping[str, str], *, port: int | None = None, checkout: Path | None = None
) -> Iterator[str]:
    """Run the web app under gunicorn, as scripts/up does; yields its URL once it answers."""
    port = port or free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "8"]
    options += ["--worker-class", "webapp.worker.Worker"]
    command = [str(BIN / "gunicorn"), "--no-control-socket", *options, "webapp:create_app()"]
    url = f"http://127.0.0.1:{port}"
    with process(command, env, checkout):
        deadline = time.monotonic() + START_SECONDS
        while not _is_alive(url):
            assert time.monotonic() < deadline, "the web app does not start"
            time.sleep(0.05)
        yield url


@contextmanager
def draining(env: Mapping[str, str], name: str) -> Iterator[None]:
    """Run a drain worker that lingers."""
    with process([str(BIN / "batchwell"), "drain", name, "--linger", "600"], env):
        yield


@contextmanager
def process(
    command: list[str], env: Mapping[str, str], folder: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command, and end it with the block."""
    started = subprocess.Popen(command, env=env, cwd=folder, stdin=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(timeout=15)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _is_alive(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
