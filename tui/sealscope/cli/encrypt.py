"""`sealscope encrypt`: files to messages."""

from __future__ import annotations

import click

from sealscope.cli.options import (
    CONNECTION,
    ConnectionChoice,
    connection_options,
    context_option,
    json_option,
    key_option,
    max_encrypted_data_keys_option,
    output_options,
    paths_argument,
)


@click.command("encrypt", short_help="Encrypt files.")
@paths_argument
@key_option("Wrap the data key with this key: a key id, key ARN, alias or alias ARN.")
@context_option("Add this pair to the encryption context. It is not secret.")
@output_options
@click.option(
    "--suite",
    type=click.Choice(["0578", "0478"]),
    default="0578",
    show_default=True,
    help="Use this algorithm suite: 0578 signs the message, 0478 does not.",
)
@click.option(
    "--frame-length",
    type=click.IntRange(1, 2**31 - 1),
    metavar="N",
    help="Put N bytes of plaintext in a frame.",
)
@max_encrypted_data_keys_option("Refuse to write more recipients.")
@json_option
@connection_options(shown=CONNECTION)
def command(
    *,
    paths: tuple[str, ...],
    keys: tuple[str, ...],
    context: tuple[tuple[str, str], ...],
    out: str | None,
    suite: str,
    frame_length: int | None,
    max_encrypted_data_keys: int,
    connection: ConnectionChoice,
    recursive: bool,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Encrypt files.

    NAME becomes NAME.encrypted. The first key generates the data key. PATH - is standard input.
    """
    from sealscope.cli.jobs import Ends, run_jobs
    from sealscope.errors import UsageError
    from sealscope.jobs.request import Kind, SealOptions

    if not keys:
        raise UsageError(
            "No key was named",
            hint="Name one with -k: an alias, a key id or an ARN. `sealscope keys` lists them.",
        )
    options = SealOptions(
        keys=keys,
        context=context,
        suite=suite,
        frame_length=frame_length,
        max_encrypted_data_keys=max_encrypted_data_keys,
    )
    ends = Ends(paths, out, recursive=recursive, overwrite=overwrite)
    return run_jobs(Kind.ENCRYPT, ends, options, connection, as_json=as_json)
