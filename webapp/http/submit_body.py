"""The JSON body of a submit, checked member by member."""

from __future__ import annotations

from typing import Annotated, TypeVar

from flask import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from batchwell.errors import FieldError
from batchwell.parameters import field_errors
from batchwell.records import Priority
from webapp.http.json_body import decode, read_body
from webapp.problems import Refused

# As long as anything lasts: beyond it nothing in the store is that old.
_LONGEST_SECONDS = 1e10


class SubmitOptions(BaseModel):
    """What a client may say beside the parameters, for one item or for all of a bulk."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    priority: Annotated[Priority, Field(strict=False)] = Priority.NORMAL
    max_age: Annotated[float, Field(ge=0)] | None = Field(
        None, description="A known value older than these seconds is computed anew; 0: any is."
    )
    expires_in: Annotated[float, Field(gt=0)] | None = Field(
        None, description="What has not begun within these seconds expires."
    )
    webhook: str | None = Field(
        None, description="Where to tell of the request's end (Standard Webhooks): a URL."
    )

    @field_validator("max_age", "expires_in")
    @classmethod
    def _cut(cls, seconds: float | None) -> float | None:
        return None if seconds is None else min(seconds, _LONGEST_SECONDS)


class SubmitBody(SubmitOptions):
    """What a client says when it asks for a computing."""

    params: object


Body = TypeVar("Body", bound=BaseModel)


def read_submit_body(request: Request) -> SubmitBody:
    """Read the body; raise `Refused` (415, 413, 400 or 422) naming what is wrong with it."""
    return check_members(SubmitBody, decode(read_body(request)))


def check_members(model: type[Body], members: object) -> Body:
    """Return the body that has these members; raise `Refused` naming those that do not fit."""
    if not isinstance(members, dict):
        errors = [FieldError(field="body", message="must be a JSON object")]
        raise Refused("invalid-body", "The body must be a JSON object.", errors)
    try:
        return model.model_validate(members)
    except ValidationError as error:
        told = "The body has members that do not fit."
        raise Refused("invalid-body", told, field_errors(error)) from None
