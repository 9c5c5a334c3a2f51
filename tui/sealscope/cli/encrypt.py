"""`sealscope encrypt`: files to messages."""

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
from sealscope.cli.options_base64 import encode_option
from sealscope.cli.options_caching import caching_option
from sealscope.cli.options_context import context_option, required_context_option
from sealscope.cli.options_keys import NamedKeyFile, key_option, raw_key_options, raw_keys_of
from sealscope.cli.options_message import (
    commitment_policy_option,
    frame_length_option,
    max_encrypted_data_keys_option,
    suite_option,
)
from sealscope.engine.cache_limits import CACHING_TRADE_OFF

if TYPE_CHECKING:
    from sealscope.jobs.request import Caching


@click.command("encrypt", short_help="Encrypt files.")
@paths_argument
@key_option(
    "Wrap the data key with this KMS key: a key id, key ARN, alias or alias ARN. Give one for each "
    "key that is to open the file."
)
@raw_key_options(
    aes="Wrap the data key with the AES key in this file, 16, 24 or 32 bytes, for readers without "
    "KMS who hold the same file. They name it by the same NAMESPACE and NAME.",
    rsa="Wrap the data key with the RSA public key in this file, for readers without KMS who keep "
    "the private key to themselves.",
    padding="Padding of the --raw-rsa keys: oaep-mgf1-sha256, -sha384 or -sha512, oaep-sha1 or "
    "pkcs1. Take another only for readers that lack the default; the last two are for old ones.",
)
@context_option(
    "Add this pair to the encryption context: a purpose or an owner, to be demanded when the file "
    "is opened. It is not secret."
)
@required_context_option(
    "Authenticate this pair of the context without storing it, so that only who knows it can open "
    "the file. AWS's CLI, its SDK for JavaScript and that for Python up to version 3 cannot read "
    "such files."
)
@output_options
@suite_option
@frame_length_option
@commitment_policy_option(
    "What may be written. Both require-encrypt-require-decrypt and require-encrypt-allow-decrypt "
    "write with key commitment, as is right; take forbid-encrypt-allow-decrypt only for readers "
    "from before 2020, which do not know it."
)
@max_encrypted_data_keys_option(
    "Refuse to write more recipients. Raise it when all readers raise their limit too."
)
@caching_option(
    "Use a data key again for other files of this run, within these limits: max-age=600 makes one "
    f"KMS call for thousands of files. {CACHING_TRADE_OFF} Keep max-messages low where that "
    "matters."
)
@encode_option
@json_option
@connection_options(shown=CONNECTION)
def command(
    *,
    paths: tuple[str, ...],
    keys: tuple[str, ...],
    raw_aes: tuple[NamedKeyFile, ...],
    raw_rsa: tuple[NamedKeyFile, ...],
    rsa_padding: str,
    context: tuple[tuple[str, str], ...],
    required_context: tuple[str, ...],
    out: str | None,
    suite: str | None,
    frame_length: int | None,
    commitment_policy: str,
    max_encrypted_data_keys: int,
    caching: Caching | None,
    encode: bool,
    connection: ConnectionChoice,
    recursive: bool,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Encrypt files.

    NAME becomes NAME.encrypted. The first key generates the data key. PATH - is standard input.
    """
    from sealscope.cli.jobs import Ends, run_jobs
    from sealscope.jobs.request import Kind, SealOptions

    raw_keys = raw_keys_of(raw_aes, raw_rsa, rsa_padding)
    _check(keys or raw_keys, suite, commitment_policy, context, required_context)
    options = SealOptions(
        keys=keys,
        raw_keys=raw_keys,
        context=context,
        required_context=required_context,
        suite=suite,
        frame_length=frame_length,
        commitment_policy=commitment_policy,
        max_encrypted_data_keys=max_encrypted_data_keys,
        caching=caching,
        encode=encode,
    )
    ends = Ends(paths, out, recursive=recursive, overwrite=overwrite)
    return run_jobs(Kind.ENCRYPT, ends, options, connection, as_json=as_json)


def _check(
    keys: tuple[object, ...],
    suite: str | None,
    commitment_policy: str,
    context: tuple[tuple[str, str], ...],
    required_context: tuple[str, ...],
) -> None:
    """Refuse at once what would be refused for every file.

    Raises:
        UsageError: no key, a suite that the policy forbids, or a required name without a value.
    """
    from sealscope.engine.encryption_context import check_required_context
    from sealscope.engine.policy import CommitmentPolicy
    from sealscope.engine.suites import suite_by_name
    from sealscope.errors import CommitmentPolicyError, UsageError

    if not keys:
        raise UsageError(
            "No key was named",
            hint="Name one with -k: an alias, a key id or an ARN; `sealscope keys` lists them. "
            "--raw-aes and --raw-rsa take keys in files.",
        )
    if suite is not None:
        try:
            CommitmentPolicy(commitment_policy).check_encrypt(suite_by_name(suite))
        except CommitmentPolicyError as refusal:
            hint = "See --suite and --commitment-policy in `sealscope encrypt --help`."
            raise UsageError(refusal.title, refusal.detail, hint) from refusal
    check_required_context(dict(context), required_context)
