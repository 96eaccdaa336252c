"""What keeps a container from starting, as the sentence that its user reads."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

from batchwell.connection import connect
from batchwell.errors import StoreUnavailable
from batchwell.store import Store

LEAST_SECRET = 24
PATIENCE_SECONDS = 30.0


class CannotStart(Exception):
    """Raised when a container cannot go on; the message is one sentence for its user."""


def check_secrets(env: Mapping[str, str], *names: str) -> None:
    """Raise `CannotStart` for a secret that is missing, short, or one character again and again."""
    for name in names:
        secret = env.get(name, "")
        if len(secret) < LEAST_SECRET or len(set(secret)) < LEAST_SECRET // 4:
            problem = "is too weak" if secret else "is missing"
            raise CannotStart(
                f"{name} {problem}: remove its line from .env and run scripts/secrets, "
                "which writes a random one"
            )


def check_writable(folder: Path) -> None:
    """Raise `CannotStart` unless this user may write into the folder of a volume."""
    if not os.access(folder, os.W_OK):
        raise CannotStart(
            f"the volume at {folder} belongs to another user: give it to this one with 'docker run "
            f"--rm --user 0 --entrypoint chown --volume NAME:{folder} IMAGE -R {os.getuid()} "
            f"{folder}' ('docker volume ls' and 'docker image ls' tell NAME and IMAGE)"
        )


def check_port(host: str, port: int, name: str) -> None:
    """Raise `CannotStart` unless this process may listen there; ``name`` sets the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"cannot listen on port {port} of {host} ({error.strerror}): "
                f"set {name} to another, or end what has it"
            ) from None


def await_store(url: str, namespace: str = "bw", seconds: float = PATIENCE_SECONDS) -> None:
    """Return once the store answers; raise `StoreUnavailable` when it does not in time.

    Raises `StoreRefuses` at once: a wrong password does not become right.
    """
    give_up_at = time.monotonic() + seconds
    with connect(url) as client:
        store = Store(client, namespace=namespace)
        while True:
            try:
                return store.ping()
            except StoreUnavailable as error:
                if time.monotonic() > give_up_at:
                    raise StoreUnavailable(
                        f"{error} (for {seconds:g} seconds): see 'docker compose logs store'"
                    ) from error
            time.sleep(0.5)
