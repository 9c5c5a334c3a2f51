"""Reading a body without frames: nothing of it is released before the whole is verified.

A small block is held in memory. A long one in a file is read twice: once to verify it, and
once more, verified again, when everything behind it has been found right.
"""

from __future__ import annotations

import hashlib
import io
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from sealscope import errors
from sealscope.engine.block import PIECE_BYTES, BlockCipher, not_authentic
from sealscope.engine.body import BodyEnd
from sealscope.engine.frames import BLOCK_PREFIX
from sealscope.engine.limits import MAX_BLOCK_BYTES, ReadLimits
from sealscope.engine.pipeline import Observer
from sealscope.engine.positional import PositionalSource, read_fully
from sealscope.engine.streams import (
    ByteInput,
    ByteOutput,
    GrowingBuffer,
    Held,
    Progress,
    truncated,
)
from sealscope.engine.suites import IV_BYTES, TAG_BYTES

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

IN_MEMORY_BYTES: Final = 16 << 20
"""Up to here a block is held in memory, also where it could be read twice."""
_WHAT: Final = "the body"


def read_block(
    source: ByteInput,
    cipher: BlockCipher,
    *,
    limits: ReadLimits,
    observe: Observer | None = None,
    progress: Progress | None = None,
) -> BodyEnd:
    """Read and verify the only block of a message, and write nothing of it.

    Args:
        source: stands at the body.
        cipher: of the message.
        limits: bounds on what is held in memory.
        observe: sees the body as it stands in the file; None if nobody needs to.
        progress: called with the bytes of the message done so far.

    Raises:
        Truncated: the input ends before the block does.
        Malformed: its length cannot be.
        BodyNotAuthentic: its tag is wrong.
        LimitExceeded: it is longer than may be held, and the source cannot be read twice.
    """
    start = source.offset
    prefix = source.take(BLOCK_PREFIX, _WHAT)
    length = int.from_bytes(prefix[IV_BYTES:], "big")
    if length >= MAX_BLOCK_BYTES:
        raise errors.Malformed(
            "The body's length is beyond what the format allows",
            f"{length} bytes, at byte {start + IV_BYTES}",
            "The file was damaged or tampered with.",
        )
    see = observe or _ignore
    see(prefix)
    if length > min(IN_MEMORY_BYTES, limits.max_buffered_bytes) and source.positional is not None:
        return _read_twice(
            source, source.positional, cipher, prefix, observe=observe, progress=progress
        )
    return _hold(source, cipher, prefix, limits.max_buffered_bytes, see)


def _hold(
    source: ByteInput, cipher: BlockCipher, prefix: bytes, limit: int, observe: Observer
) -> BodyEnd:
    length = int.from_bytes(prefix[IV_BYTES:], "big")
    size = length + TAG_BYTES
    buffer = GrowingBuffer(min(size, limit + TAG_BYTES))
    held = buffer.fill_from(source)
    if held == buffer.capacity < size:
        raise errors.LimitExceeded(
            "The body is one block that is larger than may be held in memory",
            f"{length} bytes; the limit is {limit}",
            "It must be held until it is verified, as neither a pipe nor a Base64 text is read"
            " twice. Decrypt the bytes themselves from a file, or raise the limit (--max-length).",
        )
    if held < size:
        raise truncated(_WHAT, source.offset)
    sealed = buffer.view(size)
    clear = bytearray()
    content = ByteInput(cast("BinaryIO", Held(sealed[:length])))
    cipher.open(content, prefix=prefix, tag=bytes(sealed[length:]), release=clear.extend)
    observe(sealed)
    return BodyEnd(lambda sink: sink.write(memoryview(clear)), frames=0, plaintext_bytes=length)


def _read_twice(
    source: ByteInput,
    file: PositionalSource,
    cipher: BlockCipher,
    prefix: bytes,
    *,
    observe: Observer | None,
    progress: Progress | None,
) -> BodyEnd:
    length = int.from_bytes(prefix[IV_BYTES:], "big")
    start = source.position()
    tag_at = start + length
    tag = bytearray(TAG_BYTES)
    # Asked first: the tag stands behind what it verifies, and may not be there at all.
    if read_fully(file, memoryview(tag), tag_at) < TAG_BYTES:
        piece = memoryview(bytearray(PIECE_BYTES))
        while source.fill(piece):
            pass
        raise truncated(_WHAT, source.offset)
    open_content = partial(cipher.open, prefix=prefix, tag=bytes(tag))
    if observe is None:
        open_content(source, release=_ignore, progress=progress)
        source.take(TAG_BYTES, _WHAT)
        return BodyEnd(
            lambda sink: open_content(_part(file, start, length), release=sink.write), 0, length
        )
    # Whoever knows the key can make another content for the same tag. What was signed is
    # therefore known again by a hash.
    first, second = hashlib.sha256(), hashlib.sha256()

    def show(piece: bytes | memoryview) -> None:
        first.update(piece)
        observe(piece)

    open_content(source, release=_ignore, observe=show, progress=progress)
    observe(source.take(TAG_BYTES, _WHAT))

    def write_rest(sink: ByteOutput) -> None:
        content = _part(file, start, length)
        open_content(content, release=sink.write, observe=second.update)
        if second.digest() != first.digest():
            raise not_authentic()

    return BodyEnd(write_rest, 0, length)


def _part(file: PositionalSource, start: int, length: int) -> ByteInput:
    return ByteInput(cast("BinaryIO", _Reader(file, start, length)))


def _ignore(_: bytes | memoryview) -> None:
    """What is only verified goes nowhere."""


class _Reader(io.RawIOBase):
    """A part of a file as a stream of its own."""

    def __init__(self, file: PositionalSource, start: int, length: int) -> None:
        self._file = file
        self._at = start
        self._end = start + length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        with memoryview(buffer) as view, view.cast("B") as target:
            wanted = target[: max(0, self._end - self._at)]
            count = self._file.read_at(wanted, self._at)
        self._at += count
        return count
