"""The receiver that docs/webhooks.md shows, as a reader runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from batchwell.settings import Settings
from batchwell.store import Store
from batchwell.webhook_signing import signed_headers
from tests.integration.core.conftest import StartWorker
from tests.integration.core.samples import params
from tests.integration.core.workloads import double
from tests.receiver import Receiver, wait_until
from tests.servers import free_port

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()


def test_receiver_of_the_page_takes_what_is_sent_and_nothing_else(
    store: Store, receiver: Receiver, start_worker: StartWorker, tmp_path: Path
) -> None:
    (code,) = re.findall(r"```python\n(# receiver\.py.*?)```", PAGE, re.DOTALL)
    script, said = tmp_path / "receiver.py", tmp_path / "said"
    script.write_text(code)
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, str(script)],
            env=os.environ | {"PORT": str(port)},
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
    try:
        wait_until(lambda: listens(url))
        store.submit(double, params(21, computation=double), webhook=url)
        assert start_worker(double, linger_seconds=1).wait().delivered == 1
        line = said.read_text()
        assert line.startswith("request.succeeded {'n': 21} {'computation': 'double'")
        assert "'value': 42" in line
        forged = signed_headers((b"x" * 32,), "double-x-1", 1, b"{}")
        assert httpx.post(url, content=b"{}", headers=forged, trust_env=False).status_code == 400
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert said.read_text() == line


def listens(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 501
    except httpx.ConnectError:
        return False


def test_secret_is_made_as_the_page_says() -> None:
    (command,) = re.findall(r"^export (BATCHWELL_WEBHOOK_SECRET=.*)$", PAGE, re.MULTILINE)
    done = subprocess.run(
        ["sh", "-c", f'{command}; printf %s "$BATCHWELL_WEBHOOK_SECRET"'],
        capture_output=True,
        text=True,
        check=True,
    )
    (key,) = Settings.from_env({"BATCHWELL_WEBHOOK_SECRET": done.stdout}).webhook_keys
    assert len(key) == 32
