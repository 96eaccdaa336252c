"""The store for an event loop: the few questions that triggers ask, on one connection a server."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from redis.asyncio.client import PubSub
from redis.exceptions import NoScriptError

from batchwell import keys
from batchwell.async_cluster import AsyncClient, AsyncCluster, any_server, pipe
from batchwell.errors import StoreUnavailable
from batchwell.identifiers import split_request_id
from batchwell.records import Status
from batchwell.scripts import load_script, store_errors
from batchwell.store.acting import Intake
from batchwell.work_records import Demand

_TIMEOUT_SECONDS = 5.0

log = logging.getLogger(__name__)


class AsyncStore:
    """Ask the store without blocking; raises `StoreUnavailable` like `Store`."""

    def __init__(self, client: AsyncClient, *, namespace: str = "bw") -> None:
        """Use ``client``, which must neither decode responses nor have a socket timeout.

        With one, redis-py sends by ``asyncio.wait_for``, which on Python 3.11 can lose a task's
        cancellation (python/cpython#86296). Time limits are kept here instead.
        """
        self.client = client
        self.namespace = namespace

    async def demands(self, computations: Iterable[str]) -> dict[str, Demand]:
        """Return what decides whether a drain is due, for each computation, at once.

        Notes that they are watched. Of a cluster, those are left out whose node is away; raises
        `StoreUnavailable` when all are.
        """
        names = list(computations)
        try:
            replies = await self._run("demand", [(name, ("watch",)) for name in names])
        except StoreUnavailable:
            if not isinstance(self.client, AsyncCluster) or len(names) < 2:
                raise
            return await self._demands_of_some(names)
        return {name: Demand.decode(reply) for name, reply in zip(names, replies, strict=True)}

    async def _demands_of_some(self, names: list[str]) -> dict[str, Demand]:
        """Ask for each by itself: a node of a cluster that is away keeps up none of the others."""
        asked = (self.demands([name]) for name in names)
        told = await asyncio.gather(*asked, return_exceptions=True)
        found: dict[str, Demand] = {}
        for answer in told:
            if isinstance(answer, dict):
                found |= answer
        failures = [answer for answer in told if isinstance(answer, BaseException)]
        for failure in failures:
            if not (found and isinstance(failure, StoreUnavailable)):
                raise failure
        if failures:
            log.warning("some computations are away: %s", failures[0])
        return found

    async def demand(self, computation: str) -> Demand:
        """Return the same for one computation, and note nothing."""
        [reply] = await self._run("demand", [(computation, ("",))])
        return Demand.decode(reply)

    async def intake(self) -> Intake:
        """Return how many actions wait, and who collects them."""
        [reply] = await self._run("intake", [(keys.ACTION_LOG, ())])
        return Intake.decode(reply)

    async def unwatch(self, computations: Collection[str]) -> None:
        """Note that these are watched no longer, while others are."""
        if computations:
            await self._run("unwatch", [(name, ()) for name in computations])

    async def wake(self, computation: str) -> None:
        """Note that Airflow was woken for the computation."""
        await self._run("wake", [(computation, ())])

    async def statuses(self, request_ids: Collection[str]) -> dict[str, Status | None]:
        """Return the status of each request, None for an unknown one, in one round trip."""
        tokens: defaultdict[str, list[str]] = defaultdict(list)
        for request_id in request_ids:
            computation, token = split_request_id(request_id)
            tokens[computation].append(token)
        replies = await self._run(
            "statuses", [(name, (json.dumps(part),)) for name, part in tokens.items()]
        )
        found = {
            f"{name}-{token}": Status(status.decode()) if status else None
            for (name, part), reply in zip(tokens.items(), replies, strict=True)
            for token, status in zip(part, reply, strict=True)
        }
        return {request_id: found[request_id] for request_id in request_ids}

    async def listen(self) -> PubSub:
        """Subscribe to the computations that get work while nobody drains them."""
        with store_errors():
            server = await any_server(self.client)
            pubsub = server.pubsub(ignore_subscribe_messages=True)
            await pubsub.subscribe(keys.waiting_channel(self.namespace))
            return pubsub

    async def heard(self, pubsub: PubSub, seconds: float) -> set[str]:
        """Return the computations that rang, waiting ``seconds`` at most for the first."""
        names: set[str] = set()
        with store_errors():
            message = await pubsub.get_message(timeout=seconds)
            while message is not None:
                names.add(message["data"].decode())
                message = await pubsub.get_message(timeout=0)
        return names

    async def _run(self, verb: str, calls: list[tuple[str, tuple[str, ...]]]) -> list[Any]:
        """Run one script for several computations, in one round trip."""
        script = load_script(verb)
        try:
            with store_errors():
                async with asyncio.timeout(_TIMEOUT_SECONDS):
                    try:
                        return await self._pipe("EVALSHA", script.sha, calls)
                    except NoScriptError:
                        return await self._pipe("EVAL", script.source, calls)
        except TimeoutError as error:
            raise StoreUnavailable("the store does not answer in time") from error

    async def _pipe(
        self, command: str, script: str, calls: list[tuple[str, tuple[str, ...]]]
    ) -> list[Any]:
        return await pipe(
            self.client,
            [
                (command, script, 1, keys.root(self.namespace, computation), *args)
                for computation, args in calls
            ],
        )
