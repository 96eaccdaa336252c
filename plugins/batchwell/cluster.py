"""A Redis Cluster as one client: each command goes to the node that has its key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

from redis import Redis
from redis.client import PubSub
from redis.commands import CoreCommands
from redis.exceptions import (
    AskError,
    ClusterDownError,
    ClusterError,
    ConnectionError,
    MovedError,
    TimeoutError,
)

from batchwell.connection import pipe, round_trip
from batchwell.topology import Address, Topology, Word

T = TypeVar("T")

_TRIES = 3


class Cluster(CoreCommands):
    """The nodes of a cluster, found when the first is needed. Safe among threads and forks.

    A slot that has moved is followed, and a node that another took over from; a command whose
    connection broke is repeated, as every script may be. A slot that is on its way between nodes
    (ASK) is away until it has arrived: a script would find only some of its keys at either end.
    """

    _is_async_client: Literal[False] = False  # what the driver's types tell its clients apart by
    _event_dispatcher: Any = None

    def __init__(self, seeds: Sequence[Address], server: Callable[[Address], Redis]) -> None:
        """Begin with what ``seeds`` tell; ``server`` makes the client of a node."""
        self._seeds = seeds
        self._server = server
        self._servers: dict[Address, Redis] = {}
        self._topology = Topology(tuple(seeds))

    def __enter__(self) -> Cluster:
        """Return it."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections; the next command makes new ones."""
        for server in list(self._servers.values()):
            server.close()

    def execute_command(self, *command: Any, **options: Any) -> Any:
        """Send a command to its node, and return the reply as the driver's client does."""
        return self.at(command, lambda server: server.execute_command(*command, **options))

    def round_trip(self, *command: Word) -> Any:
        """Send a command to its node, and return the reply as it is."""
        return self.at(command, lambda server: round_trip(server, *command))

    def pipe(self, commands: Sequence[Sequence[Word]]) -> list[Any]:
        """Send commands, in one round trip to each node; return the replies in order."""

        def ask(topology: Topology) -> list[Any]:
            homes: defaultdict[Address, list[int]] = defaultdict(list)
            for number, command in enumerate(commands):
                homes[topology.home(command)].append(number)
            replies = [None] * len(commands)
            for home, numbers in homes.items():
                those = partial(pipe, commands=[commands[number] for number in numbers])
                for number, reply in zip(numbers, self._ask(home, those), strict=True):
                    replies[number] = reply
            return replies

        return self._persist(ask)

    def at(self, command: Sequence[Any], ask: Callable[[Redis], T]) -> T:
        """Return what the node tells that this command is to be sent to."""
        return self._persist(lambda topology: self._ask(topology.home(command), ask))

    def servers(self) -> list[Redis]:
        """Return the clients of all primaries."""
        return [self._client(address) for address in self._known().primaries]

    def ping(self, **options: Any) -> bool:
        """Raise unless all primaries answer: each has computations of its own."""
        self._persist(lambda topology: [self._ask(home, Redis.ping) for home in topology.primaries])
        return True

    def script_load(self, script: Any) -> Any:
        """Load a script at all primaries."""
        shas = [server.script_load(script) for server in self.servers()]
        return shas[0]

    def pubsub(self, **options: Any) -> PubSub:
        """Subscribe at a node that answers: each hears what is published at any other."""
        self._topology = topology = self._look()
        subscription: PubSub = self._client(topology.known[0]).pubsub(**options)
        return subscription

    def get_encoder(self) -> Any:
        """Return how words are encoded."""
        return self._client(self._topology.known[0]).get_encoder()

    def _persist(self, ask: Callable[[Topology], T]) -> T:
        """Ask again where it turns out that slots have moved, or another node took over."""
        for _ in range(_TRIES):
            topology = self._known()
            try:
                return ask(topology)
            except MovedError:
                continue
            except (ConnectionError, ClusterDownError):
                if self._known().homes == topology.homes:
                    raise
        raise ClusterError("the nodes do not agree who has the slot")

    def _ask(self, address: Address, ask: Callable[[Redis], T]) -> T:
        try:
            return ask(self._client(address))
        except MovedError as error:
            self._topology = self._topology.trusting((error.host or address[0], error.port))
            raise
        except AskError as error:
            raise ClusterError(f"the slot is being moved between nodes: {error}") from error
        except (ConnectionError, TimeoutError, ClusterDownError):
            self._topology = self._topology.doubting(address)
            raise

    def _known(self) -> Topology:
        topology = self._topology
        if topology.homes is None:
            self._topology = topology = self._look()
        return topology

    def _look(self) -> Topology:
        """Ask the nodes, one after the other, until one tells.

        A time limit ends it, so that nobody waits for several: who asks next begins with others.
        """
        failure = ConnectionError("no node of the cluster is known")
        for address in self._topology.known:
            try:
                reply = round_trip(self._client(address), "CLUSTER", "SLOTS")
            except TimeoutError:
                self._topology = self._topology.doubting(address)
                raise
            except ConnectionError as error:
                failure = error
            else:
                return Topology.read(reply, address, self._seeds)
        raise failure

    def _client(self, address: Address) -> Redis:
        server = self._servers.get(address)
        return server or self._servers.setdefault(address, self._server(address))
