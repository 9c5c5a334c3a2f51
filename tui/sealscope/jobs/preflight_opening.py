"""What is checked of a message before it is decrypted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from sealscope.engine.decrypt import verification_key
from sealscope.engine.encryption_context import merge_expected
from sealscope.engine.header import Header, parse_header, parse_header_auth
from sealscope.engine.kms import KmsService, UnwrappedDataKey
from sealscope.engine.limits import ReadLimits
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.streams import ByteInput
from sealscope.errors import SealscopeError
from sealscope.formats.base64_text import decoded
from sealscope.jobs.check import Check, CheckState, failed
from sealscope.jobs.keyrings import opening_keyring
from sealscope.jobs.raw_keys import concerns_about
from sealscope.jobs.request import OpenOptions
from sealscope.kms.facade import KmsGate


def check_opening(options: OpenOptions, stream: BinaryIO, gate: KmsGate) -> Iterator[Check]:
    """The header, the context, and whether a key opens it: by dry runs of KMS's Decrypt.

    Needs kms:DescribeKey for keys that are not named by ARN, and kms:Decrypt.
    """
    try:
        limits = ReadLimits(max_encrypted_data_keys=options.max_encrypted_data_keys)
        message = ByteInput(decoded(stream) if options.decode else stream)
        header = parse_header(message, limits)
        parse_header_auth(message, header)
        CommitmentPolicy(options.commitment_policy).check_decrypt(header.suite)
    except SealscopeError as error:
        yield failed("message", error)
        return
    yield Check("message", CheckState.OK, f"suite {header.suite.hex_id}, {header.suite.name}")
    difference = _context_difference(header, options)
    if difference:
        yield difference
    yield _opening_key(header, options, gate)
    yield from _odd_key_files(options)


def _context_difference(header: Header, options: OpenOptions) -> Check | None:
    try:
        full, required = merge_expected(header.encryption_context, dict(options.context))
        verification_key(full, header.suite)
    except SealscopeError as error:
        return failed("context", error)
    if required:
        text = f"not stored in the file: {', '.join(required)}; right only if it was required"
        return Check("context", CheckState.WARNING, text)
    return None


class _Yes(Exception):  # noqa: N818 - not an error: it ends the search
    """A dry run succeeded."""


class _DryRuns:
    """KMS for a keyring that only wants to know whether Decrypt would succeed."""

    def __init__(self, gate: KmsGate) -> None:
        self._gate = gate

    def decrypt(
        self, key_id: str, ciphertext: bytes, context: Mapping[str, str]
    ) -> UnwrappedDataKey:
        self._gate.dry_run(
            "Decrypt", KeyId=key_id, CiphertextBlob=ciphertext, EncryptionContext=dict(context)
        )
        raise _Yes(key_id)


def _opening_key(header: Header, options: OpenOptions, gate: KmsGate) -> Check:
    """The first encrypted data key that can be opened, or why none can."""
    context = {**dict(options.context), **header.encryption_context}
    try:
        keyring = opening_keyring(options, gate, cast("KmsService", _DryRuns(gate)))
        opened = keyring.open(header.encrypted_data_keys, header.suite, context)
    except _Yes as yes:
        return Check("key", CheckState.OK, f"{yes}: Decrypt says yes")
    except SealscopeError as error:
        return failed("key", error)
    # Only a raw key answers a trial with a data key, which is dropped here.
    return Check("key", CheckState.OK, f"{opened.opened_by}: opens it")


def _odd_key_files(options: OpenOptions) -> Iterator[Check]:
    for key in options.raw_keys:
        try:
            concerns = concerns_about(key)
        except SealscopeError:
            continue  # the check of the keys has told it
        for concern in concerns:
            yield Check("key", CheckState.WARNING, concern)
