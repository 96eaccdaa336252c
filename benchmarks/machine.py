"""What a figure was measured on: the machine, and the versions of all that took part."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from redis import Redis

from benchmarks.peer_environments import peer_versions

OURS = ("apache-airflow-core", "flask", "gunicorn", "hiredis", "orjson", "pydantic", "redis")
PEERS = ("celery", "dramatiq", "flask", "gunicorn", "hiredis", "huey", "redis", "rq")


def describe(redis: Redis) -> dict[str, Any]:
    """Describe the machine, the store server and the versions."""
    info: Any = redis.info("server")
    return {
        "taken_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "cores": os.cpu_count(),
        "cpu": _cpu(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "store": f"{info.get('server_name', 'redis')} "
        f"{info.get('valkey_version') or info['redis_version']}",
        "ours": {name: importlib.metadata.version(name) for name in OURS},
        "peers": {name: _installed(name) for name in PEERS},
    }


def load_average() -> float:
    """Return how many processes wanted to run in the last minute."""
    return round(os.getloadavg()[0], 2)


def _installed(name: str) -> str:
    versions = {found.lower(): version for found, version in peer_versions().items()}
    return versions[name]


def _cpu() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()
