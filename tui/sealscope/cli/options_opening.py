"""The options of opening a message, which `decrypt` and `verify` share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from sealscope.cli.options import Command
from sealscope.cli.options_base64 import decode_option
from sealscope.cli.options_caching import caching_option
from sealscope.cli.options_context import context_option
from sealscope.cli.options_keys import (
    NamedKeyFile,
    discovery_options,
    key_option,
    raw_key_options,
    raw_keys_of,
)
from sealscope.cli.options_message import (
    commitment_policy_option,
    max_encrypted_data_keys_option,
    max_length_option,
)

if TYPE_CHECKING:
    from sealscope.jobs.request import Caching, OpenOptions

_OPTIONS: Final[tuple[Callable[[Any], Any], ...]] = (
    key_option("Open with this KMS key: a key id, key ARN, alias or alias ARN."),
    discovery_options,
    raw_key_options(
        aes="Open with the AES key in this file, for what was encrypted under one instead of KMS. "
        "The names are those that the file was encrypted with.",
        rsa="Open with the RSA private key in this file, for what was encrypted under its public "
        "key.",
        padding="Padding of the --raw-rsa keys. Name the one that the file was encrypted with: "
        "the file does not say it.",
    ),
    context_option(
        "Demand this pair in the encryption context. Give every pair that was not stored."
    ),
    commitment_policy_option(
        "Refuse messages without key commitment. Allow them with require-encrypt-allow-decrypt "
        "for files from before 2020 whose origin you trust; with decrypting, "
        "forbid-encrypt-allow-decrypt is the same."
    ),
    max_encrypted_data_keys_option(
        "Refuse messages with more recipients, each of which can cost a KMS call. Raise it for "
        "files that were encrypted for many keys."
    ),
    max_length_option,
    caching_option(
        "Keep an opened data key for max-age seconds, for files that were encrypted under the "
        "same one: thousands of them then cost a few KMS calls. A key that is disabled meanwhile "
        "still opens them until then."
    ),
    decode_option,
)


def opening_options(command: Command) -> Callable[..., Any]:
    """Add the options of opening a message; the command receives one argument, `options`.

    The command's own `paths` are looked at for the keys to propose when none was named.
    """

    @wraps(command)
    def collected(*, paths: tuple[str, ...], **given: Any) -> Any:
        names = (
            "keys", "discovery", "accounts", "partition", "raw_aes", "raw_rsa", "rsa_padding",
            "context", "commitment_policy", "max_encrypted_data_keys", "max_length", "caching",
            "decode",
        )  # fmt: skip
        options = _collect(paths, **{name: given.pop(name) for name in names})
        return command(paths=paths, options=options, **given)

    result: Callable[..., Any] = collected
    for option in reversed(_OPTIONS):
        result = option(result)
    return result


def _collect(
    paths: tuple[str, ...],
    *,
    keys: tuple[str, ...],
    discovery: bool,
    accounts: tuple[str, ...],
    partition: str | None,
    raw_aes: tuple[NamedKeyFile, ...],
    raw_rsa: tuple[NamedKeyFile, ...],
    rsa_padding: str,
    context: tuple[tuple[str, str], ...],
    commitment_policy: str,
    max_encrypted_data_keys: int,
    max_length: int,
    caching: Caching | None,
    decode: bool,
) -> OpenOptions:
    from sealscope.errors import UsageError
    from sealscope.jobs.request import Discovery, OpenOptions

    if keys and discovery:
        raise UsageError(
            "Keys and discovery exclude each other",
            hint="Name the keys with -k, or use --discovery without -k.",
        )
    if (accounts or partition) and not discovery:
        raise UsageError(
            "--account and --partition are filters of --discovery", hint="Add --discovery."
        )
    raw_keys = raw_keys_of(raw_aes, raw_rsa, rsa_padding)
    if not keys and not discovery and not raw_keys:
        from sealscope.cli.recipients import no_key_named

        raise no_key_named(paths, decode=decode)
    return OpenOptions(
        keys=keys,
        raw_keys=raw_keys,
        discovery=Discovery(accounts, partition) if discovery else None,
        context=context,
        commitment_policy=commitment_policy,
        max_encrypted_data_keys=max_encrypted_data_keys,
        max_length=max_length,
        caching=caching,
        decode=decode,
    )
