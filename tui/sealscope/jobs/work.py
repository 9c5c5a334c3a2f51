"""Do one job: read through the file gate, drive the engine, publish only what is verified."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, cast

from sealscope.engine.managers import MaterialsManager
from sealscope.errors import LimitExceeded
from sealscope.files import open_output, open_source
from sealscope.jobs.coding import STANDARD_STREAM, Progress, seal, unseal
from sealscope.jobs.materials import Materials
from sealscope.jobs.nowhere import Nowhere
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import (
    Kind,
    OpenOptions,
    Request,
    SealOptions,
    VerifyRequest,
)
from sealscope.kms.facade import KmsGate

__all__ = ["Progress", "perform", "perform_from_stream", "verify", "verify_stream"]


def perform(
    request: Request,
    gate: KmsGate | None,
    *,
    materials: Materials | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Encrypt or decrypt one file.

    Args:
        request: what to do.
        gate: where KMS calls go; None where no KMS key is used.
        materials: of the request's options, shared by all files of a run; None for this file
            alone.
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
        try:
            outcome = _code(
                source.stream,
                output.stream,
                request.options,
                (materials or Materials(request.options, gate)).manager,
                names=(str(request.source), str(request.destination)),
                plaintext_bytes=source.size,
                progress=progress,
            )
        except LimitExceeded:
            # A file that has grown is told as what it is.
            source.verify_unchanged()
            raise
        source.verify_unchanged()
        output.publish()
    return outcome


def perform_from_stream(
    stream: BinaryIO,
    destination: Path,
    options: SealOptions | OpenOptions,
    manager: MaterialsManager,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Encrypt or decrypt standard input into a file that only its owner may read.

    Args:
        stream: plaintext or a message.
        destination: of the result.
        options: how.
        manager: of these options.
        overwrite: replace an existing file.
        progress: called with the bytes of the stream done so far.

    Raises:
        SealscopeError: one of its kinds; the destination is then as it was before.
    """
    with open_output(destination, overwrite=overwrite) as output:
        names = (STANDARD_STREAM, str(destination))
        outcome = _code(stream, output.stream, options, manager, names=names, progress=progress)
        output.publish()
    return outcome


def verify(
    request: VerifyRequest,
    gate: KmsGate | None,
    *,
    materials: Materials | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Authenticate all of one file, and write nothing; arguments as of `perform`.

    Raises:
        SealscopeError: one of its kinds: what of the file is not as it should be.
    """
    with open_source(request.source) as source:
        manager = (materials or Materials(request.options, gate)).manager
        outcome = verify_stream(
            source.stream,
            request.options,
            manager,
            name=str(request.source),
            progress=progress,
        )
        source.verify_unchanged()
    return outcome


def verify_stream(
    stream: BinaryIO,
    options: OpenOptions,
    manager: MaterialsManager,
    *,
    name: str = STANDARD_STREAM,
    progress: Progress | None = None,
) -> Outcome:
    """Authenticate all of a stream, and write nothing.

    Args:
        stream: a message.
        options: how.
        manager: of these options.
        name: of the stream, for the outcome.
        progress: called with the bytes of the stream done so far.

    Raises:
        SealscopeError: one of its kinds: what of it is not as it should be.
    """
    sink = cast("BinaryIO", Nowhere())
    return unseal(
        stream, sink, options, manager, kind=Kind.VERIFY, names=(name, ""), progress=progress
    )


def _code(
    source: BinaryIO,
    sink: BinaryIO,
    options: SealOptions | OpenOptions,
    manager: MaterialsManager,
    *,
    names: tuple[str, str],
    plaintext_bytes: int | None = None,
    progress: Progress | None,
) -> Outcome:
    if isinstance(options, SealOptions):
        return seal(
            source,
            sink,
            options,
            manager,
            names=names,
            plaintext_bytes=plaintext_bytes,
            progress=progress,
        )
    return unseal(source, sink, options, manager, names=names, progress=progress)
