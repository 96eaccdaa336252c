"""What every database of actions does: the contract of `ActionsDatabase`, on each kind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from batchwell import Action, ActionLog
from batchwell.actions_database import ActionsDatabase, open_actions_database
from batchwell.errors import ActionsUnavailable, SettingsError

ANN = Action("ann", "whale-1", "like", "1", 1_700_000_000_000)


def read(database: ActionsDatabase) -> list[Action]:
    return sorted(action for part in database.read() for action in part)


@pytest.fixture
def database(actions_url: str) -> Iterator[ActionsDatabase]:
    with open_actions_database(actions_url) as database:
        yield database


class TestActionsDatabase:
    def test_a_new_one_is_empty(self, database: ActionsDatabase) -> None:
        assert (database.count(), read(database), database.add([])) == (0, [], 0)

    def test_actions_are_read_as_they_were_added(self, database: ActionsDatabase) -> None:
        actions = [ANN, Action("b\"o'b\\ü", "cat-1", "view", "{x,NULL}", 0)]
        assert database.add(actions) == 2
        assert read(database) == sorted(actions)

    def test_a_repeated_batch_adds_nothing(self, database: ActionsDatabase) -> None:
        batch = [ANN._replace(id=str(number)) for number in range(1000)]
        assert [database.add(batch), database.add(batch)] == [1000, 0]
        assert database.add([*batch[990:], ANN._replace(id="new")]) == 1
        assert database.count() == 1001

    def test_a_repeated_id_keeps_the_first_and_is_of_one_user(
        self, database: ActionsDatabase
    ) -> None:
        later = ANN._replace(item="cat-1", at_ms=ANN.at_ms + 1)
        bob = ANN._replace(user="bob")
        assert database.add([ANN, later, bob]) == 2
        assert database.add([later]) == 0
        assert read(database) == [ANN, bob]

    def test_many_are_read_in_parts(self, database: ActionsDatabase) -> None:
        batch = [ANN._replace(id=str(number)) for number in range(25_000)]
        database.add(batch)
        parts = list(database.read())
        assert len(parts) > 1
        assert sorted(action for part in parts for action in part) == sorted(batch)

    def test_what_was_added_is_there_for_who_opens_it_next(
        self, database: ActionsDatabase, actions_url: str
    ) -> None:
        database.add([ANN])
        with open_actions_database(actions_url) as again:
            assert read(again) == [ANN]

    def test_several_write_the_same_at_once_and_each_action_is_new_to_one(
        self, actions_url: str
    ) -> None:
        batches = [
            [ANN._replace(id=str(number)) for number in range(first, first + 500)]
            for first in range(0, 2000, 250)
        ]

        def add(batch: list[Action]) -> int:
            with open_actions_database(actions_url) as database:
                return database.add(batch)

        with ThreadPoolExecutor(4) as pool:
            added = list(pool.map(add, batches + batches))
        with open_actions_database(actions_url) as database:
            assert database.count() == sum(added) == 2250

    def test_a_batch_of_which_a_part_is_there_adds_the_rest(
        self, database: ActionsDatabase
    ) -> None:
        users = [ANN._replace(user=f"user-{n}", id=str(n % 3)) for n in range(300)]
        assert database.add(users[::2]) == 150
        assert [database.add(users), database.add(users)] == [150, 0]
        assert read(database) == sorted(users)

    def test_many_of_one_user_of_which_some_are_there(self, database: ActionsDatabase) -> None:
        batch = [ANN._replace(id=str(number)) for number in range(3000)]
        assert database.add(batch[::7]) == 429
        assert (database.add(batch), database.count()) == (3000 - 429, 3000)


@pytest.mark.parametrize("actions_url", ["sqlite", "postgresql"], indirect=True)
class TestRelationalDatabase:
    def test_a_reader_sees_one_moment_while_another_writes(
        self, database: ActionsDatabase, actions_url: str
    ) -> None:
        database.add([ANN._replace(id=str(number)) for number in range(20_000)])
        parts = database.read()
        seen = len(next(parts))
        with open_actions_database(actions_url) as other:
            assert other.add([ANN._replace(id="new")]) == 1
        assert seen + sum(map(len, parts)) == 20_000

    def test_a_repeated_id_is_the_same_on_another_day(self, database: ActionsDatabase) -> None:
        assert database.add([ANN, ANN._replace(at_ms=0)]) == 1


@pytest.mark.parametrize("actions_url", ["cassandra"], indirect=True)
class TestCassandra:
    def test_a_repeated_id_is_another_on_another_day(self, database: ActionsDatabase) -> None:
        again = ANN._replace(at_ms=0)
        assert database.add([ANN, again]) == 2
        assert read(database) == sorted([ANN, again])

    def test_a_keyspace_that_is_missing_is_told(self, actions_url: str) -> None:
        with pytest.raises(ActionsUnavailable, match="has no keyspace test_"):
            open_actions_database(actions_url + "_missing")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg2://nobody:secret@127.0.0.1:1/none",
        "sqlite:////no/such/folder/x",
        "cassandra://nobody:secret@127.0.0.1:1/none",
        "cassandra://nobody:secret@no-such-host.invalid/none",
    ],
)
def test_one_that_is_away_says_so(url: str) -> None:
    with pytest.raises(ActionsUnavailable, match="the database of actions does not answer") as told:
        open_actions_database(url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://u:secret@h/d",
        "no url: secret",
        "bad+x://secret",
        "postgresql://u:p@h:secret/d",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///relative.db",
        "cassandra://u:secret@h",
        "cassandra://u:secret@h/",
        "cassandra://u:secret@h/two/parts",
        "cassandra://u:secret@h/key-space",
        "cassandra://u:secret@h,/keyspace",
        "cassandra://u:secret@/keyspace",
        "cassandra://u:secret@h:port/keyspace",
        "cassandra://u:secret@h/keyspace?datacenter=here",
        "cassandra://u:secret@[h/keyspace",
    ],
)
def test_one_that_is_none_is_refused_by_the_name_of_its_variable(url: str) -> None:
    with pytest.raises(SettingsError, match="BATCHWELL_ACTIONS_URL") as told:
        open_actions_database(url)
    assert "secret" not in str(told.value)


def test_cassandra_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "batchwell.cassandra_actions", raising=False)
    monkeypatch.setitem(sys.modules, "cassandra", None)
    with pytest.raises(SettingsError, match=r"BATCHWELL_ACTIONS_URL .* cassandra-driver"):
        open_actions_database("cassandra://127.0.0.1:1/none")


def test_an_author_reads_what_was_collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'mine.db'}"
    monkeypatch.setenv("BATCHWELL_ACTIONS_URL", url)
    with open_actions_database(url) as database:
        database.add([ANN])
    log = ActionLog(items=frozenset({"whale-1"}))
    assert [action for part in log.read() for action in part] == [ANN]
