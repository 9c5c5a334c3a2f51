"""Jobs from and to standard streams, which cannot take back what they let out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from sealscope.engine.managers import DecryptionRequest, EncryptionRequest, MaterialsManager
from sealscope.engine.materials import EncryptionMaterials, OpenedDataKey
from sealscope.errors import OutputFailed
from sealscope.files import stream_of
from sealscope.jobs.coding import Progress, unseal
from sealscope.jobs.nowhere import Nowhere
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import OpenOptions

IN_MEMORY_BYTES: Final = 8 << 20
"""A message up to this size is held in memory, a larger one in an unnamed temporary file."""


def decrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    options: OpenOptions,
    manager: MaterialsManager,
    *,
    progress: Progress | None = None,
    allow_unverified: bool = False,
) -> Outcome:
    """Decrypt a stream into another, releasing nothing before all of it is authenticated.

    The message is first copied, still encrypted, to where nobody else can change it; it is
    verified to its last byte, and only then decrypted into `sink`. The keys are asked once.

    Args:
        source: a message.
        sink: takes the plaintext.
        options: how.
        manager: of these options.
        progress: called with the bytes of the source done so far.
        allow_unverified: release each frame as soon as its own tag is right. Whether frames are
            missing at the end, and the signature, are then known only when this returns.

    Raises:
        SealscopeError: one of its kinds; nothing was released, unless `allow_unverified`.
    """
    if allow_unverified:
        return unseal(source, sink, options, manager, progress=progress)
    with _private_copy(source) as copy:
        once = _AskedOnce(manager)
        unseal(copy, cast("BinaryIO", Nowhere()), options, once)
        copy.seek(0)
        return unseal(copy, sink, options, once, progress=progress)


@contextmanager
def _private_copy(source: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        _copy(source, cast("BinaryIO", spool))
        large = spool.tell() > IN_MEMORY_BYTES
        spool.seek(0)
        if not large:
            yield cast("BinaryIO", spool)
            return
        # Read as any other file, so that also a message without frames is not held in memory.
        with stream_of(os.dup(spool.fileno()), Path(tempfile.gettempdir())) as file:
            yield file


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    try:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
    except OSError as error:
        raise OutputFailed(
            "The message cannot be held back until it is verified",
            # Without any folder for temporary files, asking for its name fails as well.
            f"{tempfile.tempdir or 'temporary files'}: {error.strerror}",
            "Decrypt into a file with -o, or set TMPDIR to a folder with more room. "
            "--allow-unverified-stream releases each frame before the whole is verified.",
        ) from error


class _AskedOnce:
    """A manager that remembers the last data key, so that two passes open it once."""

    def __init__(self, manager: MaterialsManager) -> None:
        self._manager = manager
        self._request: DecryptionRequest | None = None
        self._opened: OpenedDataKey | None = None

    def for_encryption(self, request: EncryptionRequest) -> EncryptionMaterials:
        return self._manager.for_encryption(request)

    def for_decryption(self, request: DecryptionRequest) -> OpenedDataKey:
        if self._opened is None or self._request != request:
            self._opened = self._manager.for_decryption(request)
            self._request = request
        return self._opened
