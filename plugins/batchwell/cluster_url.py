"""The URL of a Redis Cluster: ``redis://host:port,host:port?cluster=true``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from batchwell.errors import SettingsError
from batchwell.exposure import netloc
from batchwell.topology import Address

_PORT = 6379


@dataclass(frozen=True)
class ClusterUrl:
    """Some nodes of a cluster, and how to come in, which is the same at each."""

    seeds: tuple[Address, ...]
    scheme: str
    login: str
    options: str

    def node(self, address: Address) -> str:
        """Return the URL of one node."""
        place = f"{self.login}{netloc(*address)}"
        return urlunsplit((self.scheme, place, "/0", self.options, ""))


def read_cluster_url(url: str) -> ClusterUrl | None:
    """Return what the URL of a cluster tells; None: it is that of one server.

    Raises `SettingsError`, and `ValueError` for what is no URL.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    login, at, hosts = parts.netloc.rpartition("@")
    told = options.pop("cluster", None)
    if told is None and "," not in hosts:
        return None
    if told != "true":
        raise SettingsError(
            "the Redis URL of a cluster ends in ?cluster=true; that of one server has one host and "
            "no such option"
        )
    if parts.scheme not in ("redis", "rediss"):
        raise ValueError(parts.scheme)
    if parts.path.strip("/") not in ("", "0") or options.get("db", "0") != "0":
        raise SettingsError("the Redis URL of a cluster names a database: it has none but 0")
    return ClusterUrl(read_addresses(hosts), parts.scheme, login + at, urlencode(options))


def read_addresses(hosts: str) -> tuple[Address, ...]:
    """Read addresses that commas part, each a host or ``host:port``. Raises `ValueError`."""
    found = [urlsplit(f"//{host.strip()}") for host in hosts.split(",")]
    return tuple((_host(one.hostname), one.port or _PORT) for one in found)


def cluster_url(
    seeds: Sequence[Address],
    *,
    username: str | None,
    password: str | None,
    tls: Mapping[str, object] | None,
) -> str:
    """Return the URL; ``tls``: the options of an encrypted connection, None for a plain one."""
    login = f"{quote(username or '', safe='')}:{quote(password or '', safe='')}@"
    place = (login if username or password else "") + ",".join(netloc(*seed) for seed in seeds)
    options = {"cluster": "true", **(tls or {})}
    return urlunsplit(("redis" if tls is None else "rediss", place, "/0", urlencode(options), ""))


def _host(name: str | None) -> str:
    if not name:
        raise ValueError("a host without a name")
    return name
