"""`sealscope kms`: KMS's own operations on small data."""

from __future__ import annotations

from typing import Any

import click

from sealscope.cli.connect import open_gate
from sealscope.cli.exit_status import DONE
from sealscope.cli.kms_input import (
    ciphertext_input,
    plaintext_input,
    read_ciphertext,
    read_plaintext,
)
from sealscope.cli.kms_options import (
    algorithm_option,
    context_option,
    data_key_length,
    key_option,
    length_of,
    source_key_option,
)
from sealscope.cli.kms_output import (
    Ends,
    give_ciphertext,
    give_data_key,
    give_plaintext,
    give_random,
    output_options,
    told,
)
from sealscope.cli.options import CONNECTION, ConnectionChoice, connection_options

Pairs = tuple[tuple[str, str], ...]
_CONTEXT = "Encrypt under this context. Decrypting needs exactly the same."
_SAME_CONTEXT = "Decrypt under this context, exactly the one that was encrypted under."


class _InOrder(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group(
    "kms",
    cls=_InOrder,
    short_help="Use KMS itself on small data.",
    no_args_is_help=False,
)
@connection_options(shown=())
@click.pass_context
def command(ctx: click.Context, /, *, connection: ConnectionChoice) -> int:
    """Use KMS itself on small data, 4,096 bytes at most.

    For anything longer there is `sealscope encrypt`. Results are Base64, one line; -o writes
    bytes to a file, and --raw to a pipe. Decrypted plaintexts are shown only when asked for,
    with --show, --raw or -o.
    """
    ctx.obj = connection
    return DONE


@command.command("encrypt", short_help="Encrypt small data.")
@plaintext_input
@key_option("Encrypt under this key: an id, an ARN or an alias.")
@context_option(_CONTEXT)
@algorithm_option("Encrypt by this algorithm. RSA keys need one of theirs.")
@output_options()
@connection_options(shown=CONNECTION)
def encrypt(
    *,
    key_id: str,
    context: Pairs,
    algorithm: str,
    connection: ConnectionChoice,
    **rest: Any,
) -> int:
    """Encrypt small data, and print the ciphertext.

    PATH is a file, - standard input.
    """
    from sealscope.kms import small_data

    ends, given = _parted(rest)

    def work() -> None:
        plaintext = read_plaintext(given)
        small_data.check_plaintext(plaintext)
        with open_gate(connection) as gate:
            sealed = small_data.encrypt(
                gate, key_id, plaintext, context=dict(context), algorithm=algorithm
            )
        facts = {"key_id": sealed.key_arn, "encryption_algorithm": sealed.algorithm}
        give_ciphertext(ends, sealed.ciphertext, facts)

    return told(ends, work)


@command.command("decrypt", short_help="Decrypt small data.")
@ciphertext_input
@key_option(
    "Decrypt with this key, and refuse any other. Without it KMS takes the key that the"
    " ciphertext names.",
    required=False,
)
@context_option(_SAME_CONTEXT)
@algorithm_option("Decrypt by this algorithm. RSA keys need the one that was encrypted by.")
@output_options(show=True)
@connection_options(shown=CONNECTION)
def decrypt(
    *,
    key_id: str | None,
    context: Pairs,
    algorithm: str,
    connection: ConnectionChoice,
    **rest: Any,
) -> int:
    """Decrypt small data, and say which key opened it.

    PATH is a file, - standard input. The plaintext is shown with --show, --raw or -o only.
    """
    from sealscope.kms import small_data

    ends, given = _parted(rest)

    def work() -> None:
        ciphertext = read_ciphertext(given)
        small_data.check_ciphertext(ciphertext)
        with open_gate(connection, needs_keys=True) as gate:
            opened = small_data.decrypt(
                gate, ciphertext, key_id=key_id or "", context=dict(context), algorithm=algorithm
            )
        facts = {
            "key_id": opened.key_arn,
            "key_material_id": opened.key_material_id,
            "encryption_algorithm": opened.algorithm,
        }
        give_plaintext(ends, opened.plaintext, facts)

    return told(ends, work)


@command.command("re-encrypt", short_help="Put small data under another key.")
@ciphertext_input
@key_option("Put it under this key: an id, an ARN or an alias.", "--destination-key-id")
@context_option(_CONTEXT, "-c", "--context", "--destination-encryption-context")
@algorithm_option(
    "Encrypt by this algorithm.",
    "--encryption-algorithm",
    "--destination-encryption-algorithm",
)
@source_key_option("Refuse what is not under this key. RSA keys must be named.")
@context_option(
    _SAME_CONTEXT, "--source-context", "--source-encryption-context", into="source_context"
)
@algorithm_option(
    "Decrypt by this algorithm.", "--source-encryption-algorithm", into="source_algorithm"
)
@output_options()
@connection_options(shown=CONNECTION)
def re_encrypt(
    *,
    key_id: str,
    context: Pairs,
    algorithm: str,
    source_key_id: str | None,
    source_context: Pairs,
    source_algorithm: str,
    connection: ConnectionChoice,
    **rest: Any,
) -> int:
    """Put small data under another key or context, inside KMS, and print the new ciphertext.

    PATH is a file, - standard input.
    """
    from sealscope.kms import small_data

    ends, given = _parted(rest)

    def work() -> None:
        ciphertext = read_ciphertext(given)
        small_data.check_ciphertext(ciphertext)
        with open_gate(connection, needs_keys=True) as gate:
            moved = small_data.re_encrypt(
                gate,
                ciphertext,
                key_id,
                context=dict(context),
                algorithm=algorithm,
                source_key_id=source_key_id or "",
                source_context=dict(source_context),
                source_algorithm=source_algorithm,
            )
        facts = {
            "key_id": moved.key_arn,
            "key_material_id": moved.key_material_id,
            "encryption_algorithm": moved.algorithm,
            "source_key_id": moved.source_key_arn,
            "source_key_material_id": moved.source_key_material_id,
            "source_encryption_algorithm": moved.source_algorithm,
        }
        give_ciphertext(ends, moved.ciphertext, facts)

    return told(ends, work)


@command.command("generate-data-key", short_help="Make a data key.")
@key_option("Wrap the data key under this key: an id, an ARN or an alias.")
@context_option(_CONTEXT)
@data_key_length
@output_options(raw=False, show=True)
@connection_options(shown=CONNECTION)
def generate_data_key(
    *,
    key_id: str,
    context: Pairs,
    key_spec: str | None,
    number_of_bytes: int | None,
    connection: ConnectionChoice,
    **rest: Any,
) -> int:
    """Make a data key, and print it encrypted.

    Its plaintext is shown with --show, or written to a file with -o, only.
    """
    from sealscope.errors import UsageError
    from sealscope.kms import small_data

    ends, _ = _parted(rest)
    if ends.is_raw:
        raise UsageError(
            "Standard output takes the encrypted data key",
            hint="Name a file for the plaintext with -o FILE, or print it with --show.",
        )
    length = length_of(key_spec, number_of_bytes)

    def work() -> None:
        with open_gate(connection) as gate:
            made = small_data.generate_data_key(
                gate, key_id, number_of_bytes=length, context=dict(context)
            )
        facts = {"key_id": made.key_arn, "key_material_id": made.key_material_id}
        if made.plaintext is not None:
            give_data_key(ends, made.plaintext, made.ciphertext, facts)

    return told(ends, work)


@command.command(
    "generate-data-key-without-plaintext", short_help="Make a data key that is only encrypted."
)
@key_option("Wrap the data key under this key: an id, an ARN or an alias.")
@context_option(_CONTEXT)
@data_key_length
@output_options()
@connection_options(shown=CONNECTION)
def generate_data_key_without_plaintext(
    *,
    key_id: str,
    context: Pairs,
    key_spec: str | None,
    number_of_bytes: int | None,
    connection: ConnectionChoice,
    **rest: Any,
) -> int:
    """Make a data key that leaves KMS encrypted only, and print that."""
    from sealscope.kms import small_data

    ends, _ = _parted(rest)
    length = length_of(key_spec, number_of_bytes)

    def work() -> None:
        with open_gate(connection) as gate:
            made = small_data.generate_data_key_without_plaintext(
                gate, key_id, number_of_bytes=length, context=dict(context)
            )
        facts = {"key_id": made.key_arn, "key_material_id": made.key_material_id}
        give_ciphertext(ends, made.ciphertext, facts)

    return told(ends, work)


@command.command("generate-random", short_help="Make random bytes.")
@click.option(
    *("-n", "--number-of-bytes"),
    type=click.IntRange(1, 1024),
    required=True,
    metavar="N",
    help="Make so many bytes, at most 1024.",
)
@output_options()
@connection_options(shown=CONNECTION)
def generate_random(*, number_of_bytes: int, connection: ConnectionChoice, **rest: Any) -> int:
    """Print random bytes from KMS's generator."""
    from sealscope.kms import small_data

    ends, _ = _parted(rest)

    def work() -> None:
        with open_gate(connection) as gate:
            content = small_data.generate_random(gate, number_of_bytes)
        give_random(ends, content)

    return told(ends, work)


def _parted(rest: dict[str, Any]) -> tuple[Ends, dict[str, str | None]]:
    """Where the result goes, and what the input is."""
    names = Ends.__dataclass_fields__
    ends = Ends(**{name: value for name, value in rest.items() if name in names})
    return ends, {name: value for name, value in rest.items() if name not in names}
