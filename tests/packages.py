"""Packages that a few tests need and ``scripts/up`` does not: beside those of ``.venv``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def packages_of(requirements: Path) -> Path:
    """Return a folder for PYTHONPATH with what a file pins, and no more; made when first needed."""
    folder = Path(sys.prefix) / requirements.stem
    stamp, wanted = folder / "stamp", f"{sys.version}\n{requirements.read_text()}"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"]
        words = ["--no-deps", "--target", str(folder), "--requirement", str(requirements)]
        subprocess.run([*pip, "install", *words], check=True)
        stamp.write_text(wanted)
    return folder
