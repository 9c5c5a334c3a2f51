"""Jobs from and to standard streams, which cannot take back what they let out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from typing import BinaryIO, Final, cast

from sealscope.engine.kms import GeneratedDataKey, KmsService, UnwrappedDataKey, WrappedDataKey
from sealscope.errors import OutputFailed
from sealscope.jobs.outcome import Outcome
from sealscope.jobs.request import OpenOptions, SealOptions
from sealscope.jobs.work import Progress, seal, unseal
from sealscope.kms.facade import KmsGate
from sealscope.secret import SecretBytes

IN_MEMORY_BYTES: Final = 8 << 20
"""A message up to this size is held in memory, a larger one in an unnamed temporary file."""


def encrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    options: SealOptions,
    gate: KmsGate,
    *,
    progress: Progress | None = None,
) -> Outcome:
    """Encrypt a stream into another. What comes out is a message only if this returns.

    Raises:
        SealscopeError: one of its kinds.
    """
    return seal(source, sink, options, gate, progress=progress)


def decrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    options: OpenOptions,
    gate: KmsGate,
    *,
    progress: Progress | None = None,
    allow_unverified: bool = False,
) -> Outcome:
    """Decrypt a stream into another, releasing nothing before all of it is authenticated.

    The message is first copied, still encrypted, to where nobody else can change it; it is
    verified to its last byte, and only then decrypted into `sink`. KMS is asked once.

    Args:
        allow_unverified: release each frame as soon as its own tag is right. Whether frames are
            missing at the end, and the signature, are then known only when this returns.

    Raises:
        SealscopeError: one of its kinds; nothing was released, unless `allow_unverified`.
    """
    if allow_unverified:
        return unseal(source, sink, options, gate, progress=progress)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        private_copy = cast("BinaryIO", spool)
        _copy(source, private_copy)
        kms = _AskedOnce(gate)
        private_copy.seek(0)
        unseal(private_copy, cast("BinaryIO", _Nowhere()), options, gate, kms=kms)
        private_copy.seek(0)
        return unseal(private_copy, sink, options, gate, kms=kms, progress=progress)


def _copy(source: BinaryIO, target: BinaryIO) -> None:
    try:
        shutil.copyfileobj(source, target, 1 << 20)
    except OSError as error:
        raise OutputFailed(
            "The message cannot be held back until it is verified",
            # Without any folder for temporary files, asking for its name fails as well.
            f"{tempfile.tempdir or 'temporary files'}: {error.strerror}",
            "Decrypt into a file with -o, or set TMPDIR to a folder with more room. "
            "--allow-unverified-stream releases each frame before the whole is verified.",
        ) from error


class _Nowhere:
    """A sink for the first pass, which only verifies."""

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        """Nothing is held."""


class _AskedOnce:
    """KMS, remembering the last data key, so that two passes cost one Decrypt."""

    def __init__(self, kms: KmsService) -> None:
        self._kms = kms
        self._request: tuple[str, bytes, Mapping[str, str]] | None = None
        self._answer: UnwrappedDataKey | None = None

    def generate_data_key(
        self, key_id: str, number_of_bytes: int, context: Mapping[str, str]
    ) -> GeneratedDataKey:
        return self._kms.generate_data_key(key_id, number_of_bytes, context)

    def encrypt(
        self, key_id: str, plaintext: SecretBytes, context: Mapping[str, str]
    ) -> WrappedDataKey:
        return self._kms.encrypt(key_id, plaintext, context)

    def decrypt(
        self, key_id: str, ciphertext: bytes, context: Mapping[str, str]
    ) -> UnwrappedDataKey:
        request = (key_id, ciphertext, dict(context))
        if self._answer is None or self._request != request:
            self._answer = self._kms.decrypt(key_id, ciphertext, context)
            self._request = request
        return self._answer
