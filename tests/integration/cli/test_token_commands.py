"""``batchwell token``, as a shell runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batchwell.access_tokens import PREFIX, digest_of
from batchwell.connection import connect
from batchwell.store import Store
from tests.servers import StoreServer

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(server: StoreServer, namespace: str, tmp_path: Path) -> Run:
    env = os.environ | {
        "BATCHWELL_REDIS_URL": server.url,
        "BATCHWELL_NAMESPACE": namespace,
        "BATCHWELL_HOME": str(tmp_path),
    }
    command = [str(Path(sys.executable).parent / "batchwell"), "token"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *words], env=env, capture_output=True, text=True, check=False, timeout=30
        )

    return run


@pytest.fixture
def store(server: StoreServer, namespace: str) -> Iterator[Store]:
    with connect(server.url) as client:
        yield Store(client, namespace=namespace)


def test_secret_alone_is_printed_for_the_shell_and_its_digest_kept(run: Run, store: Store) -> None:
    done = run("create", "ci", "--scopes", "submit", "--expires", "90d")
    assert done.returncode == 0, done.stderr
    secret = done.stdout.strip()
    assert secret.startswith(PREFIX)
    assert "ci may read, submit until 20" in done.stderr
    assert "the first token" in done.stderr
    assert "No token may administer yet" in done.stderr
    (token,) = store.tokens()
    assert token.digest == digest_of(secret)


def test_tokens_are_listed_without_their_secrets(run: Run) -> None:
    secret = run("create", "ci", "--scopes", "read,admin").stdout.strip()
    run("create", "short", "--expires", "30m")
    told = run("list").stdout
    assert [line.split()[0] for line in told.splitlines()] == ["ci", "short"]
    assert "read, submit, admin" in told
    first, second = json.loads(run("list", "--json").stdout)
    assert (first["name"], first["expires_at"]) == ("ci", None)
    assert second["scopes"] == ["read"]
    assert secret not in told


def test_revoked_token_is_gone(run: Run, store: Store) -> None:
    assert "No token may submit or administer yet" in run("create", "ci").stderr
    done = run("revoke", "ci")
    assert done.returncode == 0
    assert "the last token" in done.stderr
    assert store.tokens() == []


def test_no_token_is_told_as_what_it_means(run: Run) -> None:
    done = run("list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "serves this machine alone" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["create", "a b"], "NAME may have 63"),
        (["create", "-"], "NAME may have 63"),
        (["create", "ci", "--scopes", "read,root"], "'root' is no scope"),
        (["create", "ci", "--expires", "soon"], "'soon' is no lifetime"),
        (["create", "ci", "--expires", "0d"], "'0d' is no lifetime"),
        (["revoke", "ci"], "there is no token named 'ci'"),
    ],
)
def test_errors_are_told_in_a_sentence(run: Run, words: list[str], told: str) -> None:
    done = run(*words)
    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_taken_name_prints_no_secret(run: Run) -> None:
    run("create", "ci")
    done = run("create", "ci")
    assert (done.returncode, done.stdout) == (1, "")
    assert "named 'ci' already" in done.stderr
