"""Redis Clusters for tests: real servers on free ports that have found each other."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from redis import Redis
from redis.crc import key_slot
from redis.exceptions import ResponseError

from batchwell import Computation, computation
from tests.servers import START_SECONDS, StoreServer, free_port

_BOUNDS = (0, 5461, 10923, 16384)


@computation()
def first(n: int) -> int:
    return n


@computation()
def second(n: int) -> int:
    return n


@computation()
def ninth(n: int) -> int:
    return n


COMPUTATIONS: list[Computation[Any, Any]] = [first, second, ninth]
"""One on each node."""


class ClusterNode(StoreServer):
    """A server in cluster mode; a failure is noticed within a second or two."""

    def __init__(self, program: str, folder: Path) -> None:
        folder.mkdir()
        self.bus = free_port()
        super().__init__(
            program,
            folder,
            options={
                "cluster-enabled": "yes",
                "cluster-port": str(self.bus),
                "cluster-node-timeout": "1000",
                "cluster-replica-validity-factor": "0",
                "cluster-require-full-coverage": "no",
                "repl-diskless-sync-delay": "0",
            },
        )

    def ask(self, *words: str | int) -> Any:
        """Send a command to this very node."""
        with Redis.from_url(self.url, decode_responses=True) as client:
            return client.execute_command(*words)

    @property
    def id(self) -> str:
        """The name by which the others know it."""
        name: str = self.ask("CLUSTER MYID")
        return name

    def knows(self, count: int) -> bool:
        """Tell whether it sees that many nodes, and all slots served."""
        info = self.ask("CLUSTER INFO")
        return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == str(count))


class StoreCluster:
    """Three primaries, each with a third of the slots; behind the first a replica if wanted."""

    def __init__(self, program: str, folder: Path, *, has_replica: bool = False) -> None:
        self.program = program
        self.nodes = [ClusterNode(program, folder / str(number)) for number in range(3)]
        self.replica = ClusterNode(program, folder / "replica") if has_replica else None
        self.port = self.nodes[0].port
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        self.url = f"redis://{hosts}/0?cluster=true"

    def start(self) -> None:
        """Start the nodes and wait until all know that the cluster serves."""
        everyone = [*self.nodes, *([self.replica] if self.replica else [])]
        for node in everyone:
            node.start()
        for number, (node, (low, high)) in enumerate(
            zip(self.nodes, pairwise(_BOUNDS), strict=True)
        ):
            node.ask("CLUSTER SET-CONFIG-EPOCH", number + 1)
            node.ask("CLUSTER ADDSLOTSRANGE", low, high - 1)
        first = self.nodes[0]
        for node in everyone[1:]:
            first.ask("CLUSTER MEET", "127.0.0.1", node.port, node.bus)
        until(lambda: all(node.knows(len(everyone)) for node in everyone))
        if (replica := self.replica) is not None:
            replica.ask("CLUSTER REPLICATE", first.id)
            until(lambda: replica.ask("INFO", "replication")["master_link_status"] == "up")

    def kill(self) -> None:
        """End all as a crash would."""
        for node in [*self.nodes, *([self.replica] if self.replica else [])]:
            node.kill()

    def fail_over(self) -> None:
        """Kill the first node, once its replica has all of it."""
        with Redis.from_url(self.nodes[0].url) as client:
            client.set("{second}", "written last")  # WAIT waits for what its own connection wrote
            assert client.wait(1, 5000) == 1
        self.nodes[0].kill()

    def recover(self) -> None:
        """Start the first node again, and let it take back what it had."""
        first = self.nodes[0]
        first.start()
        until(lambda: first.knows(4) and "slave" in first.ask("ROLE"))
        until(lambda: first.ask("INFO", "replication")["master_link_status"] == "up")

        def takes_over() -> bool:
            if "master" in first.ask("ROLE"):
                return True
            with suppress(ResponseError):  # asked again: the votes for one that was killed lapse
                first.ask("CLUSTER FAILOVER")
            time.sleep(0.5)
            return False

        until(takes_over)

    def home(self, key: str) -> ClusterNode:
        """Return the node that has a key's slot at the start."""
        slot = key_slot(key.encode())
        return next(node for node, high in zip(self.nodes, _BOUNDS[1:], strict=True) if slot < high)


class Move:
    """The slot of a key on its way from its node to the next."""

    def __init__(self, cluster: StoreCluster, key: str) -> None:
        self.slot = key_slot(key.encode())
        self.source = cluster.home(key)
        self.target = cluster.nodes[(cluster.nodes.index(self.source) + 1) % 3]

    def begin(self) -> None:
        """Tell both ends of it: from now on neither has the whole."""
        self.target.ask("CLUSTER SETSLOT", self.slot, "IMPORTING", self.source.id)
        self.source.ask("CLUSTER SETSLOT", self.slot, "MIGRATING", self.target.id)

    def carry(self, count: int = 1000) -> None:
        """Carry some keys over."""
        found = self.source.ask("CLUSTER GETKEYSINSLOT", self.slot, count)
        if found:
            target = ("127.0.0.1", self.target.port)
            self.source.ask("MIGRATE", *target, "", 0, 5000, "KEYS", *found)

    def end(self) -> None:
        """Carry what is left, also of other tests, and give the slot to its new node."""
        self.carry()
        for node in (self.target, self.source):
            node.ask("CLUSTER SETSLOT", self.slot, "NODE", self.target.id)

    def back(self) -> None:
        """Bring it all back to where it was."""
        self.source, self.target = self.target, self.source
        self.begin()
        self.end()


def until(is_so: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    """Wait until something is so; fail when it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.02)
