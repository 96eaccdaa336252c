"""The command behind ``scripts/simulate``: people with known tastes use the feed."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from httpx import HTTPError

from batchwell.settings import Settings
from simulation.csv_replay import Misfit, read_actions, replay
from simulation.site import Site
from simulation.visitors import Visitors
from simulation.world import World

log = logging.getLogger("simulation")

COLUMNS = ("user", "item", "action", "at")


def main() -> int:
    """Do what the command line says; 1 where a file does not fit, or the app is away."""
    options = _options()
    logging.basicConfig(format="%(message)s", level=logging.INFO, stream=sys.stdout)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = Settings.from_env()
    site = Site(settings.url, settings.token)
    try:
        if options.csv:
            columns = {name: getattr(options, f"column_{name}") for name in COLUMNS}
            print(dict(replay(site, read_actions(options.csv, columns), rate=options.rate)))
        else:
            _simulate(site, options)
    except (HTTPError, Misfit, OSError) as error:
        print(f"simulate: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        site.close()
    return 0


def _simulate(site: Site, options: argparse.Namespace) -> None:
    world = World.of(site.items(), options.users, options.seed)
    visitors = Visitors(world, site, seed=options.seed)
    if options.history:
        log.info("%d people tell what they liked lately", options.users)
        visitors.remember(options.history)
    log.info("they visit: %g actions a second; Ctrl-C ends it", options.rate)
    visitors.visit(options.rate, options.seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/simulate",
        description="People with known tastes look at their feeds and like pictures, over the API "
        "at BATCHWELL_URL (with BATCHWELL_TOKEN, if it wants one).",
    )
    parser.add_argument("--users", type=int, default=200, metavar="N", help="how many people (200)")
    parser.add_argument("--rate", type=float, default=50, metavar="R", help="actions a second (50)")
    parser.add_argument("--seconds", type=float, default=3600, metavar="S", help="how long (3600)")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="whose tastes they are (1)"
    )
    parser.add_argument(
        "--history", type=int, default=6000, metavar="N",
        help="likes of the last weeks, which are told first (6000; 0: none)",
    )  # fmt: skip
    parser.add_argument("--csv", type=Path, metavar="FILE", help="replay this file instead")
    for name in COLUMNS:
        parser.add_argument(
            f"--column-{name}", default=name, metavar="NAME", help=f"its column for {name}"
        )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
