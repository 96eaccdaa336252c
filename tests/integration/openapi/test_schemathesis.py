"""Schemathesis asks a running app for all that its document describes, and for what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.store import Store

FOLDER = Path(__file__).parent
CHECKOUT = FOLDER.parents[2]


@pytest.fixture
def token(live_env: dict[str, str]) -> str:
    """A token that may do all; from now on the app asks for one."""
    secret = new_secret()
    with connect(live_env["BATCHWELL_REDIS_URL"]) as client:
        store = Store(client, namespace=live_env["BATCHWELL_NAMESPACE"])
        store.grant("schemathesis", digest_of(secret), [Scope.ADMIN])
    return secret


def run_schemathesis(folder: Path, *options: str) -> None:
    config = str(FOLDER / "schemathesis.toml")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", config),
            *("run", *options, "--checks", "all", "--no-color"),
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'plugins'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr


def test_an_open_app_does_what_its_document_says(live_url: str, tmp_path: Path) -> None:
    run_schemathesis(tmp_path, f"{live_url}/openapi.json")


def test_an_app_does_what_its_document_says_for_who_has_a_token(
    token: str, live_url: str, tmp_path: Path
) -> None:
    bearer = f"Authorization: Bearer {token}"
    run_schemathesis(tmp_path, f"{live_url}/openapi.json", "--header", bearer)


def test_an_app_does_what_its_document_says_for_who_has_no_token(
    token: str, live_url: str, tmp_path: Path
) -> None:
    bearer = {"Authorization": f"Bearer {token}"}
    document = requests.get(f"{live_url}/openapi.json", headers=bearer, timeout=10)
    (tmp_path / "openapi.json").write_text(document.text)
    run_schemathesis(tmp_path, "openapi.json", "--url", live_url, "--max-examples", "2")
