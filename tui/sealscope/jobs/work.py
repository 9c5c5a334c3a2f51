"""Do one job: read through the file gate, drive the engine, publish only what is verified."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import DEFAULT_FRAME_LENGTH, encrypt
from sealscope.engine.kms import KmsService
from sealscope.engine.kms_keyring import KmsKeyring
from sealscope.engine.managers import DefaultManager
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import SUITES, suite_by_name
from sealscope.errors import UsageError
from sealscope.files import open_output, open_source
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import EncryptRequest, Kind, OpenOptions, Request, SealOptions
from sealscope.kms.facade import KmsGate

Progress = Callable[[int], None]
STANDARD_STREAM = "-"


def perform(request: Request, gate: KmsGate, *, progress: Progress | None = None) -> Outcome:
    """Encrypt or decrypt one file.

    Args:
        request: what to do.
        gate: where KMS calls go.
        progress: called with the bytes of the source done so far; may raise `Cancelled`.

    Raises:
        SealscopeError: one of its kinds; the destination is then as it was before.
    """
    with (
        open_source(request.source) as source,
        open_output(
            request.destination, source=source, overwrite=request.overwrite, root=request.root
        ) as output,
    ):
        if isinstance(request, EncryptRequest):
            outcome = seal(source.stream, output.stream, request.options, gate, progress=progress)
        else:
            outcome = unseal(source.stream, output.stream, request.options, gate, progress=progress)
        source.verify_unchanged()
        output.publish()
    return replace(outcome, source=str(request.source), destination=str(request.destination))


def perform_from_stream(
    stream: BinaryIO,
    destination: Path,
    options: SealOptions | OpenOptions,
    gate: KmsGate,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Encrypt or decrypt standard input into a file that only its owner may read.

    Raises:
        SealscopeError: one of its kinds; the destination is then as it was before.
    """
    with open_output(destination, overwrite=overwrite) as output:
        if isinstance(options, SealOptions):
            outcome = seal(stream, output.stream, options, gate, progress=progress)
        else:
            outcome = unseal(stream, output.stream, options, gate, progress=progress)
        output.publish()
    return replace(outcome, destination=str(destination))


def seal(
    source: BinaryIO,
    sink: BinaryIO,
    options: SealOptions,
    gate: KmsGate,
    *,
    progress: Progress | None = None,
) -> Outcome:
    """Encrypt a stream into another; the caller publishes or discards what was written."""
    started = time.monotonic()
    if not options.keys:
        raise UsageError("No key was named", hint="Name one with -k: an alias, a key id or an ARN.")
    result = encrypt(
        source,
        sink,
        materials=DefaultManager(KmsKeyring.wrapping(gate, options.keys)),
        context=dict(options.context),
        suite=suite_by_name(options.suite) if options.suite else None,
        commitment_policy=CommitmentPolicy(options.commitment_policy),
        frame_length=options.frame_length or DEFAULT_FRAME_LENGTH,
        max_encrypted_data_keys=options.max_encrypted_data_keys,
        progress=progress,
    )
    return Outcome(
        kind=Kind.ENCRYPT,
        source=STANDARD_STREAM,
        destination=STANDARD_STREAM,
        suite=SUITES[result.suite_id].hex_id,
        recipients=result.recipients,
        encryption_context=result.encryption_context,
        opened_by=None,
        key_material_id=None,
        signature_verified=None,
        plaintext_bytes=result.plaintext_bytes,
        message_bytes=result.message_bytes,
        seconds=time.monotonic() - started,
    )


def unseal(
    source: BinaryIO,
    sink: BinaryIO,
    options: OpenOptions,
    gate: KmsGate,
    *,
    kms: KmsService | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Decrypt a stream into another; the caller publishes or discards what was written.

    Args:
        kms: where Decrypt goes, if not to the gate itself.
    """
    started = time.monotonic()
    result = decrypt(
        source,
        sink,
        materials=DefaultManager(keyring_for(options, gate, kms or gate)),
        expected_context=dict(options.context),
        commitment_policy=CommitmentPolicy(options.commitment_policy),
        max_encrypted_data_keys=options.max_encrypted_data_keys,
        progress=progress,
    )
    return Outcome(
        kind=Kind.DECRYPT,
        source=STANDARD_STREAM,
        destination=STANDARD_STREAM,
        suite=SUITES[result.suite_id].hex_id,
        recipients=tuple(attempt.key for attempt in result.attempts),
        encryption_context=result.encryption_context,
        opened_by=result.opened_by,
        key_material_id=result.key_material_id,
        signature_verified=result.signature_verified,
        plaintext_bytes=result.plaintext_bytes,
        message_bytes=result.message_bytes,
        seconds=time.monotonic() - started,
    )


def keyring_for(options: OpenOptions, gate: KmsGate, kms: KmsService) -> KmsKeyring:
    """The keys that may open a message: those named, or discovery where it was asked for.

    Aliases and ids become key ARNs first (needs kms:DescribeKey), because messages name ARNs.

    Raises:
        UsageError: neither or both were asked for.
        KmsError: a key could not be resolved.
    """
    if options.discovery is not None:
        if options.keys:
            raise UsageError(
                "Keys and discovery exclude each other",
                hint="Name the keys with -k, or use --discovery without -k.",
            )
        return KmsKeyring.discovery(
            kms, accounts=options.discovery.accounts, partition=options.discovery.partition
        )
    if not options.keys:
        raise UsageError(
            "No key was named, and discovery was not asked for",
            hint="Name a key with -k, or use --discovery to try the keys that the file names.",
        )
    return KmsKeyring.strict(kms, [gate.resolve(key) for key in options.keys])
