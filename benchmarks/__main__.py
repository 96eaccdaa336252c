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
    """Do what the command line says; 1 where a goal was missed."""
    options = _options()
    if options.report:
        report.publish(RESULTS / "latest")
        return 0
    names = options.figures or list(FIGURES)
    folder = Path(tempfile.mkdtemp(prefix="batchwell-bench-"))
    figures = []
    for name in names:
        started = time.monotonic()
        print(f"{name}: {FIGURES[name].__doc__}", file=sys.stderr, flush=True)
        figure = measure(name, folder / name, tiny=options.tiny)
        if not options.tiny:
            figure.write(RESULTS / "latest" / f"{name}.json")
        figures.append(figure)
        print(_told([figure]), flush=True)
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    if len(figures) > 1:
        print(_told(figures))
    shutil.rmtree(folder)
    return int(any(row.is_met is False for figure in figures for row in figure.rows))


def measure(name: str, folder: Path, *, tiny: bool, system: RunningSystem | None = None) -> Figure:
    """Measure one figure on a fresh store server, whose data and logs lie in the folder."""
    bench = Bench(folder, tiny=tiny, system=system)
    try:
        before = machine.load_average()
        figure = FIGURES[name](bench)
        figure.circumstances.update(machine.describe(bench.redis), load_average_before=before)
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
