"""What a user should know of the options that were given, told on standard error."""

from __future__ import annotations

from sealscope.cli.output import note
from sealscope.jobs.request import OpenOptions, SealOptions


def look_at_options(options: SealOptions | OpenOptions) -> None:
    """Read the files of raw keys, and say what is odd about them, and who is kept out.

    Raises:
        UsageError: a key file cannot be read, or an AES key's has a wrong length.
    """
    if options.raw_keys:
        from sealscope.jobs.raw_keys import concerns_about
    for key in options.raw_keys:
        for words in concerns_about(key):
            note("sealscope: {}", words)
    if isinstance(options, SealOptions) and options.required_context:
        note(
            "sealscope: whoever decrypts must give {}. aws-encryption-cli and AWS's SDKs for"
            " JavaScript, and for Python up to version 3, cannot read such messages",
            ", ".join(options.required_context),
        )
