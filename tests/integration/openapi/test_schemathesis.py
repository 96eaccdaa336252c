"""Schemathesis asks a running app for all that its document describes, and for what it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
CHECKOUT = FOLDER.parents[2]


def test_the_app_does_what_its_document_says(live_url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--config-file", str(FOLDER / "schemathesis.toml")),
            *("run", f"{live_url}/openapi.json", "--checks", "all", "--no-color"),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT}/plugins"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stderr
