"""Reading a body: frame after frame, nothing released before its own tag has been verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sealscope import errors
from sealscope.engine.frames import (
    BLOCK_PREFIX,
    END_MARKER,
    FINAL_PREFIX,
    REGULAR_OVERHEAD,
    FrameCipher,
    sealed_bytes,
)
from sealscope.engine.header import ContentType, Header
from sealscope.engine.limits import MAX_BLOCK_BYTES, MAX_FRAME_LENGTH, ReadLimits
from sealscope.engine.streams import ByteInput, GrowingBuffer, truncated
from sealscope.engine.suites import IV_BYTES

BATCH_BYTES: Final = 1 << 20
"""Ciphertext that is read, verified and released at a time; at least one frame."""

Observer = Callable[[bytes | memoryview], None]
"""Sees every byte of the body as it stands in the file, in order: the signature's hash."""

Release = Callable[[memoryview], None]
"""Takes verified plaintext; the memory is used again afterwards."""


@dataclass(frozen=True)
class BodyEnd:
    """The end of a body that was read.

    Attributes:
        last: plaintext of the final frame or of the only block: verified by its own tag, and
            not yet released, because a signature or stray bytes may follow.
        frames: the final one included; 0 when not framed.
        plaintext_bytes: of the whole body.
    """

    last: memoryview
    frames: int
    plaintext_bytes: int


def read_body(
    source: ByteInput,
    header: Header,
    cipher: FrameCipher,
    *,
    limits: ReadLimits,
    release: Release,
    observe: Observer,
) -> BodyEnd:
    """Read, verify and release the body of a message.

    Raises:
        Truncated: the input ends before the body does.
        SequenceError: a frame is not the next one.
        Malformed: a length cannot be.
        BodyNotAuthentic: a tag is wrong.
        LimitExceeded: a frame or block is larger than may be held.
    """
    reader = _BodyReader(source, header, cipher, limits=limits, release=release, observe=observe)
    return reader.framed() if header.content_type is ContentType.FRAMED else reader.block()


class _BodyReader:
    def __init__(
        self,
        source: ByteInput,
        header: Header,
        cipher: FrameCipher,
        *,
        limits: ReadLimits,
        release: Release,
        observe: Observer,
    ) -> None:
        self._source = source
        self._frame_length = header.frame_length
        self._cipher = cipher
        # One AES-GCM call takes no more.
        self._max_held = min(limits.max_buffered_bytes, MAX_FRAME_LENGTH)
        self._release = release
        self._observe = observe
        self._number = 1

    def framed(self) -> BodyEnd:
        step = self._frame_length + REGULAR_OVERHEAD
        per_batch = max(1, min(BATCH_BYTES, self._max_held) // step)
        sealed = GrowingBuffer(min(per_batch * step, self._max_held))
        clear = GrowingBuffer(per_batch * self._frame_length)
        # Looked at before a batch is read, so that a frame length that no frame has costs
        # nothing.
        while self._source.peek(len(END_MARKER)) != END_MARKER:
            held = sealed.fill_from(self._source)
            if not held:
                raise truncated(f"the body, before frame {self._number}", self._source.offset)
            if sealed.capacity < step and held == sealed.capacity:
                raise self._too_large(step)
            self._open_batch(sealed, held, clear)
        return self._final_frame()

    def _open_batch(self, sealed: GrowingBuffer, held: int, clear: GrowingBuffer) -> None:
        length, step = self._frame_length, self._frame_length + REGULAR_OVERHEAD
        with sealed.view(held) as frames, clear.view(held // step * length) as out:
            at = done = 0
            while at < held and bytes(frames[at : at + 4]) != END_MARKER:
                number = self._number
                if held - at < step:
                    end = self._source.offset
                    raise truncated(f"frame {number}", end)
                found = int.from_bytes(frames[at : at + 4], "big")
                if found != number:
                    raise self._out_of_sequence(found, self._source.offset - held + at)
                self._cipher.open_regular(number, frames[at : at + step], out[done : done + length])
                at, done, self._number = at + step, done + length, number + 1
            self._observe(frames[:at])
            self._source.put_back(frames[at:])
            self._release(out[:done])

    def _final_frame(self) -> BodyEnd:
        number = self._number
        start = self._source.offset
        prefix = self._source.take(FINAL_PREFIX, f"frame {number}, the final one")
        length = int.from_bytes(prefix[20:], "big")
        found = int.from_bytes(prefix[4:8], "big")
        if length > self._frame_length:
            raise errors.Malformed(
                "The final frame is longer than the frame length",
                f"{length} bytes, the frame length is {self._frame_length}; at byte {start + 20}",
                "The file was damaged or tampered with.",
            )
        with self._content(length, f"frame {number}, the final one") as sealed:
            if found != number:
                raise self._out_of_sequence(found, start + 4)
            out = memoryview(bytearray(length))
            self._cipher.open_final(number, prefix[8:20], sealed, out)
            self._observe(prefix)
            self._observe(sealed)
        return BodyEnd(out, number, (number - 1) * self._frame_length + length)

    def block(self) -> BodyEnd:
        start = self._source.offset
        prefix = self._source.take(BLOCK_PREFIX, "the body")
        length = int.from_bytes(prefix[IV_BYTES:], "big")
        if length >= MAX_BLOCK_BYTES:
            raise errors.Malformed(
                "The body's length is beyond what the format allows",
                f"{length} bytes, at byte {start + IV_BYTES}",
                "The file was damaged or tampered with.",
            )
        with self._content(length, "the body") as sealed:
            out = memoryview(bytearray(length))
            self._cipher.open_block(prefix[:IV_BYTES], sealed, out)
            self._observe(prefix)
            self._observe(sealed)
        return BodyEnd(out, 0, length)

    def _content(self, length: int, what: str) -> memoryview:
        """Content and tag, read in pieces, as the length is only a claim."""
        size = sealed_bytes(length)
        buffer = GrowingBuffer(min(size, self._max_held))
        held = buffer.fill_from(self._source)
        if held == buffer.capacity < size:
            raise self._too_large(size)
        if held < size:
            raise truncated(what, self._source.offset)
        return buffer.view(size)

    def _out_of_sequence(self, found: int, offset: int) -> errors.SequenceError:
        return errors.SequenceError(
            "The frames are not in order",
            f"frame {found} where frame {self._number} should be, at byte {offset}",
            "Frames are missing, doubled or moved: the file was damaged or tampered with.",
        )

    def _too_large(self, size: int) -> errors.LimitExceeded:
        return errors.LimitExceeded(
            "A frame is larger than may be held in memory",
            f"frame {self._number}: {size} bytes; the limit is {self._max_held}",
            "It must be held until it is verified. Raise the limit if you trust this file.",
        )
