"""The verbs of those who deliver: take what is due, settle it, list it, deliver it again."""

from __future__ import annotations

from typing import Literal

from batchwell.deliveries import Answer, Delivery, Taken
from batchwell.errors import UnknownDelivery
from batchwell.identifiers import split_delivery_id
from batchwell.replies import seconds, text
from batchwell.store.door import RETAIN_MS, AnyComputation, Door, encode

_MOST_ERROR = 300


class Delivering(Door):
    """What becomes of the messages that are owed to URLs."""

    def take(
        self, computation: AnyComputation, *, count: int, lease_seconds: float
    ) -> tuple[list[Taken], float | None]:
        """Lease up to ``count`` deliveries that are due; tell in how many seconds the next is.

        Atomic. None: no other is owed.
        """
        taken, due = self._run("take", computation.name, count, int(lease_seconds * 1000))
        return [Taken.decode(computation.name, one) for one in taken], seconds(text(due))

    def settle(
        self,
        computation: AnyComputation,
        taken: Taken,
        answer: Answer,
        *,
        again_seconds: float | None,
    ) -> Literal["delivered", "owed", "dead", "not_owner"]:
        """Record what an attempt met with; a failed one is owed again after ``again_seconds``.

        None: it is dead. Atomic; an attempt that lost its lease changes nothing ("not_owner").
        """
        status = "dead" if again_seconds is None else "owed"
        reply: Literal["delivered", "owed", "dead", "not_owner"] = self._run(
            "settle",
            computation.name,
            encode(
                id=split_delivery_id(taken.id)[1],
                attempt=taken.attempt,
                status="delivered" if answer.is_delivered else status,
                delay_ms=int((again_seconds or 0) * 1000),
                answer=answer.status or "",
                error=answer.error[:_MOST_ERROR],
                retain_ms=RETAIN_MS,
            ),
        ).decode()
        return reply

    def deliveries(
        self, computation: AnyComputation, *, after: str = "", count: int = 100
    ) -> tuple[list[Delivery], str]:
        """Return ``count`` deliveries of the last week, the latest first, and where to go on.

        ``after`` is a place that an earlier call returned; an empty one is the end.
        """
        place, *found = self._run("deliveries", computation.name, after, count, RETAIN_MS)
        decoded = (Delivery.decode(computation.name, one) for one in found)
        return [delivery for delivery in decoded if delivery is not None], text(place)

    def redeliver(self, computation: AnyComputation, delivery_id: str) -> Delivery:
        """Have a message delivered again, now and with all its attempts before it. Atomic.

        Raises `UnknownDelivery`, also where the record of its request is gone.
        """
        name = split_delivery_id(delivery_id)[1]
        reply = self._run("redeliver", computation.name, name, RETAIN_MS)
        delivery = Delivery.decode(computation.name, reply) if reply else None
        if delivery is None:
            raise UnknownDelivery(delivery_id)
        return delivery
