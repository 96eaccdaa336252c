"""The virtual environments of the peers, made when they are first needed and kept."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
_FOLDER = CHECKOUT / ".venv-peers"


@cache
def peer_python(requirements: str = "requirements") -> Path:
    """Return the interpreter of the peers' environment; make it if need be (half a minute).

    ``requirements`` is the stem of a file in ``benchmarks/peers/``: one environment for each.
    Processes that need it at the same time wait for the first.
    """
    source = CHECKOUT / "benchmarks" / "peers" / f"{requirements}.txt"
    folder = _FOLDER / requirements
    python, stamp = folder / "bin" / "python", folder / "stamp"
    # Where it is counts too: a moved environment has wrong paths in its commands.
    wanted = f"{folder}\n{sys.version}\n{source.read_text()}"
    _FOLDER.mkdir(exist_ok=True)
    with (_FOLDER / f"{requirements}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            _run(sys.executable, "-m", "venv", folder)
            pip = (python, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")
            _run(*pip, "install", "--no-deps", "--requirement", source)
            _run(*pip, "check")
            stamp.write_text(wanted)
    return python


@cache
def peer_versions(requirements: str = "requirements") -> dict[str, str]:
    """Return what is installed there, by name."""
    pip = (peer_python(requirements), "-m", "pip", "--disable-pip-version-check")
    found = json.loads(_run(*pip, "list", "--format", "json"))
    return {one["name"]: one["version"] for one in found}


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        told = (done.stderr or done.stdout).strip()[-2000:]
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{told}")
    return done.stdout
