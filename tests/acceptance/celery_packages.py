"""What CeleryExecutor needs, installed beside the packages of ``.venv`` when it is first needed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements-celery.txt")


def celery_packages() -> Path:
    """Return a folder for PYTHONPATH; ``scripts/up`` has no use for what is in it."""
    folder = Path(sys.prefix) / "celery"
    stamp, wanted = folder / "stamp", f"{sys.version}\n{REQUIREMENTS.read_text()}"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--quiet", "--no-input", "--disable-pip-version-check"]
        words = ["--no-deps", "--target", str(folder), "--requirement", str(REQUIREMENTS)]
        subprocess.run([*pip, "install", *words], check=True, stderr=subprocess.DEVNULL)
        stamp.write_text(wanted)
    return folder
