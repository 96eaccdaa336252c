"""A Docker engine: the one that runs, or one of our own with a private data root."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.compose.shell import CannotTry, attempt, run, say, wait_for

PACKAGES = {
    "dockerd": "docker.io",
    "docker-compose": "docker-compose",
    "debootstrap": "debootstrap",
}


@contextmanager
def engine(folder: Path) -> Iterator[dict[str, str]]:
    """Give the environment in which ``docker`` finds an engine; end one that was started here."""
    env = dict(os.environ)
    if shutil.which("docker") and attempt("docker", "info", env=env)[0] == 0:
        say("using the Docker engine that runs")
        yield env
        return
    if os.getuid() != 0:
        raise CannotTry("no Docker engine runs, and only root may start one")
    for program in ("dockerd", "docker-compose"):
        install(program)
    say("starting a Docker engine of our own")
    env["DOCKER_HOST"] = f"unix://{folder}/docker.sock"
    options = {
        "--data-root": f"{folder}/data",
        "--exec-root": f"{folder}/exec",
        "--pidfile": f"{folder}/docker.pid",
        "--host": env["DOCKER_HOST"],
    }
    words = [word for option in options.items() for word in option]
    with (folder / "dockerd.log").open("wb") as log:
        daemon = subprocess.Popen(["dockerd", *words], stdout=log, stderr=log, env=env)
    try:
        wait_for("Docker engine", lambda: _answers(daemon, folder, env), 60)
        yield env
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=60)
        shutil.rmtree(folder / "data", ignore_errors=True)


def install(program: str) -> None:
    """See that a program is there: install Debian's package of it where that is possible."""
    if shutil.which(program):
        return
    if os.getuid() != 0 or not shutil.which("apt-get"):
        raise CannotTry(f"{program} is missing, and only root on Debian can install it here")
    say(f"installing Debian's {PACKAGES[program]}")
    policy = Path("/usr/sbin/policy-rc.d")  # keeps Debian from starting a service of it
    ours = not policy.exists()
    if ours:
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        run("apt-get", "-qq", "update", env=env)
        run(
            "apt-get", "-qq", "install", "-y", "--no-install-recommends", PACKAGES[program], env=env
        )
    finally:
        if ours:
            policy.unlink()


def compose_command(env: Mapping[str, str]) -> list[str]:
    """Return `docker compose`, or docker-compose where there is no plugin."""
    if attempt("docker", "compose", "version", env=env)[0] == 0:
        return ["docker", "compose"]
    install("docker-compose")
    return ["docker-compose"]


def _answers(daemon: subprocess.Popen[bytes], folder: Path, env: Mapping[str, str]) -> bool:
    if daemon.poll() is not None:
        raise CannotTry(f"dockerd ended:\n{(folder / 'dockerd.log').read_text()[-2000:]}")
    return attempt("docker", "info", env=env)[0] == 0
