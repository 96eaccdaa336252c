"""Actions are read from CSV files as they are; what does not fit is told by its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simulation.csv_replay import Misfit, read_actions

NAMES = {"user": "user", "item": "item", "action": "action", "at": "at"}


def read(tmp_path: Path, text: str, **columns: str) -> list[dict[str, Any]]:
    path = tmp_path / "actions.csv"
    path.write_text(text)
    return list(read_actions(path, NAMES | columns))


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    text = "movieId,userId,timestamp\nwhale-1,7,1700000000\n"
    (action,) = read(tmp_path, text, user="userId", item="movieId", at="timestamp")
    assert action == {
        "user": "7",
        "item": "whale-1",
        "action": "like",
        "at": 1_700_000_000.0,
        "id": action["id"],
    }


def test_a_file_has_ids_of_its_own_and_the_same_when_it_has_grown(tmp_path: Path) -> None:
    text = "user,item\n" + "ann,whale-1\n" * 10_000
    ids = [action["id"] for action in read(tmp_path, text)]
    assert len(set(ids)) == 10_000
    assert [action["id"] for action in read(tmp_path, f"{text}bob,cat-1\n")][:-1] == ids
    assert not {action["id"] for action in read(tmp_path, text.replace("ann", "cid"))} & set(ids)


def test_a_mark_of_byte_order_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffuser,item\na,b\n")[0]["user"] == "a"


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    path = tmp_path / "actions.csv"
    path.write_bytes("user,item\nbjörn,b\n".encode("latin-1"))
    with pytest.raises(Misfit, match=r"^actions.csv is not UTF-8"):
        list(read_actions(path, NAMES))


def test_times_may_be_iso_and_are_utc_unless_they_say(tmp_path: Path) -> None:
    text = "user,item,action,at\na,b,view,2026-01-02 03:04:05\na,b,view,2026-01-02T03:04:05+01:00\n"
    first, second = read(tmp_path, text)
    assert (first["action"], first["at"]) == ("view", "2026-01-02T03:04:05+00:00")
    assert second["at"] == "2026-01-02T03:04:05+01:00"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("user,thing\na,b\n", "no column 'item' in its first line"),
        ("", "no column 'user' in its first line"),
        ("user,item\na,b\n,b\n", "line 3: has no user"),
        ("user,item\na,b,c\n", "line 2: has too many fields"),
        ("user,item,at\na,b,yesterday\n", "line 2: 'yesterday' is no time"),
        ("user,item,at\na,b,nan\n", "line 2: 'nan' is no time"),
        ('user,item\na,"b\n', "unexpected end of data"),
    ],
)
def test_what_does_not_fit_is_told_by_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Misfit, match=f"actions.csv.*{told}"):
        read(tmp_path, text)
