"""A rolling upgrade: two versions on one store, each at work with what the other wrote."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.running import environment, running_web
from tests.servers import CHECKOUT, StoreServer

EARLIER = "39b579d8b4ca"
"""The first that could be deployed. When a change cannot work beside it: the commit of that change
here, and a line in CHANGELOG.md that says so."""

COMPUTATIONS = """\
from batchwell import computation

@computation(max_attempts=1)
def tripled(n: int) -> int:
    '''Multiply by three; not what ends in 05.'''
    if n % 100 == 5:
        raise ValueError("five")
    return 3 * n
"""


class Version:
    """One of the two: its web app, and a drain worker of it when one is wanted."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._folder = folder
        self._env = env | {"PYTHONPATH": f"{folder}:{folder / 'plugins'}"}
        files = self._python("import batchwell, webapp; print(batchwell.__file__, webapp.__file__)")
        assert all(file.startswith(f"{folder}/") for file in files.split()), files
        self._web = running_web(self._env, checkout=folder)
        self._url = self._web.__enter__()

    def stop(self) -> None:
        self._web.__exit__(None, None, None)

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self._url}/api/v1/{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def submit(self, numbers: range) -> list[str]:
        path = "computations/tripled/requests"
        return [self.ask(path, {"params": {"n": n}})["id"] for n in numbers]

    def drain(self) -> str:
        """Compute what waits; return what the worker says of it."""
        return self._python("from batchwell.commands import main; main()", "drain", "tripled")

    def _python(self, code: str, *words: str) -> str:
        command = [sys.executable, "-c", code, *words]
        return subprocess.check_output(command, env=self._env, cwd=self._folder, text=True)


@pytest.fixture(scope="module")
def earlier_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code as it was."""
    folder = tmp_path_factory.mktemp("earlier")
    done = subprocess.run(
        ["git", "-C", str(CHECKOUT), "archive", EARLIER, "plugins", "serving", "webapp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"this checkout has no {EARLIER} in its history to work beside")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def versions(
    server: StoreServer, tmp_path_factory: pytest.TempPathFactory, earlier_checkout: Path
) -> Iterator[dict[str, Version]]:
    """The two versions on one store."""
    env = environment(server, tmp_path_factory.mktemp("versions"), COMPUTATIONS)
    both = {"earlier": Version(env, earlier_checkout), "present": Version(env, CHECKOUT)}
    yield both
    for version in both.values():
        version.stop()


@pytest.mark.parametrize(
    ("asking", "computing", "first"), [("earlier", "present", 0), ("present", "earlier", 100)]
)
def test_each_version_goes_on_with_what_the_other_wrote(
    asking: str, computing: str, first: int, versions: dict[str, Version]
) -> None:
    asker, worker = versions[asking], versions[computing]
    result = f"computations/tripled/result?n={first + 7}"
    ids = asker.submit(range(first, first + 40))
    assert worker.submit(range(first, first + 40)) == ids, "they are not the same to both"
    assert worker.drain().startswith("tripled: 39 succeeded, 1 failed")
    for version in (asker, worker):
        requests = [version.ask(f"requests/{one}") for one in ids]
        assert {request["status"] for request in requests[:5] + requests[6:]} == {"succeeded"}
        assert (requests[5]["status"], requests[5]["error"]["message"]) == ("failed", "five")
        assert version.ask(result)["value"] == 3 * (first + 7)
    again = asker.ask(f"requests/{ids[5]}/retry", {})
    assert worker.ask(f"requests/{again['id']}")["status"] == "pending"
    worker.ask("computations/tripled/invalidate", {})
    assert asker.ask(result)["state"] == "stale"
    assert asker.drain().startswith("tripled: 1 succeeded, 1 failed")
    assert worker.ask(result)["state"] == "fresh"
