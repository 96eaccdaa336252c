"""What an engine changes in the network of its host, which it leaves behind when it ends."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILTERS = ("iptables", "ip6tables")
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
BRIDGE = "docker0"
# A table that was not there yet: what it is like when it has come without a rule.
EMPTY = {
    "filter": ":INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n",
    "nat": "",
    "raw": "",
    "mangle": "",
}


@contextmanager
def network_put_back() -> Iterator[None]:
    """Put back packet filters, forwarding and the list of bridges as they were before."""
    filters = [name for name in FILTERS if shutil.which(f"{name}-save")]
    rules = {name: _save(name) for name in filters}
    forwarding, has_bridge = FORWARDING.read_text(), _has_bridge()
    try:
        yield
    finally:
        for name, before in rules.items():
            came = set(_tables(_save(name))) - set(_tables(before))
            text = before + "".join(f"*{table}\n{EMPTY.get(table, '')}COMMIT\n" for table in came)
            subprocess.run([f"{name}-restore"], input=text, text=True, check=True)
        FORWARDING.write_text(forwarding)
        if _has_bridge() and not has_bridge:
            subprocess.run(["ip", "link", "delete", BRIDGE], check=True)


def _save(name: str) -> str:
    return subprocess.run(
        [f"{name}-save"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
    ).stdout


def _tables(saved: str) -> list[str]:
    return re.findall(r"^\*(\w+)$", saved, re.MULTILINE)


def _has_bridge() -> bool:
    return Path("/sys/class/net", BRIDGE).exists()
