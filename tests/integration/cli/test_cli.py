"""The command, as a shell runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchwell.connection import connect
from batchwell.registry import load_registry
from batchwell.store import AnyComputation, Store
from tests.servers import StoreServer, free_port

CHECKOUT = Path(__file__).parents[3]
COMMAND = [str(Path(sys.executable).parent / "batchwell")]


@pytest.fixture
def env(server: StoreServer, namespace: str, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "BATCHWELL_REDIS_URL": server.url,
        "BATCHWELL_NAMESPACE": namespace,
        "BATCHWELL_HOME": str(tmp_path),
    }


@pytest.fixture
def store(server: StoreServer, namespace: str) -> Iterator[Store]:
    with connect(server.url) as client:
        yield Store(client, namespace=namespace)


@pytest.fixture
def fibonacci() -> AnyComputation:
    return load_registry(CHECKOUT / "dags")["fibonacci"]


def run(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], env=env, capture_output=True, text=True, check=False, timeout=30
    )


def test_drain_computes_what_waits(
    env: dict[str, str], store: Store, fibonacci: AnyComputation
) -> None:
    store.submit(fibonacci, [fibonacci.parse({"n": n}) for n in range(10)])
    done = run(env, "drain", "fibonacci")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("fibonacci: 10 succeeded, 0 failed")
    result = store.read(fibonacci, fibonacci.parse({"n": 9}))
    assert result is not None
    assert result.value == "34"


def test_interrupted_drain_ends_well(
    env: dict[str, str], store: Store, fibonacci: AnyComputation
) -> None:
    process = subprocess.Popen(
        [*COMMAND, "drain", "fibonacci", "--linger", "60"], env=env, stdout=subprocess.PIPE
    )
    while store.demand("fibonacci").workers == 0:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert told.startswith(b"fibonacci: 0 succeeded")
    assert store.demand("fibonacci").workers == 0


def test_cancelled_request_is_replayed(
    env: dict[str, str], store: Store, fibonacci: AnyComputation
) -> None:
    (submission,) = store.submit(fibonacci, [fibonacci.parse({"n": 5})])
    request_id = str(submission.request)
    assert run(env, "cancel", request_id).returncode == 0
    done = run(env, "replay", request_id)
    assert done.returncode == 0
    replayed = store.inspect(fibonacci, done.stdout.strip())
    assert replayed is not None
    assert replayed.status == "pending"


def test_dead_letters_are_listed(
    env: dict[str, str], store: Store, fibonacci: AnyComputation
) -> None:
    from batchwell import Failure
    from batchwell.store import Origin

    store.submit(fibonacci, [fibonacci.parse({"n": n}) for n in (1, 2)])
    batch = store.claim(fibonacci, "worker", count=2, lease_seconds=30, origin=Origin())
    store.fail(fibonacci, [(claim, Failure("no", "Broken"), False) for claim in batch.claims])
    done = run(env, "failures", "fibonacci", "--limit", "1")
    first, more = done.stdout.splitlines()
    assert "Broken: no" in first
    assert more == "… and 1 more"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["drain", "nothing"], "there is no computation named 'nothing'"),
        (["cancel", f"fibonacci-{'a' * 16}"], "there is no request with the id"),
        (["replay", f"fibonacci-{'a' * 16}"], "there is no request with the id"),
        (["replay", "x"], "there is no request with the id 'x'"),
    ],
)
def test_errors_are_one_sentence_and_exit_code_1(
    env: dict[str, str], words: list[str], told: str
) -> None:
    done = run(env, *words)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_store_that_is_away_is_told(env: dict[str, str]) -> None:
    env["BATCHWELL_REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    done = run(env, "drain", "fibonacci")
    assert done.returncode == 1
    assert "the store does not answer" in done.stderr
