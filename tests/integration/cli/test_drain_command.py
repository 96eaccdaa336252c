"""``batchwell drain``, which works on the store itself."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from batchwell.client import Client
from batchwell.connection import connect
from batchwell.store import Store
from tests.integration.cli.conftest import BATCHWELL, Run
from tests.servers import StoreServer


@pytest.fixture
def store(server: StoreServer, web_env: dict[str, str]) -> Iterator[Store]:
    with connect(server.url) as client:
        yield Store(client, namespace=web_env["BATCHWELL_NAMESPACE"])


def test_drain_computes_what_waits(run_process: Run, client: Client) -> None:
    client.submit_many("idle", [{"n": n} for n in range(70, 80)])
    done = run_process("drain", "idle")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("idle: 10 succeeded, 0 failed")
    assert client.result("idle", {"n": 75}).value == 75
    summary = json.loads(run_process("drain", "idle", "--json").stdout)
    assert (summary["computation"], summary["succeeded"]) == ("idle", 0)


def test_interrupted_drain_ends_well(env: dict[str, str], store: Store) -> None:
    process = subprocess.Popen(
        [BATCHWELL, "drain", "narrow", "--linger", "60"], env=env, stdout=subprocess.PIPE
    )
    while store.demand("narrow").workers == 0:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert told.startswith(b"narrow: 0 succeeded")
    assert store.demand("narrow").workers == 0
