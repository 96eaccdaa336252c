"""``batchwell computations``, ``show`` and ``invalidate``."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import click

from batchwell.commands.web_opening import json_option, name_argument, open_client
from batchwell.commands.wording import json_text, print_json, print_pairs, print_table
from batchwell.example_values import required_params

_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "minLength": "length at least",
    "maxLength": "length at most",
    "minItems": "items at least",
    "maxItems": "items at most",
}


@click.command()
@json_option
def computations(as_json: bool) -> None:
    """List all computations, and how busy each is.

    \b
    Examples:
      batchwell computations
      batchwell computations --json | jq -r '.[].name'
    """
    with open_client() as client:
        entries = client.computations()
    if as_json:
        print_json([entry.document for entry in entries])
        return
    print_table(
        ("NAME", "WAITING", "RUNNING", "WORKERS", "VALUES", "TITLE"),
        [
            (
                entry.name,
                entry.counts.pending,
                entry.counts.running,
                entry.counts.workers,
                entry.counts.results,
                entry.title,
            )
            for entry in entries
        ],
    )


@click.command()
@name_argument
@json_option
def show(name: str, as_json: bool) -> None:
    """Show what the computation NAME takes, gives and promises, and how busy it is.

    \b
    Example:
      batchwell show fibonacci
    """
    with open_client(name) as client:
        entry = client.computation(name)
    if as_json:
        print_json(entry.document)
        return
    click.echo(f"{entry.name}: {entry.title}")
    _, _, rest = entry.description.partition("\n")
    for line in rest.strip().splitlines():
        click.echo(f"  {line}".rstrip())
    schema = entry.parameters
    required = schema.get("required", ())
    click.echo("\nParameters")
    print_pairs(
        (field, _parameter(schema, part, is_required=field in required))
        for field, part in schema.get("properties", {}).items()
    )
    click.echo("\nValue")
    print_pairs([("type", _type(entry.result, entry.result))])
    click.echo("\nPolicy")
    print_pairs((field, json_text(value)) for field, value in entry.policy.items())
    click.echo("\nCounts")
    print_pairs(asdict(entry.counts).items())
    click.echo(f"\nTry: batchwell submit {name}{''.join(_example(schema))} --wait")


@click.command()
@name_argument
@json_option
def invalidate(name: str, as_json: bool) -> None:
    """Make every known value of the computation NAME stale.

    Each is served until it is recomputed, which its next reader brings about.

    \b
    Example:
      batchwell invalidate digits_classifier
    """
    with open_client(name) as client:
        begun = client.invalidate(name)
    if as_json:
        print_json(begun.document)
    else:
        click.echo(f"{name} is in generation {begun.generation}")


def _parameter(schema: Mapping[str, Any], part: Mapping[str, Any], *, is_required: bool) -> str:
    told = [_type(schema, part)]
    told += [f"{word} {part[bound]}" for bound, word in _BOUNDS.items() if bound in part]
    if not is_required:
        told.append(f"{json_text(part.get('default'))} if not given")
    about = part.get("description", "")
    return ", ".join(told) + (f": {about}" if about else "")


def _type(schema: Mapping[str, Any], part: Mapping[str, Any]) -> str:
    """Name the type of a part of a schema."""
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    if "enum" in part:
        return " or ".join(json_text(option) for option in part["enum"])
    if "const" in part:
        return json_text(part["const"])
    if options := part.get("anyOf") or part.get("oneOf"):
        return " or ".join(_type(schema, option) for option in options)
    if part.get("type") == "array" and part.get("items"):
        return f"list of {_type(schema, part['items'])}"
    return str(part.get("format") or part.get("type", "anything"))


def _example(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words for the parameters that must be given."""
    for field, value in required_params(schema).items():
        text = value if isinstance(value, str) else json_text(value)
        yield f" {shlex.quote(f'{field}={text}')}"
