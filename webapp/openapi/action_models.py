"""Actions as types: what is told of one, and what became of many."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from webapp.http.actions_body import Visible, Word
from webapp.http.bulk_body import MOST_ITEMS
from webapp.openapi.models import Count, Problem


class Action(BaseModel):
    """Something that a user did with an item."""

    model_config = ConfigDict(extra="forbid")

    user: Annotated[Visible, Field(examples=["ann"])]
    item: Annotated[Word, Field(examples=["whale-17"])]
    action: Annotated[Word, Field(examples=["like"])]
    id: Visible | None = Field(None, description="What comes again with it adds nothing.")
    at: datetime | float | None = Field(
        None, description="When, with the time zone, or in Unix seconds; null: now."
    )


class Actions(BaseModel):
    """Many actions, of which each may be wrong by itself."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[Action], Field(min_length=1, max_length=MOST_ITEMS)]


class ActionsBody(RootModel[Action | Actions]):
    """What people did: one action, or many."""


class ActionAccepted(BaseModel):
    """The action was recorded."""

    accepted: Literal[1]


class ActionCounts(BaseModel):
    """How many actions had which outcome."""

    accepted: Count
    limited: Count
    invalid: Count


class RefusedAction(BaseModel):
    """An action that was not recorded; ``index`` is its place, from 0."""

    index: Count
    outcome: Literal["limited", "invalid"]
    problem: Problem


class ActionsAnswer(BaseModel):
    """What became of many actions: all that were not accepted are named."""

    counts: ActionCounts
    refused: list[RefusedAction]
