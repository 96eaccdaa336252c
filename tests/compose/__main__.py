"""``scripts/test-compose``: bring it up, break it under load, see that nothing is lost."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.compose import refusals
from tests.compose.base_images import DEFAULTS, base_images
from tests.compose.engine import compose_command, engine
from tests.compose.load import Load
from tests.compose.project import Project
from tests.compose.shell import CannotTry, Failed, run, say, wait_for

WORKERS = 3
REQUESTS = 600
AFTER_BACKUP = 1_000_000


def main() -> int:
    """Print the figures; return 0 when all was right, 1 when not, 2 when it could not be tried.

    SIGTERM and Ctrl-C end it early, with all taken down as well.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(
        prefix="batchwell-compose-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        (folder / "checkout").mkdir()
        try:
            with engine(folder) as env:
                env |= _base_images(env, folder)
                prove(Project(compose_command(env), env, folder / "checkout"))
        except Failed as failure:
            say(failure)
            return 1
        except CannotTry as reason:
            say(reason)
            return 2
    say("passed")
    return 0


def _base_images(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    try:
        return base_images(env, folder)
    except Failed as failure:
        raise CannotTry(f"there are no images to build on: {failure}") from None


def prove(project: Project) -> None:
    """Go through the whole of it; take everything down whatever happens."""
    refusals.without_secrets(project)
    run(project.folder / "scripts" / "secrets", env=project.env)
    say(f"building from {', '.join(project.env[name] for name in DEFAULTS)}")
    started = time.monotonic()
    project.do("build", "webapp", "airflow-init")
    figure("images built", f"{time.monotonic() - started:.0f} s; {_sizes(project)}")
    try:
        drive(project)
    except Failed:
        if folder := os.environ.get("COMPOSE_LOGS"):
            (Path(folder) / "compose.log").write_text(project.attempt("logs", "--no-color")[1])
        raise
    finally:
        project.attempt("down", "--volumes", "--timeout", "10")


def drive(project: Project) -> None:
    """Bring it up, work, break it under load, restart it, break its start."""
    figure("up and healthy, one worker", f"{project.up(1):.0f} s")
    started = time.monotonic()
    _computes(project, "fibonacci", 25, 75025)
    figure("first value over HTTP", f"{time.monotonic() - started:.1f} s")
    figure(f"scaled to {WORKERS} workers", f"{project.up(WORKERS):.0f} s")

    started = time.monotonic()
    _learns(project)
    figure("actions, to a model of them", f"{time.monotonic() - started:.1f} s")

    load = Load(project, REQUESTS)
    load.start()
    wait_for("third of the load", lambda: load.ended > REQUESTS // 3, 180)
    worker = load.busy_worker()
    figure("worker killed, started again", f"{project.kill(worker):.1f} s")
    wait_for("two thirds of the load", lambda: load.ended > REQUESTS * 2 // 3, 240)
    figure("store killed, started again", f"{project.kill(project.containers('store')[0]):.1f} s")
    report = load.finish()
    figure("requests under load", report)

    scripts, kept = project.folder / "scripts", project.folder.with_name("backup")
    started = time.monotonic()
    run(scripts / "backup", kept, env=project.env)
    figure("backed up", f"{time.monotonic() - started:.0f} s")
    _computes(project, "tripled", AFTER_BACKUP, 3 * AFTER_BACKUP)
    started = time.monotonic()
    project.do("down", "--timeout", "30")
    figure("taken down", f"{time.monotonic() - started:.0f} s")
    figure("up again", f"{project.up(1):.0f} s")
    load.check_again()
    _computes(project, "tripled", -7, -21)
    figure("after the restart", "all results are there, and a new one was computed")

    started = time.monotonic()
    run(scripts / "restore", kept, env=project.env)
    figure("restored and up", f"{time.monotonic() - started + project.up(1):.0f} s")
    load.check_again()
    code, _ = project.ask("GET", f"computations/tripled/result?n={AFTER_BACKUP}")
    if code != 404:
        raise Failed(f"what was computed after the backup is there: {code}")
    _computes(project, "tripled", -8, -24)
    figure("after the restore", "all results are there, and a new one was computed")
    for told in refusals.when_started(project):
        figure("refused", told)


def figure(what: str, value: object) -> None:
    """Print a line of the result."""
    print(f"{what:30} {value}", flush=True)


def _computes(project: Project, name: str, n: int, value: int) -> None:
    body = {"params": {"n": n}}
    path = f"computations/{name}/requests"

    def computed() -> bool:
        code, document = project.ask("POST", path, body)
        if code not in (200, 202) or (code == 200 and document["value"] != value):
            raise Failed(f"{name} of {n}: {code} {document}")
        return code == 200

    wait_for(f"{name} of {n}", computed, 120)


def _learns(project: Project) -> None:
    """Have actions collected, a model trained on them, and a feed made of it by any worker."""
    likes = [
        {"user": f"user-{n % 60}", "item": f"whale-{1 + n // 60}", "action": "like"}
        for n in range(600)
    ]
    code, document = project.ask("POST", "actions", {"items": likes})
    if code != 200 or document["counts"]["accepted"] != len(likes):
        raise Failed(f"actions: {code} {document}")

    def learnt() -> bool:
        code, document = project.ask("GET", "computations/feed_model/result")
        return code == 200 and document["value"]["likes"] == len(likes)

    def chosen() -> bool:
        body = {"params": {"user": "user-1"}}
        code, document = project.ask("POST", "computations/feed/requests", body)
        return code == 200 and document["value"]["kind"] == "personal"

    wait_for("model of the actions", learnt, 120)
    wait_for("feed by the model", chosen, 120)


def _sizes(project: Project) -> str:
    def megabytes(image: str) -> int:
        return int(project.docker("image", "inspect", "--format", "{{.Size}}", image)) // 10**6

    base = megabytes(project.env["PYTHON_IMAGE"])
    images = {
        name: megabytes(project.env[f"{name.upper()}_IMAGE"]) for name in ("webapp", "airflow")
    }
    return ", ".join(f"{name} {size - base} MB over its base" for name, size in images.items())


if __name__ == "__main__":
    sys.exit(main())
