"""Which node of a Redis Cluster has which slots, as one of them told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import ClusterError

Address: TypeAlias = tuple[str, int]
Word: TypeAlias = str | bytes | int

_WITHOUT_KEY = frozenset({"CLUSTER SLOTS", "CONFIG GET", "INFO", "PING", "SCRIPT LOAD", "TIME"})
_UNKNOWN_HOSTS = (None, b"", b"?")


@dataclass(frozen=True)
class Topology:
    """What is believed of a cluster; a new one takes its place when it was wrong.

    ``known``: all nodes, in the order in which to ask them for more. ``homes``: the primary of each
    slot, None for a slot without one; None in all: nobody was asked yet.
    """

    known: tuple[Address, ...]
    homes: tuple[Address | None, ...] | None = None

    @classmethod
    def read(cls, reply: Any, asked: Address, seeds: Iterable[Address]) -> Topology:
        """Read the reply to CLUSTER SLOTS; ``seeds`` stay known, whatever nodes call each other."""
        known = [asked]
        homes: list[Address | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        for first, last, *nodes in reply:
            addresses = [_address(node, asked) for node in nodes]
            homes[first : last + 1] = [addresses[0]] * (last + 1 - first)
            known += addresses
        return cls(tuple(dict.fromkeys([*known, *seeds])), tuple(homes))

    @property
    def primaries(self) -> list[Address]:
        """Return the nodes that have slots."""
        return list(dict.fromkeys(home for home in self.homes or () if home is not None))

    def home(self, command: Sequence[Any]) -> Address:
        """Return the node to send a command to. Raises `ClusterError` where its slot has none."""
        if command[0] in _WITHOUT_KEY:
            return self.known[0]
        key = command[3] if command[0] in ("EVAL", "EVALSHA") else command[1]
        slot = key_slot(key if isinstance(key, bytes) else str(key).encode())
        home = self.homes[slot] if self.homes else None
        if home is None:
            raise ClusterError(f"no node of the cluster has slot {slot}, that of {key!r}")
        return home

    def trusting(self, node: Address) -> Topology:
        """Return one that begins anew, asking this node first."""
        return Topology((node, *(one for one in self.known if one != node)))

    def doubting(self, node: Address) -> Topology:
        """Return one that begins anew, asking this node last."""
        return Topology((*(one for one in self.known if one != node), node))


def _address(node: Sequence[Any], asked: Address) -> Address:
    host, port = node[:2]
    return asked[0] if host in _UNKNOWN_HOSTS else host.decode(), port
