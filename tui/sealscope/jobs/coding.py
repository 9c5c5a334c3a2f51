"""From a stream to a message and back, with the engine; files are the caller's concern."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from sealscope.engine.decrypt import decrypt
from sealscope.engine.encrypt import DEFAULT_FRAME_LENGTH, encrypt
from sealscope.engine.limits import ReadLimits
from sealscope.engine.managers import MaterialsManager
from sealscope.engine.policy import CommitmentPolicy
from sealscope.engine.suites import SUITES, AlgorithmSuite, suite_by_name
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import Kind, OpenOptions, SealOptions

if TYPE_CHECKING:
    from sealscope.jobs.base64_output import Base64Output

Progress = Callable[[int], None]
STANDARD_STREAM: Final = "-"


def seal(
    source: BinaryIO,
    sink: BinaryIO,
    options: SealOptions,
    manager: MaterialsManager,
    *,
    names: tuple[str, str] = (STANDARD_STREAM, STANDARD_STREAM),
    plaintext_bytes: int | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Encrypt a stream into another; the caller publishes or discards what was written.

    Args:
        source: plaintext.
        sink: takes the message.
        options: how.
        manager: of these options.
        names: of source and sink, for the outcome.
        plaintext_bytes: of the source, if that is known; a cache of data keys counts them.
        progress: called with the bytes of the source done so far.
    """
    started = time.monotonic()
    text = _as_text(sink) if options.encode else None
    result = encrypt(
        source,
        sink if text is None else cast("BinaryIO", text),
        materials=manager,
        context=dict(options.context),
        required_context=options.required_context,
        suite=_suite(options.suite) if options.suite else None,
        commitment_policy=CommitmentPolicy(options.commitment_policy),
        frame_length=DEFAULT_FRAME_LENGTH if options.frame_length is None else options.frame_length,
        max_encrypted_data_keys=options.max_encrypted_data_keys,
        plaintext_bytes=plaintext_bytes,
        progress=progress,
    )
    if text is not None:
        text.finish()
    return Outcome(
        kind=Kind.ENCRYPT,
        source=names[0],
        destination=names[1],
        suite=SUITES[result.suite_id].hex_id,
        recipients=result.recipients,
        encryption_context=result.encryption_context,
        opened_by=None,
        key_material_id=None,
        signature_verified=None,
        plaintext_bytes=result.plaintext_bytes,
        message_bytes=result.message_bytes,
        seconds=time.monotonic() - started,
        frames=result.frames,
    )


def unseal(
    source: BinaryIO,
    sink: BinaryIO,
    options: OpenOptions,
    manager: MaterialsManager,
    *,
    kind: Kind = Kind.DECRYPT,
    names: tuple[str, str] = (STANDARD_STREAM, STANDARD_STREAM),
    progress: Progress | None = None,
) -> Outcome:
    """Decrypt a stream into another; the caller publishes or discards what was written.

    Args:
        source: a message.
        sink: takes the plaintext.
        options: how.
        manager: of these options.
        names: of source and sink, for the outcome.
        kind: what the outcome calls it: decrypted, or only verified.
        progress: called with the bytes of the source done so far.
    """
    started = time.monotonic()
    if options.decode:
        from sealscope.formats.base64_text import decoded

        text = _Counted(source)
        source = decoded(cast("BinaryIO", text))
        progress = text.instead_of(progress)
    result = decrypt(
        source,
        sink,
        materials=manager,
        expected_context=dict(options.context),
        commitment_policy=CommitmentPolicy(options.commitment_policy),
        limits=ReadLimits(
            max_encrypted_data_keys=options.max_encrypted_data_keys,
            max_buffered_bytes=options.max_length,
        ),
        progress=progress,
    )
    return Outcome(
        kind=kind,
        source=names[0],
        destination=names[1],
        suite=SUITES[result.suite_id].hex_id,
        recipients=result.recipients,
        encryption_context=result.encryption_context,
        opened_by=result.opened_by,
        key_material_id=result.key_material_id,
        signature_verified=result.signature_verified,
        plaintext_bytes=result.plaintext_bytes,
        message_bytes=result.message_bytes,
        seconds=time.monotonic() - started,
        frames=result.frames,
    )


def _as_text(sink: BinaryIO) -> Base64Output:
    from sealscope.jobs.base64_output import Base64Output

    return Base64Output(sink)


@cache
def _suite(name: str) -> AlgorithmSuite:
    return suite_by_name(name)


class _Counted:
    """A text that counts what was read of it, as progress is told in the source's own bytes."""

    def __init__(self, text: BinaryIO) -> None:
        self._text = text
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        # One call of the system at a time where the source can, so that a signal gets through.
        piece = getattr(self._text, "read1", self._text.read)(size)
        self._read += len(piece)
        return bytes(piece)

    def instead_of(self, progress: Progress | None) -> Progress | None:
        if progress is None:
            return None
        tell = progress
        return lambda _: tell(self._read)
