"""``batchwell collect``, which works on the store and the database of actions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchwell import ActionLog
from batchwell.actions_database import open_actions_database
from batchwell.connection import connect
from batchwell.store import Store
from batchwell.store.acting import Offered
from tests.integration.cli.conftest import Run
from tests.servers import StoreServer

LOG = ActionLog(items=frozenset({"whale-1"}))


@pytest.fixture
def store(server: StoreServer, web_env: dict[str, str]) -> Iterator[Store]:
    with connect(server.url) as client:
        yield Store(client, namespace=web_env["BATCHWELL_NAMESPACE"])


def test_collect_moves_what_waits(run_process: Run, store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'actions.db'}"
    store.accept_actions(LOG, [Offered("ann", "whale-1", "like", one, None) for one in "aab"])
    done = run_process("collect", BATCHWELL_ACTIONS_URL=url)
    assert (done.returncode, done.stdout) == (0, "3 actions moved, 2 of them new\n"), done.stderr
    with open_actions_database(url) as database:
        assert database.count() == 2
    summary = json.loads(run_process("collect", "--json", BATCHWELL_ACTIONS_URL=url).stdout)
    assert summary["moved"] == 0


def test_database_that_cannot_be_reached_or_is_none(run_process: Run, tmp_path: Path) -> None:
    none = run_process("collect", BATCHWELL_ACTIONS_URL="mysql+pymysql://there/x")
    assert (none.returncode, "BATCHWELL_ACTIONS_URL" in none.stderr) == (2, True)
