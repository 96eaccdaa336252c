"""Counts of one process, and of all that share a folder: exact, and never falling."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from webapp.monitoring import tallies as module
from webapp.monitoring.shared_folder import Figures, Place
from webapp.monitoring.tallies import BOUNDS_SECONDS, OPEN, Tallies

CHECKOUT = Path(__file__).parents[3]
READ = ("read", "echo", "fresh")


def counted_elsewhere(folder: Path, code: str) -> None:
    """Run code with ``tallies`` in a process of its own, to its end."""
    before = "import os, pathlib; from webapp.monitoring.tallies import Tallies"
    subprocess.run(
        [
            *(sys.executable, "-c"),
            f"{before}; tallies = Tallies(pathlib.Path({str(folder)!r})); {code}",
        ],
        cwd=CHECKOUT,
        env={"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'plugins'}"},
        check=True,
    )


def test_counts_are_kept_by_key() -> None:
    tallies = Tallies()
    tallies.add(*READ)
    tallies.add(*READ, amount=4)
    tallies.add("read", "echo", "stale")
    assert tallies.total() == ({READ: [5], ("read", "echo", "stale"): [1]}, 1)


def test_durations_fall_into_buckets() -> None:
    tallies = Tallies()
    for seconds in (0.0, 0.001, 0.002, 1000.0):
        tallies.observe(seconds, "http")
    figures, _ = tallies.total()
    *counts, total = figures["http",]
    assert counts[:2] == [2, 1]
    assert counts[len(BOUNDS_SECONDS)] == 1
    assert total == pytest.approx(1000.003)


def test_threads_lose_no_count() -> None:
    tallies = Tallies()

    def count() -> None:
        for _ in range(10_000):
            tallies.add(*READ)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tallies.total()[0][READ] == [40_000]


def test_what_is_held_open_is_counted_while_it_is() -> None:
    tallies = Tallies()
    with suppress(ZeroDivisionError), tallies.holding("wait"):
        assert tallies.total()[0] == {(OPEN, "wait"): [1]}
        raise ZeroDivisionError
    assert tallies.total()[0] == {(OPEN, "wait"): [0]}


def test_processes_of_a_folder_are_added_up(tmp_path: Path) -> None:
    one, other = Tallies(tmp_path), Tallies(tmp_path)
    one.add(*READ, amount=3)
    other.add(*READ, amount=4)
    other.observe(0.5, "http")
    other.publish()
    assert one.total()[0][READ] == [7]
    assert one.total()[1] == 2
    assert one.total() == other.total()


def test_new_process_counts_on_from_where_one_that_ended_stopped(tmp_path: Path) -> None:
    for _ in range(3):
        counted_elsewhere(tmp_path, "tallies.add('read', 'echo', 'fresh')")
    tallies = Tallies(tmp_path)
    tallies.add(*READ)
    assert tallies.total() == ({READ: [4]}, 1)
    assert len(list(tmp_path.rglob("*.json"))) == 1, "the folder does not grow"


def test_killed_process_loses_what_it_held_open_but_not_its_counts(tmp_path: Path) -> None:
    mine = Tallies(tmp_path)
    mine.add(*READ)
    code = "tallies.add('read', 'echo', 'fresh'); tallies.add('open', 'wait'); tallies.publish(); "
    counted_elsewhere(tmp_path, f"{code} os._exit(0)")
    figures, living = mine.total()
    assert figures[READ] == [2]
    assert (OPEN, "wait") not in figures
    assert living == 1


def test_forked_workers_of_a_preloaded_app_count_for_themselves(tmp_path: Path) -> None:
    code = (
        "pids = [os.fork()]; "
        "tallies.add('read', 'echo', 'fresh'); tallies.publish(); "
        "pids[0] and os.waitpid(pids[0], 0); pids[0] or os._exit(0)"
    )
    counted_elsewhere(tmp_path, code)
    tallies = Tallies(tmp_path)
    tallies.add(*READ)
    assert tallies.total()[0][READ] == [3]


def test_figures_are_laid_open_without_being_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PUBLISH_SECONDS", 0.01)
    one, other = Tallies(tmp_path), Tallies(tmp_path)
    other.add(*READ)
    one.add("read", "echo", "stale")
    while READ not in one.total()[0]:
        pass


def test_folder_that_cannot_be_used_leaves_each_process_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    tallies = Tallies(tmp_path / "file")
    tallies.add(*READ)
    tallies.add(*READ)
    assert tallies.total() == ({READ: [2]}, 1)
    assert "its own alone" in caplog.text


def test_half_written_figures_count_for_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    figures: Figures = {READ: [1]}
    place.write(figures)
    (tmp_path / "0.json").write_text('[[["read"')
    assert place.read() == {}
    place.close()
