"""What containers refuse to start with, and scripts/secrets, which writes what they take."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from batchwell.container.problems_at_start import CannotStart, check_secrets

CHECKOUT = Path(__file__).parents[3]


def write_secrets(checkout: Path) -> dict[str, str]:
    """Run scripts/secrets in a checkout; return what .env has then."""
    (checkout / "scripts").mkdir(exist_ok=True)
    shutil.copy(CHECKOUT / "scripts" / "secrets", checkout / "scripts")
    subprocess.run([checkout / "scripts" / "secrets"], check=True, stderr=subprocess.DEVNULL)
    lines = (checkout / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_secrets_writes_all_that_compose_asks_for(tmp_path: Path) -> None:
    written = write_secrets(tmp_path)
    compose = (CHECKOUT / "docker-compose.yaml").read_text()
    assert set(written) == set(re.findall(r"\$\{(\w+):\?", compose))
    check_secrets(written, *written)
    Fernet(written["AIRFLOW_FERNET_KEY"])
    assert len(written["AIRFLOW_JWT_SECRET"]) >= 64, "shorter than its digest, Airflow warns"
    assert len(set(written.values())) == len(written)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_secrets_overwrites_nothing_and_adds_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BATCHWELL_PORT=9000\nSTORE_PASSWORD=mine")
    first = write_secrets(tmp_path)
    assert (first["BATCHWELL_PORT"], first["STORE_PASSWORD"]) == ("9000", "mine")
    assert "DATABASE_PASSWORD" in first
    assert write_secrets(tmp_path) == first


@pytest.mark.parametrize("secret", ["", "short", "a" * 40, "ab" * 20])
def test_weak_secret_is_refused_with_what_to_do(secret: str) -> None:
    with pytest.raises(CannotStart, match=r"^THE_KEY is .*scripts/secrets"):
        check_secrets({"THE_KEY": secret}, "THE_KEY")
