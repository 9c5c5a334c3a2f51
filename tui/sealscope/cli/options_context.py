"""Options for the encryption context: its pairs, and which of them are not stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from sealscope.cli.options import NOT_EMPTY, Command


class ContextPair(click.ParamType[tuple[str, str]]):
    """One `NAME=VALUE` of an encryption context."""

    name = "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split at the first `=`; both sides must be text that UTF-8 can hold."""
        if isinstance(value, tuple):
            return value
        name, equals, content = str(value).partition("=")
        if not name or not equals:
            self.fail(f"{value!r} is not NAME=VALUE.", param, ctx)
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            self.fail(f"{value!r} is not UTF-8.", param, ctx)
        return name, content


def unique_names(
    ctx: click.Context, param: click.Parameter, pairs: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """Refuse a context that gives one name two values."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise click.BadParameter(f"{name!r} is given twice.", ctx, param)
        seen.add(name)
    return pairs


def context_option(text: str) -> Callable[[Command], Command]:
    """The option `-c NAME=VALUE`."""
    return click.option(
        "-c",
        "--context",
        "context",
        type=ContextPair(),
        multiple=True,
        callback=unique_names,
        metavar="NAME=VALUE",
        help=text,
    )


def required_context_option(text: str) -> Callable[[Command], Command]:
    """The option `--required-context NAME`."""
    return click.option(
        "--required-context",
        "required_context",
        type=NOT_EMPTY,
        multiple=True,
        metavar="NAME",
        help=text,
    )
