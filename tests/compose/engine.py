"""A Docker engine: the one that runs, or one of our own with a private data root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from batchwell.local.sessions import Leader, end_sessions
from tests.compose.host_network import network_put_back
from tests.compose.shell import CannotTry, Failed, attempt, run, say, wait_for

PACKAGES = {
    "dockerd": "docker.io",
    "docker-compose": "docker-compose",
    "debootstrap": "debootstrap",
}

DISK_BYTES = 8e9


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
    free = shutil.disk_usage(folder).free
    if free < DISK_BYTES:
        raise CannotTry(f"{folder} has {free / 1e9:.0f} GB free: {DISK_BYTES / 1e9:.0f} are needed")
    with network_put_back(), _daemon(folder, env):
        yield env


@contextmanager
def _daemon(folder: Path, env: dict[str, str]) -> Iterator[None]:
    """Run an engine of our own; put into ``env`` where it listens."""
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
        # In a session of its own: what stops us must not stop it before the containers.
        daemon = subprocess.Popen(
            ["dockerd", *words], stdout=log, stderr=log, env=env, start_new_session=True
        )
    leader = Leader.of(daemon.pid)
    try:
        _await_answer(daemon, folder, env)
        yield
    finally:
        daemon.terminate()
        with suppress(subprocess.TimeoutExpired):
            daemon.wait(timeout=60)
        end_sessions([leader], grace_seconds=4.0)
        daemon.wait()
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
    words = ["-qq", "install", "-y", "--no-install-recommends", PACKAGES[program]]
    try:
        run("apt-get", "-qq", "update", env=env)
        run("apt-get", *words, env=env)
    except Failed as failure:
        raise CannotTry(str(failure)) from None
    finally:
        if ours:
            policy.unlink()


def compose_command(env: Mapping[str, str]) -> list[str]:
    """Return `docker compose`, or docker-compose where there is no plugin."""
    if attempt("docker", "compose", "version", env=env)[0] == 0:
        return ["docker", "compose"]
    install("docker-compose")
    return ["docker-compose"]


def _await_answer(daemon: subprocess.Popen[bytes], folder: Path, env: Mapping[str, str]) -> None:
    def answers() -> bool:
        if daemon.poll() is not None:
            raise CannotTry(f"dockerd ended:\n{(folder / 'dockerd.log').read_text()[-2000:]}")
        return attempt("docker", "info", env=env)[0] == 0

    try:
        wait_for("Docker engine", answers, 60)
    except Failed as failure:
        raise CannotTry(str(failure)) from None
