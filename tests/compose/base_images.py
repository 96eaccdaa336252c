"""The three base images: those that are set or can be pulled, else stand-ins made of Debian."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.compose.engine import install
from tests.compose.shell import Failed, attempt, run, say

DEFAULTS = {
    "PYTHON_IMAGE": "python:3.12-slim-bookworm",
    "POSTGRES_IMAGE": "postgres:17",
    "STORE_IMAGE": "valkey/valkey:9",
}
STAND_INS = Path(__file__).parent / "stand_ins"
MIRROR = "http://deb.debian.org/debian"
PYTHON = "ca-certificates,python3,python3-venv"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


def base_images(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the images by the setting that names them."""
    named = {name: env.get(name) or image for name, image in DEFAULTS.items()}
    lacking = [name for name, image in named.items() if not _is_there(image, env)]
    if not lacking:
        return named
    say(f"no registry gives {', '.join(named[name] for name in lacking)}: making stand-ins")
    python = _debian(env, folder)
    made = {"PYTHON_IMAGE": python}
    for name, stand_in in (("POSTGRES_IMAGE", "postgres"), ("STORE_IMAGE", "store")):
        made[name] = f"batchwell-stand-in-{stand_in}"
        file = str(STAND_INS / f"{stand_in}.Dockerfile")
        words = [
            "--build-arg",
            f"BASE={python}",
            "--tag",
            made[name],
            "--file",
            file,
            str(STAND_INS),
        ]
        run("docker", "build", *words, env=env)
    return named | {name: made[name] for name in lacking}


def _is_there(image: str, env: Mapping[str, str]) -> bool:
    commands = (["image", "inspect", image], ["pull", "--quiet", image])
    return any(attempt("docker", *command, env=env)[0] == 0 for command in commands)


def _debian(env: Mapping[str, str], folder: Path) -> str:
    """Make an image of Debian with its Python, which trusts whom this machine trusts."""
    name, root = "batchwell-stand-in-python", folder / "root"
    if attempt("docker", "image", "inspect", name, env=env)[0] == 0:
        return name
    install("debootstrap")
    words = ["--variant=minbase", f"--include={PYTHON}", "bookworm", str(root), MIRROR]
    run("debootstrap", *words, env=env)
    shutil.copy(AUTHORITIES, root / AUTHORITIES[1:])
    shutil.rmtree(root / "var/cache/apt/archives", ignore_errors=True)
    changes = ["--change", f"ENV PIP_CERT={AUTHORITIES}"]
    with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as tar:
        done = subprocess.run(
            ["docker", "import", *changes, "-", name],
            stdin=tar.stdout,
            stdout=subprocess.DEVNULL,
            env=env,
            check=False,
        )
    if done.returncode:
        raise Failed("docker import of the stand-in failed")
    shutil.rmtree(root)
    return name
