"""Deliver what is owed for one computation, many messages at a time, until told to end."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from urllib.parse import urlsplit

from batchwell.deliveries import MOST_ATTEMPTS, Answer, Taken, delay_after
from batchwell.errors import SettingsError, StoreUnavailable
from batchwell.settings import Settings
from batchwell.store import AnyComputation, Store
from batchwell.webhook_message import message
from batchwell.webhook_sending import TOTAL_SECONDS, open_transport, post
from batchwell.webhook_signing import signed_headers

if TYPE_CHECKING:
    import httpx

LEASE_SECONDS = 3 * TOTAL_SECONDS
MOST_AT_ONCE = 32
_IDLE_SECONDS = 30.0
_AWAY_SECONDS = 1.0

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class Deliverer:
    """Takes due deliveries, makes them and settles them.

    At least once: one that was made and could not be settled is made again, under the same id.
    """

    def __init__(self, store: Store, computation: AnyComputation, channel: socket.socket) -> None:
        """Deliver until ``channel`` is shut down; whatever comes by it tells that some are due."""
        self.store = store
        self.computation = computation
        self.tally: Counter[str] = Counter()
        self._channel = channel
        self._stirred = asyncio.Event()
        self._is_ending = False
        self._settings, self._obstacle = _read_settings()
        self._under_way: set[asyncio.Task[None]] = set()
        # Looking up a name may block a thread for longer than anybody waits for it.
        self._threads = ThreadPoolExecutor(2 * MOST_AT_ONCE)

    async def run(self) -> None:
        """Deliver; at the end what is under way is finished, and nothing more taken."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(self._threads)
        loop.add_reader(self._channel, self._hear)
        transport = await asyncio.to_thread(open_transport)
        while not self._is_ending:
            self._stirred.clear()
            seconds = await self._begin_some(transport)
            if seconds > 0 and not self._is_ending:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stirred.wait(), seconds)
        loop.remove_reader(self._channel)
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await transport.aclose()

    def _hear(self) -> None:
        with suppress(BlockingIOError):
            self._is_ending = not self._channel.recv(4096)
        self._stirred.set()

    async def _begin_some(self, transport: httpx.AsyncHTTPTransport) -> float:
        """Begin what is due; return for how long there is nothing to do, unless stirred."""
        room = MOST_AT_ONCE - len(self._under_way)
        if room == 0:
            return _IDLE_SECONDS
        try:
            taken, due_seconds = await asyncio.to_thread(
                self.store.take, self.computation, count=room, lease_seconds=LEASE_SECONDS
            )
        except StoreUnavailable as error:
            log.warning("waiting for the store: %s", error)
            return _AWAY_SECONDS
        for one in taken:
            task = asyncio.create_task(self._deliver(transport, one))
            self._under_way.add(task)
            task.add_done_callback(self._forget)
        return _IDLE_SECONDS if due_seconds is None else min(due_seconds, _IDLE_SECONDS)

    def _forget(self, task: asyncio.Task[None]) -> None:
        if len(self._under_way) == MOST_AT_ONCE:
            self._stirred.set()
        self._under_way.discard(task)
        if error := task.exception():  # its lease passes, and it is made again
            log.error("a delivery was not made", exc_info=error)

    async def _deliver(self, transport: httpx.AsyncHTTPTransport, taken: Taken) -> None:
        give_up_at = time.monotonic() + LEASE_SECONDS
        try:
            answer, is_final = await self._attempt(transport, taken)
            again_seconds = None if is_final else delay_after(answer, taken.tries)
            status = await self._insist(
                give_up_at,
                self.store.settle,
                self.computation,
                taken,
                answer,
                again_seconds=again_seconds,
            )
        except StoreUnavailable as error:
            log.warning("%s is to be delivered again: %s", taken.id, error)
            return
        self.tally[status] += 1
        if answer.is_delivered:
            return
        then = "given up" if again_seconds is None else f"again in {again_seconds:.0f} s"
        host = urlsplit(taken.url).hostname
        tries = f"attempt {taken.tries} of {MOST_ATTEMPTS}"
        log.warning(
            "%s not delivered to %s (%s): %s; %s", taken.id, host, tries, answer.error, then
        )

    async def _attempt(
        self, transport: httpx.AsyncHTTPTransport, taken: Taken
    ) -> tuple[Answer, bool]:
        """Send the message; tell whether another attempt would be of no use."""
        if taken.tries > MOST_ATTEMPTS:
            return Answer(error="the process that delivered it died each time"), True
        settings = self._settings
        if settings is None:
            return Answer(error=self._obstacle), False
        request = await self._insist(
            time.monotonic() + TOTAL_SECONDS, self.store.inspect, self.computation, taken.request
        )
        if request is None:
            return Answer(error="the record of its request is gone"), True
        payload = message(request, settings)
        headers = signed_headers(settings.webhook_keys, taken.id, int(time.time()), payload)
        allow_private = settings.webhook_allow_private
        return await post(
            transport, taken.url, payload, headers, allow_private=allow_private
        ), False

    async def _insist(
        self, until: float, action: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Ask the store, waiting for one that is away; raise `StoreUnavailable` in the end."""
        while True:
            try:
                return await asyncio.to_thread(action, *args, **kwargs)
            except StoreUnavailable:
                if self._is_ending or time.monotonic() > until:
                    raise
                await asyncio.sleep(_AWAY_SECONDS)


def _read_settings() -> tuple[Settings | None, str]:
    """Return the settings, or what keeps this process from delivering."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        return None, f"the drain worker's settings: {error}"
    if not settings.webhook_keys:
        return None, "the drain worker has no BATCHWELL_WEBHOOK_SECRET"
    return settings, ""
