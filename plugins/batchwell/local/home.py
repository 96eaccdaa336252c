"""The state folder of one machine (``BATCHWELL_HOME``): private, locked, its ports free."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO


class CannotStart(Exception):
    """Raised when ``scripts/up`` cannot go on; the message is one sentence for its user."""


def lock_home(home: Path) -> TextIO:
    """Make the folder and hold it until the returned file is closed, or this process dies."""
    try:
        for folder in (home, home / "logs", home / "airflow", home / "valkey"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
        lock = (home / "up.lock").open("a+")
    except OSError as error:
        raise CannotStart(f"cannot use {home} (BATCHWELL_HOME): {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with lock:
            lock.seek(0)
            raise CannotStart(f"already running (pid {lock.read().strip()}) on {home}") from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def check_ports(ports: Mapping[str, int]) -> None:
    """Raise `CannotStart` unless every port, by the variable that sets it, is free and distinct."""
    for name, port in ports.items():
        same = [other for other in ports if ports[other] == port]
        if len(same) > 1:
            raise CannotStart(f"{' and '.join(same)} are both {port}: they must differ")
        if not is_port_free(port):
            raise CannotStart(f"port {port} is in use: set {name} to a free one")


def is_port_free(port: int) -> bool:
    """Tell whether a server could listen on the loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def find_free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def write_private(path: Path, text: str) -> None:
    """Replace the file, readable by its owner only; a reader sees the old text or the new."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def read_secrets(home: Path) -> dict[str, str]:
    """Return Airflow's keys, made once: changing them would void its tokens and connections."""
    path = home / "secrets.json"
    if not path.exists():
        keys = {
            "fernet_key": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "jwt_secret": secrets.token_urlsafe(64),
            "api_secret": secrets.token_urlsafe(32),
        }
        write_private(path, json.dumps(keys))
    found: dict[str, str] = json.loads(path.read_text())
    return found
