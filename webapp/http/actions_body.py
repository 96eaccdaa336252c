"""The JSON body of actions: checked all at once, and one by one only where that does not do."""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple, NotRequired

from flask import Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from batchwell.action_log import ActionLog
from batchwell.errors import FieldError
from batchwell.identifiers import new_token
from batchwell.near_names import did_you_mean
from batchwell.parameters import field_errors
from batchwell.store.acting import Offered
from webapp.http.bulk_body import MAX_BULK_BYTES, MOST_ITEMS, decode_apart
from webapp.http.json_body import read_body
from webapp.http.submit_body import check_members
from webapp.problems import Refused

AHEAD = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""

VISIBLE = r"^[^\s\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]{1,128}$"
"""What users and ids are made of."""

# Beyond these, a name that is unknown is told without those that are like it: to find them takes
# milliseconds.
_MOST_HINTS = 5
_MOST_NAMES = 2000

Visible = Annotated[str, Field(pattern=VISIBLE)]
Word = Annotated[str, Field(max_length=128)]


@with_config(ConfigDict(extra="forbid", strict=True))
class ActionItem(TypedDict):
    """An action as it comes, whose names and time are still to be looked at."""

    user: Visible
    item: Word
    action: Word
    id: NotRequired[Visible | None]
    at: NotRequired[Any]


@with_config(ConfigDict(extra="forbid", strict=True))
class _Items(TypedDict):
    items: Annotated[list[ActionItem], Field(min_length=1, max_length=MOST_ITEMS)]


class BulkActions(BaseModel):
    """Many actions, of which each may be wrong by itself."""

    model_config = ConfigDict(extra="forbid", strict=True)

    items: Annotated[list[object], Field(min_length=1, max_length=MOST_ITEMS)]


class ActionsBody(NamedTuple):
    """The actions of a call in their order, each as it is offered or as the `Refused` that it is.

    One that is not ``in_bulk`` stands alone.
    """

    in_bulk: bool
    actions: list[Offered | Refused]


_ITEM = TypeAdapter(ActionItem)
_ITEMS = TypeAdapter(_Items)


def read_actions_body(request: Request, log: ActionLog) -> ActionsBody:
    """Read the body; raise `Refused` (415, 413, 400 or 422) for what spoils the whole of it."""
    request.max_content_length = MAX_BULK_BYTES
    text = read_body(request)
    reader = _Reader(log)
    if (items := _all_at_once(text)) is not None:
        return ActionsBody(True, [reader.read(place, item) for place, item in enumerate(items)])
    members = decode_apart(text)
    if isinstance(members, dict) and "items" in members:
        checked = check_members(BulkActions, members)
        return ActionsBody(True, [reader.check(*each) for each in enumerate(checked.items)])
    return ActionsBody(False, [reader.check(0, members)])


def _all_at_once(text: bytes) -> list[ActionItem] | None:
    """Return the items if each has the members that it should, each once."""
    try:
        items = _ITEMS.validate_json(text)["items"]
    except ValidationError:
        return None
    # Each member has a colon, and so may a text; one that is escaped would be taken for it.
    more = text.count(b":") - 1 - sum(map(len, items))
    if more:
        texts = (text for item in items for text in item.values() if isinstance(text, str))
        more -= sum(text.count(":") for text in texts)
    return None if more or b"\\u003" in text else items


class _Reader:
    """Reads the actions of one call; those that came without an id are given one.

    That is made once for the call, so that an action which is sent to the store twice is one.
    """

    def __init__(self, log: ActionLog) -> None:
        self._log = log
        self._token = new_token()
        self._hints = _MOST_HINTS
        now = time.time()
        self._earliest = now - log.oldest.total_seconds()
        self._latest = now + AHEAD.total_seconds()

    def check(self, place: int, item: object) -> Offered | Refused:
        """Return the action, after its members are looked at too."""
        if isinstance(item, Refused):
            return _misfit(*item.errors)
        try:
            return self.read(place, _ITEM.validate_python(item))
        except ValidationError as error:
            return _misfit(*map(_spoken, field_errors(error)))

    def read(self, place: int, item: ActionItem) -> Offered | Refused:
        """Return the action, if there are such items and actions, and it is neither old nor new."""
        at_ms = None
        try:
            if (at := item.get("at")) is not None:
                at_ms = self._milliseconds(at)
            if item["item"] not in self._log.items or item["action"] not in self._log.kinds:
                raise self._unknown(item)
        except Refused as refused:
            return refused
        own = item.get("id") or f"{self._token}-{place}"
        return Offered(item["user"], item["item"], item["action"], own, at_ms)

    def _milliseconds(self, at: object) -> int:
        seconds = _seconds(at)
        if not seconds <= self._latest:
            raise _misfit(FieldError(field="at", message="is more than 5 minutes ahead"))
        if seconds < self._earliest:
            oldest = f"{self._log.oldest}".removesuffix(", 0:00:00")
            raise _misfit(FieldError(field="at", message=f"is more than {oldest} ago"))
        return math.floor(seconds * 1000)

    def _unknown(self, item: ActionItem) -> Refused:
        errors = []
        if item["item"] not in self._log.items:
            names = self._log.items
            told = f"there is no item {item['item']!r}"
            if self._hints and len(names) <= _MOST_NAMES:
                self._hints -= 1
                told = "; ".join(filter(None, [told, did_you_mean(item["item"], names)]))
            errors.append(FieldError(field="item", message=told))
        if item["action"] not in self._log.kinds:
            told = f"there is no action {item['action']!r}; there are {', '.join(self._log.kinds)}"
            errors.append(FieldError(field="action", message=told))
        return _misfit(*errors)


def _seconds(at: object) -> float:
    """Read Unix seconds, or ISO 8601 with a time zone."""
    if isinstance(at, int | float) and not isinstance(at, bool):
        return at
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        told = "must be a time with its zone (ISO 8601), or Unix seconds"
        raise _misfit(FieldError(field="at", message=told))
    return moment.timestamp()


def _spoken(error: FieldError) -> FieldError:
    if "should match pattern" in error.message:
        told = "must be 1 to 128 visible characters, without spaces"
        return FieldError(field=error.field, message=told)
    return error if error.field != "params" else FieldError(field="item", message=error.message)


def _misfit(*errors: FieldError) -> Refused:
    return Refused("invalid-action", "The action does not fit.", errors)
