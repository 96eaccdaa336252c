"""A Redis Cluster for an event loop: commands in one round trip to each of its nodes.

Like `batchwell.cluster`, it does not follow a slot that is on its way between nodes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from redis.asyncio import Redis
from redis.exceptions import AskError, ClusterError, ConnectionError, MovedError, NoScriptError

from batchwell.topology import Address, Topology, Word

_TRIES = 3
_SEED_SECONDS = 1.5


class AsyncCluster:
    """The nodes of a cluster, found when the first is needed.

    After a failure it looks again who has what; whoever asks is to ask again.
    """

    def __init__(self, seeds: Sequence[Address], server: Callable[[Address], Redis]) -> None:
        """Begin with what ``seeds`` tell; ``server`` makes the client of a node."""
        self._seeds = seeds
        self._server = server
        self._servers: dict[Address, Redis] = {}
        self._topology = Topology(tuple(seeds))

    async def aclose(self) -> None:
        """Close all connections."""
        for server in self._servers.values():
            await server.aclose()

    async def pipe(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        """Send commands to their nodes, return the replies in order; raise the first error."""
        for _ in range(_TRIES):
            try:
                return await self._pipe(commands)
            except MovedError as error:
                known = self._topology.known
                self._topology = self._topology.trusting((error.host or known[0][0], error.port))
            except AskError as error:
                raise ClusterError(f"a slot is being moved between nodes: {error}") from error
            except NoScriptError:
                raise
            except BaseException:
                self._topology = Topology(self._topology.known)
                raise
        raise ClusterError("the nodes do not agree who has the slot")

    async def any_server(self) -> Redis:
        """Return the client of a node that answers."""
        self._topology = await self._look()
        return self._client(self._topology.known[0])

    async def _pipe(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        if self._topology.homes is None:
            self._topology = await self._look()
        homes: defaultdict[Address, list[int]] = defaultdict(list)
        for number, command in enumerate(commands):
            homes[self._topology.home(command)].append(number)
        replies = [None] * len(commands)
        for home, numbers in homes.items():
            those = [commands[number] for number in numbers]
            told = await pipe(self._client(home), those)
            for number, reply in zip(numbers, told, strict=True):
                replies[number] = reply
        return replies

    async def _look(self) -> Topology:
        failure: Exception = ConnectionError("no node of the cluster is known")
        for address in self._topology.known:
            try:
                async with asyncio.timeout(_SEED_SECONDS):
                    [reply] = await pipe(self._client(address), [("CLUSTER", "SLOTS")])
                return Topology.read(reply, address, self._seeds)
            except (ConnectionError, TimeoutError) as error:
                failure = error
        raise failure

    def _client(self, address: Address) -> Redis:
        if address not in self._servers:
            self._servers[address] = self._server(address)
        return self._servers[address]


AsyncClient: TypeAlias = "Redis | AsyncCluster"


async def pipe(client: AsyncClient, commands: Sequence[Sequence[Word]]) -> list[Any]:
    """Send commands together, return their replies; raise the first error among them."""
    if isinstance(client, AsyncCluster):
        return await client.pipe(commands)
    async with client.pipeline(transaction=False) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)
        replies: list[Any] = await pipeline.execute()
    return replies


async def any_server(client: AsyncClient) -> Redis:
    """Return the one server, or a node that answers: each hears what is published at another."""
    return await client.any_server() if isinstance(client, AsyncCluster) else client
