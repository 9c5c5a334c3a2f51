"""`sealscope decrypt`: messages to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sealscope.cli.options import (
    CONNECTION,
    ConnectionChoice,
    connection_options,
    json_option,
    output_options,
    paths_argument,
)
from sealscope.cli.options_opening import opening_options

if TYPE_CHECKING:
    from sealscope.jobs.request import OpenOptions


@click.command("decrypt", short_help="Decrypt files.")
@paths_argument
@opening_options
@output_options
@click.option(
    "--allow-unverified-stream",
    is_flag=True,
    help="Write to standard output before the whole message is authenticated: sooner, and with "
    "no copy held back, where a reader can take back what turns out to be wrong.",
)
@json_option
@connection_options(shown=CONNECTION)
def command(
    *,
    paths: tuple[str, ...],
    options: OpenOptions,
    out: str | None,
    connection: ConnectionChoice,
    recursive: bool,
    overwrite: bool,
    allow_unverified_stream: bool,
    as_json: bool,
) -> int:
    """Decrypt files.

    NAME.encrypted becomes NAME, any other NAME becomes NAME.decrypted. Name the keys with -k,
    --raw-aes or --raw-rsa, or ask for --discovery. PATH - is standard input.
    """
    from sealscope.cli.jobs import Ends, run_jobs
    from sealscope.jobs.request import Kind

    ends = Ends(
        paths,
        out,
        recursive=recursive,
        overwrite=overwrite,
        allow_unverified=allow_unverified_stream,
    )
    return run_jobs(Kind.DECRYPT, ends, options, connection, as_json=as_json)
