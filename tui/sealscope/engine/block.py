"""A body without frames: one block, coded in pieces, so that its length costs no memory.

    IV 12 | content length 8 | content | tag 16

The length stands before the content, so a writer must know it before it begins, and nothing of
the content is verified before its last byte has been read.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import BinaryIO, Final, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from sealscope import errors
from sealscope.engine.limits import MAX_BLOCK_BYTES
from sealscope.engine.pipeline import Observer
from sealscope.engine.streams import ByteInput, GrowingBuffer, Held, Progress
from sealscope.engine.suites import IV_BYTES
from sealscope.secret import SecretBytes

PIECE_BYTES: Final = 1 << 20

_LABEL: Final = b"AWSKMSEncryptionClient Single Block"
_PREFIX = struct.Struct(">IQQ")  # IV (4 zero bytes and an 8-byte one), content length
_AAD_TAIL = struct.Struct(">IQ")  # number, content length
_SURPLUS: Final = 15
"""What the cipher may want beyond the bytes it is given: a block less one."""


class BlockCipher:
    """Seals and opens the only block of one message, piece by piece.

    Args:
        content_key: of the message.
        message_id: of the message.
    """

    def __init__(self, content_key: SecretBytes, message_id: bytes) -> None:
        self._key = content_key
        self._label = message_id + _LABEL

    def seal(
        self,
        source: ByteInput,
        length: int,
        write: Callable[[bytes | memoryview], None],
        progress: Progress | None,
    ) -> None:
        """Write the block of exactly `length` bytes of `source`.

        Raises:
            SourceChanged: it has fewer or more.
        """
        prefix = _PREFIX.pack(0, 1, length)
        encryptor = Cipher(AES(self._key.reveal()), GCM(prefix[:IV_BYTES])).encryptor()
        encryptor.authenticate_additional_data(self._label + _AAD_TAIL.pack(1, length))
        write(prefix)
        pieces = _Pieces(source, encryptor)
        left = length
        while left:
            piece = pieces.next(min(left, PIECE_BYTES))
            if not piece:
                raise _other_length(length, length - left)
            write(piece)
            left -= len(piece)
            if progress is not None:
                progress(source.offset)
        if source.peek(1):
            raise _other_length(length, length + 1)
        encryptor.finalize()
        write(encryptor.tag)

    def open(
        self,
        source: ByteInput,
        *,
        prefix: bytes,
        tag: bytes,
        release: Callable[[memoryview], None],
        observe: Observer | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Open a block's content; `release` takes plaintext that is not verified yet.

        Args:
            source: stands at the content.
            prefix: IV and content length as stored.
            tag: as stored behind the content.
            release: takes each piece before the whole is verified.
            observe: takes each piece as it is stored; None if nobody needs to.
            progress: called with the bytes of the source done so far.

        Raises:
            BodyNotAuthentic: the tag is wrong, or the input ends early.
        """
        left = int.from_bytes(prefix[IV_BYTES:], "big")
        decryptor = Cipher(AES(self._key.reveal()), GCM(prefix[:IV_BYTES], tag)).decryptor()
        decryptor.authenticate_additional_data(self._label + _AAD_TAIL.pack(1, left))
        pieces = _Pieces(source, decryptor, observe)
        while left:
            piece = pieces.next(min(left, PIECE_BYTES))
            if not piece:
                raise not_authentic()
            release(piece)
            left -= len(piece)
            if progress is not None:
                progress(source.offset)
        try:
            decryptor.finalize()
        except InvalidTag:
            raise not_authentic() from None


class _Pieces:
    """Pieces of a source, coded; each is good until the next one is asked for."""

    def __init__(
        self,
        source: ByteInput,
        cipher: CipherContext,
        observe: Observer | None = None,
    ) -> None:
        self._source = source
        self._cipher = cipher
        self._observe = observe
        self._taken = memoryview(bytearray(PIECE_BYTES))
        self._coded = memoryview(bytearray(PIECE_BYTES + _SURPLUS))

    def next(self, size: int) -> memoryview:
        held = self._source.fill(self._taken[:size])
        if self._observe is not None:
            self._observe(self._taken[:held])
        self._cipher.update_into(self._taken[:held], self._coded)
        return self._coded[:held]


def length_of(source: BinaryIO, plaintext: ByteInput, limit: int) -> tuple[int, ByteInput]:
    """The bytes that a source still has, and a source that has them.

    A source that can tell stays as it is; another is read into memory.

    Raises:
        LimitExceeded: more than the format allows, or than may be held in memory.
    """
    if _is_seekable(source):
        here = source.tell()
        length = source.seek(0, io.SEEK_END) - here
        source.seek(here)
    else:
        buffer = GrowingBuffer(limit + 1)
        length = buffer.fill_from(plaintext)
        if length > limit:
            raise errors.LimitExceeded(
                "A message without frames must know its length before it is written",
                f"the input cannot tell its length, and it has more than {limit} bytes",
                "Use frames (leave out --frame-length 0), or encrypt from a file.",
            )
        plaintext = ByteInput(cast("BinaryIO", Held(buffer.view(length))))
    if length >= MAX_BLOCK_BYTES:
        raise errors.LimitExceeded(
            "A message without frames cannot be that long",
            f"{length} bytes; the format ends at {MAX_BLOCK_BYTES}",
            "Use frames (leave out --frame-length 0).",
        )
    return length, plaintext


def _is_seekable(source: BinaryIO) -> bool:
    # Not every source that the engine takes is a whole file object.
    seekable: Callable[[], bool] = getattr(source, "seekable", lambda: False)
    return seekable()


def not_authentic() -> errors.BodyNotAuthentic:
    """The error for a block whose tag is wrong."""
    return errors.BodyNotAuthentic(
        "The body is not authentic",
        "the authentication tag of the only block does not fit its bytes",
        "The file was changed or damaged after it was encrypted. Get it again from its source.",
    )


def _other_length(said: int, found: int) -> errors.SourceChanged:
    return errors.SourceChanged(
        "The file changed while it was being read",
        f"it had {said} bytes at first, and now {'more' if found > said else found}",
        "Wait until nothing writes to it, then try again.",
    )
