"""``batchwell token``: create, list and revoke access tokens, on the store directly."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import click

from batchwell.access_tokens import Scope, digest_of, is_token_name, new_secret
from batchwell.commands.store_opening import open_store_alone

_VERBS = {Scope.SUBMIT: "submit", Scope.ADMIN: "administer"}
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Scopes(click.ParamType[list[Scope]]):
    """Reads ``read,submit``."""

    name = "scopes"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[Scope]:
        """Return the scopes, or fail naming the one that is none."""
        if isinstance(value, list):
            return value
        names = [name.strip() for name in value.split(",")]
        for name in names:
            if name not in list(Scope):
                self.fail(f"{name!r} is no scope: take of {', '.join(Scope)}", param, ctx)
        return [Scope(name) for name in names]


class Lifetime(click.ParamType[timedelta]):
    """Reads ``90d``, ``12h``, ``30m``, ``4w``."""

    name = "lifetime"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        """Return the lifetime, or fail saying how one is written."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", value)
        if found is None:
            self.fail(f"{value!r} is no lifetime such as 30m, 12h, 90d or 4w", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.group()
def token() -> None:
    """Say who may use the web app: create, list and revoke bearer tokens.

    Once there is a token, every call needs one, also on this machine.
    """


@token.command()
@click.argument("name")
@click.option(
    "--scopes",
    type=Scopes(),
    default="read",
    show_default=True,
    help="What it allows: read, submit, admin; admin implies submit, which implies read.",
)
@click.option(
    "--expires", "lifetime", type=Lifetime(), help="When it ends: 90d, 12h, 30m; else never."
)
def create(name: str, scopes: list[Scope], lifetime: timedelta | None) -> None:
    """Create the token NAME and print its secret, this once: only a digest of it is kept.

    The secret alone goes to the standard output, so that this works:

    \b
        export BATCHWELL_TOKEN=$(batchwell token create laptop --scopes submit)
    """
    if not is_token_name(name):
        told = "NAME may have 63 letters, digits, '.', '_', '@' and '-', and begins with no sign"
        raise click.BadParameter(told, param_hint="NAME")
    secret = new_secret()
    with open_store_alone() as store:
        made = store.grant(name, digest_of(secret), scopes, lifetime=lifetime)
        tokens = store.tokens()
    ends = f"until {_spell(made.expires_at)}" if made.expires_at else "until it is revoked"
    click.echo(f"{name} may {_list(made.scopes)} {ends}. Its secret is shown this once:", err=True)
    click.echo(secret)
    if len(tokens) == 1:
        click.echo(f"It is the first token: {_first_told(made.scopes)}", err=True)


@token.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_tokens(as_json: bool) -> None:
    """List the tokens: what each may do, and until when."""
    with open_store_alone() as store:
        tokens = store.tokens()
    rows = [
        {
            "name": each.name,
            "scopes": [scope for scope in Scope if scope in each.scopes],
            "created_at": _spell(each.created_at),
            "expires_at": each.expires_at and _spell(each.expires_at),
            "expired": each.is_expired,
        }
        for each in tokens
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for each in tokens:
        end = "ended" if each.is_expired else "ends"
        until = f"{end} {_spell(each.expires_at)}" if each.expires_at else "no end"
        click.echo(f"{each.name:24}  {_list(each.scopes):21}  {until}")
    if not tokens:
        click.echo("There is no token: the web app serves this machine alone.", err=True)


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Revoke the token NAME: within seconds no call with it, and no session, is served."""
    with open_store_alone() as store:
        store.revoke(name)
        is_open = not store.tokens()
    if is_open:
        told = "It was the last token: on this machine, calls need none from now on."
        click.echo(told, err=True)


def _first_told(scopes: frozenset[Scope]) -> str:
    """Say what the first token means for everybody, and what nobody may do yet."""
    told = "from now on every call needs one."
    lacking = [verb for scope, verb in _VERBS.items() if scope not in scopes]
    if lacking:
        told += f" No token may {' or '.join(lacking)} yet: create one with --scopes admin."
    return told


def _list(scopes: frozenset[Scope]) -> str:
    return ", ".join(scope for scope in Scope if scope in scopes)


def _spell(date: datetime) -> str:
    return f"{date:%Y-%m-%dT%H:%M:%SZ}"
