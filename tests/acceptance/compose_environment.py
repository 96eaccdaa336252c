"""What scripts/secrets and docker-compose.yaml tell containers, for processes without them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # Airflow brings it, without types

from tests.servers import CHECKOUT

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (CHECKOUT / "docker-compose.yaml").read_text()
)["services"]
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")


def write_secrets(folder: Path) -> dict[str, str]:
    """Run scripts/secrets on an empty folder; return what its .env has then."""
    (folder / "scripts").mkdir()
    script = shutil.copy(CHECKOUT / "scripts" / "secrets", folder / "scripts")
    subprocess.run([script], check=True, stderr=subprocess.DEVNULL)
    lines = (folder / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def environment_of(service: str, dotenv: dict[str, str]) -> dict[str, str]:
    """Return the variables of a service, its values from ``dotenv`` or the file's own defaults."""

    def value(found: re.Match[str]) -> str:
        return dotenv.get(found["name"]) or found["default"] or ""

    told = SERVICES[service]["environment"]
    return {name: _VARIABLE.sub(value, str(text)) for name, text in told.items()}
