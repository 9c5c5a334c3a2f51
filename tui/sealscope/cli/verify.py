"""`sealscope verify`: authenticates messages, and writes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sealscope.cli.options import (
    CONNECTION,
    ConnectionChoice,
    connection_options,
    json_option,
    paths_argument,
    recursive_option,
)
from sealscope.cli.options_opening import opening_options

if TYPE_CHECKING:
    from sealscope.jobs.request import OpenOptions


@click.command("verify", short_help="Prove that files are whole, without writing anything.")
@paths_argument
@opening_options
@recursive_option
@json_option
@connection_options(shown=CONNECTION)
def command(
    *,
    paths: tuple[str, ...],
    options: OpenOptions,
    connection: ConnectionChoice,
    recursive: bool,
    as_json: bool,
) -> int:
    """Prove that files are whole, without writing anything.

    Everything is authenticated as in decrypting: header, frames, signature, and that nothing
    follows the end. Use it for backups, before the original is deleted. Name the keys as for
    decrypt. PATH - is standard input.
    """
    from sealscope.cli.jobs import Ends, run_jobs
    from sealscope.jobs.request import Kind

    ends = Ends(paths, None, recursive=recursive)
    return run_jobs(Kind.VERIFY, ends, options, connection, as_json=as_json)
