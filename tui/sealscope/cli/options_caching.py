"""The option `--caching`: how often a data key may be used again."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from sealscope.cli.options import Command
from sealscope.engine.cache_limits import MAX_BYTES, MAX_MESSAGES

if TYPE_CHECKING:
    from sealscope.jobs.request import Caching

_MOST: Final = {"max-bytes": MAX_BYTES, "max-messages": MAX_MESSAGES}
_NUMBER: Final = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)
_FORM: Final = "max-age=SECONDS,max-bytes=N,max-messages=N"


class CachingType(click.ParamType["Caching"]):
    """The limits of a cache of data keys, `max-age=SECONDS,max-bytes=N,max-messages=N`."""

    name = _FORM

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Caching:
        """Limits in any order; `max-age` must be one of them."""
        from sealscope.jobs.request import Caching

        if isinstance(value, Caching):
            return value
        given: dict[str, str] = {}
        for part in str(value).split(","):
            name, equals, number = part.partition("=")
            if not equals or name not in {"max-age", *_MOST}:
                self.fail(f"{part!r} is no limit; they are {_FORM}.", param, ctx)
            if name in given:
                self.fail(f"{name} is given twice.", param, ctx)
            given[name] = number
        if "max-age" not in given:
            self.fail(
                "max-age is missing: after how many seconds is a data key not used again?",
                param,
                ctx,
            )
        try:
            return Caching(
                max_age=_seconds(given["max-age"]),
                max_bytes=_count("max-bytes", given.get("max-bytes")),
                max_messages=_count("max-messages", given.get("max-messages")),
            )
        except ValueError as problem:
            self.fail(str(problem), param, ctx)


def caching_option(text: str) -> Callable[[Command], Command]:
    """The option `--caching`."""
    return click.option("--caching", type=CachingType(), metavar=_FORM, help=text)


def _seconds(text: str) -> float:
    # float() takes more than a number as people write it.
    seconds = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not (seconds > 0 and math.isfinite(seconds)):
        raise ValueError(f"max-age={text!r} is no number of seconds above 0.")
    return seconds


def _count(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    # int() takes more than digits, and refuses to look at very many of them.
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 30 else 0
    if not 1 <= count <= _MOST[name]:
        raise ValueError(f"{name}={text!r} is no number from 1 to {_MOST[name]}.")
    return count
