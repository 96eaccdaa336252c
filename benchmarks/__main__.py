"""The command behind ``scripts/bench``: measure figures, write them down, print the table."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import machine, report
from benchmarks.bench import Bench
from benchmarks.catalogue import FIGURES
from benchmarks.records import Figure
from benchmarks.telling import table
from tests.acceptance.running_system import RunningSystem

RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Do what the command line says; 1 where a goal was missed, or an answer was wrong."""
    options = _options()
    if options.report:
        report.publish(RESULTS / "latest")
        return 0
    names = options.figures or list(FIGURES)
    folder = Path(tempfile.mkdtemp(prefix="batchwell-bench-"))
    load_average = machine.load_average()
    figures, failed = [], []
    for name in names:
        started = time.monotonic()
        say(f"{name}: {FIGURES[name].__doc__}")
        try:
            figure = measure(
                name, folder / name, tiny=options.tiny, repetitions=options.repetitions
            )
        except (RuntimeError, OSError) as error:
            say(f"{name} failed: {error}\n{name}: its logs are in {folder / name}")
            failed.append(name)
            continue
        figure.circumstances["load_average_before"] = load_average
        if not options.tiny:
            figure.write(RESULTS / "latest" / f"{name}.json")
        figures.append(figure)
        print(_told([figure]), flush=True)
        say(f"{name}: {time.monotonic() - started:.0f} s")
    if len(figures) > 1:
        print(f"\n{_told(figures)}")
    if not failed:
        shutil.rmtree(folder)
    missed = any(row.is_met is False for figure in figures for row in figure.rows)
    return int(missed or bool(failed))


def say(sentence: str) -> None:
    """Tell whoever waits how far it is."""
    print(sentence, file=sys.stderr, flush=True)


def measure(
    name: str,
    folder: Path,
    *,
    tiny: bool = False,
    repetitions: int = 5,
    system: RunningSystem | None = None,
) -> Figure:
    """Measure one figure on a fresh store server, whose data and logs lie in the folder."""
    bench = Bench(folder, tiny=tiny, repetitions=repetitions, system=system)
    try:
        figure = FIGURES[name](bench)
        figure.circumstances.update(machine.describe(bench.redis))
    finally:
        bench.close()
    return figure


def _told(figures: Sequence[Figure]) -> str:
    tables = (table(figures, goals=goals) for goals in (True, False))
    return "\n\n".join(rows for rows in tables if rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures Batchwell beside its peers, in the same run on the same server.",
    )
    parser.add_argument(
        "figures", nargs="*", metavar="FIGURE", help=f"{', '.join(FIGURES)}; all unless given"
    )
    parser.add_argument("--tiny", action="store_true", help="only see that all is right")
    parser.add_argument(
        "--repetitions", type=int, default=5, metavar="N", help="how often; 5 unless given"
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="write docs/performance.md from what was measured last, and keep that",
    )
    options = parser.parse_args()
    if unknown := set(options.figures) - set(FIGURES):
        parser.error(f"no figure {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
