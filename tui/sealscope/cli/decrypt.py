"""`sealscope decrypt`: messages to files."""

from __future__ import annotations

import click

from sealscope.cli.options import (
    CONNECTION,
    NOT_EMPTY,
    ConnectionChoice,
    connection_options,
    context_option,
    json_option,
    key_option,
    max_encrypted_data_keys_option,
    output_options,
    paths_argument,
)


@click.command("decrypt", short_help="Decrypt files.")
@paths_argument
@key_option("Open with this key: a key id, key ARN, alias or alias ARN.")
@click.option("--discovery", is_flag=True, help="Try every KMS key that the file names.")
@click.option(
    "--account",
    "accounts",
    type=NOT_EMPTY,
    multiple=True,
    metavar="ID",
    help="With --discovery, try only keys of this account.",
)
@click.option(
    "--partition",
    type=NOT_EMPTY,
    metavar="NAME",
    help="With --discovery, try only keys of this partition: aws.",
)
@context_option("Demand this pair in the encryption context.")
@output_options
@click.option(
    "--commitment-policy",
    type=click.Choice(["require-encrypt-require-decrypt", "require-encrypt-allow-decrypt"]),
    default="require-encrypt-require-decrypt",
    show_default=True,
    metavar="POLICY",
    help="Refuse messages without key commitment, or allow them with "
    "require-encrypt-allow-decrypt.",
)
@max_encrypted_data_keys_option("Refuse messages with more recipients.")
@click.option(
    "--allow-unverified-stream",
    is_flag=True,
    help="Write to standard output before the whole message is authenticated.",
)
@json_option
@connection_options(shown=CONNECTION)
def command(
    *,
    paths: tuple[str, ...],
    keys: tuple[str, ...],
    accounts: tuple[str, ...],
    partition: str | None,
    context: tuple[tuple[str, str], ...],
    out: str | None,
    commitment_policy: str,
    max_encrypted_data_keys: int,
    connection: ConnectionChoice,
    discovery: bool,
    recursive: bool,
    overwrite: bool,
    allow_unverified_stream: bool,
    as_json: bool,
) -> int:
    """Decrypt files.

    NAME.encrypted becomes NAME, any other NAME becomes NAME.decrypted. Name the keys with -k,
    or ask for --discovery. PATH - is standard input.
    """
    from sealscope.cli.jobs import Ends, run_jobs
    from sealscope.jobs.request import Discovery, Kind, OpenOptions

    _check(paths, keys, accounts, partition, discovery=discovery)
    options = OpenOptions(
        keys=keys,
        discovery=Discovery(accounts, partition) if discovery else None,
        context=context,
        commitment_policy=commitment_policy,
        max_encrypted_data_keys=max_encrypted_data_keys,
    )
    ends = Ends(
        paths,
        out,
        recursive=recursive,
        overwrite=overwrite,
        allow_unverified=allow_unverified_stream,
    )
    return run_jobs(Kind.DECRYPT, ends, options, connection, as_json=as_json)


def _check(
    paths: tuple[str, ...],
    keys: tuple[str, ...],
    accounts: tuple[str, ...],
    partition: str | None,
    *,
    discovery: bool,
) -> None:
    from sealscope.errors import UsageError

    if keys and discovery:
        raise UsageError(
            "Keys and discovery exclude each other",
            hint="Name the keys with -k, or use --discovery without -k.",
        )
    if (accounts or partition) and not discovery:
        raise UsageError(
            "--account and --partition are filters of --discovery", hint="Add --discovery."
        )
    if not keys and not discovery:
        from sealscope.cli.recipients import no_key_named

        raise no_key_named(paths)
