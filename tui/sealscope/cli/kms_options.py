"""Options of `sealscope kms`: the keys, the context, the algorithm. Named as AWS's tools do too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import click

from sealscope.cli.options import NOT_EMPTY, Command
from sealscope.cli.options_context import ContextPair, unique_names

ALGORITHMS: Final = ("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", "SM2PKE")
KEY_BYTES: Final = {"AES_256": 32, "AES_128": 16}


def key_option(text: str, *more: str, required: bool = True) -> Callable[[Command], Command]:
    """The option `-k KEY`, also called `--key-id`, and by the other names in `more`."""
    return click.option(
        *("-k", "--key", "--key-id", *more, "key_id"),
        type=NOT_EMPTY,
        required=required,
        metavar="KEY",
        help=text,
    )


def source_key_option(text: str) -> Callable[[Command], Command]:
    """The option `--source-key KEY`."""
    return click.option(
        *("--source-key", "--source-key-id", "source_key_id"),
        type=NOT_EMPTY,
        metavar="KEY",
        help=text,
    )


def context_option(text: str, *names: str, into: str = "context") -> Callable[[Command], Command]:
    """The option `-c NAME=VALUE`, or the one that has these names."""
    return click.option(
        *(names or ("-c", "--context", "--encryption-context")),
        into,
        type=ContextPair(),
        multiple=True,
        callback=unique_names,
        metavar="NAME=VALUE",
        help=text,
    )


def algorithm_option(
    text: str, *names: str, into: str = "algorithm"
) -> Callable[[Command], Command]:
    """The option `--encryption-algorithm`, or the one that has these names."""
    return click.option(
        *(names or ("--encryption-algorithm",)),
        into,
        type=click.Choice(ALGORITHMS),
        default=ALGORITHMS[0],
        show_default=True,
        help=text,
    )


def data_key_length(command: Command) -> Command:
    """The options `--key-spec` and `--number-of-bytes`; see `length_of`."""
    for option in (
        click.option(
            "--number-of-bytes",
            type=click.IntRange(1, 1024),
            metavar="N",
            help="Make a data key of this length instead.",
        ),
        click.option(
            "--key-spec",
            type=click.Choice(tuple(KEY_BYTES)),
            help="Make a data key for this cipher. AES_256 is what is made by default.",
        ),
    ):
        command = option(command)
    return command


def length_of(key_spec: str | None, number_of_bytes: int | None) -> int:
    """The length of a data key in bytes.

    Raises:
        UsageError: both options were given.
    """
    from sealscope.errors import UsageError

    if key_spec is not None and number_of_bytes is not None:
        raise UsageError(
            "The length of the data key is given twice",
            hint="Leave out --key-spec or --number-of-bytes.",
        )
    return number_of_bytes or KEY_BYTES[key_spec or "AES_256"]
