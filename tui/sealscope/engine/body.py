"""Reading a body: frame after frame, nothing released before its own tag has been verified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sealscope import errors
from sealscope.engine.codecs import Opening
from sealscope.engine.crew import WORTHWHILE_BYTES
from sealscope.engine.frames import (
    END_MARKER,
    FINAL_PREFIX,
    REGULAR_OVERHEAD,
    FrameCipher,
    sealed_bytes,
)
from sealscope.engine.header import Header
from sealscope.engine.limits import MAX_FRAME_LENGTH, ReadLimits
from sealscope.engine.pipeline import Observer, code_batches
from sealscope.engine.streams import ByteInput, ByteOutput, GrowingBuffer, Progress, truncated

BATCH_BYTES: Final = 1 << 20
"""Ciphertext that is read, verified and released at a time; at least one frame."""


@dataclass(frozen=True)
class BodyEnd:
    """The end of a body that was read.

    Attributes:
        write_rest: writes the plaintext that is held back: of the final frame or of the only
            block. It is verified by its own tag, but a signature or stray bytes may follow.
        frames: the final one included; 0 when not framed.
        plaintext_bytes: of the whole body.
    """

    write_rest: Callable[[ByteOutput], None]
    frames: int
    plaintext_bytes: int


def read_frames(
    source: ByteInput,
    header: Header,
    cipher: FrameCipher,
    sink: ByteOutput,
    *,
    limits: ReadLimits,
    observe: Observer | None = None,
    progress: Progress | None = None,
) -> BodyEnd:
    """Read and verify the frames of a message, and write all of them but the final one.

    Args:
        source: stands at the body.
        header: authenticated.
        cipher: of the message.
        sink: takes verified plaintext.
        limits: bounds on what is held in memory.
        observe: sees the body as it stands in the file; None if nobody needs to.
        progress: called with the bytes of the message done so far.

    Raises:
        Truncated: the input ends before the body does.
        SequenceError: a frame is not the next one.
        Malformed: a length cannot be.
        BodyNotAuthentic: a tag is wrong.
        LimitExceeded: a frame is larger than may be held.
        OSError: from source or sink, as it came.
        Cancelled: from `progress`.
    """
    reader = _BodyReader(
        source, header, cipher, sink, limits=limits, observe=observe, progress=progress
    )
    return reader.read()


class _BodyReader:
    def __init__(
        self,
        source: ByteInput,
        header: Header,
        cipher: FrameCipher,
        sink: ByteOutput,
        *,
        limits: ReadLimits,
        observe: Observer | None,
        progress: Progress | None,
    ) -> None:
        self._source = source
        self._frame_length = header.frame_length
        self._step = header.frame_length + REGULAR_OVERHEAD
        self._cipher = cipher
        self._sink = sink
        # One AES-GCM call takes no more.
        self._limit = min(limits.max_buffered_bytes, MAX_FRAME_LENGTH - REGULAR_OVERHEAD)
        self._max_held = self._limit + REGULAR_OVERHEAD
        self._per_batch = max(1, min(BATCH_BYTES, self._max_held) // self._step)
        self._observer = observe
        self._progress = progress
        self._number = 1

    def read(self) -> BodyEnd:
        self._make_buffers()
        start, few = self._source.offset, self._max_held >= BATCH_BYTES
        # Looked at before a batch is read, so that a frame length that no frame has costs
        # nothing.
        while self._source.peek(len(END_MARKER)) != END_MARKER:
            if few and self._source.offset - start >= WORTHWHILE_BYTES:
                few = False
                self._open_many()
                continue
            sealed = self._sealed
            held = sealed.fill_from(self._source)
            if not held:
                raise truncated(f"the body, before frame {self._number}", self._source.offset)
            if sealed.capacity < self._step and held == sealed.capacity:
                raise self._too_large(self._frame_length)
            self._open_batch(held)
        return self._final_frame()

    def _open_many(self) -> None:
        del self._sealed, self._clear  # so that their memory serves the pipeline
        codec = Opening(self._cipher, self._number, self._frame_length, self._per_batch)
        self._number += self._per_batch * code_batches(
            codec,
            self._source,
            self._sink,
            frame_length=self._frame_length,
            observe=self._observer,
            progress=self._progress,
        )
        self._make_buffers()

    def _make_buffers(self) -> None:
        self._sealed = GrowingBuffer(min(self._per_batch * self._step, self._max_held))
        self._clear = GrowingBuffer(self._per_batch * self._frame_length)

    def _open_batch(self, held: int) -> None:
        length, step = self._frame_length, self._step
        whole = held // step
        with self._sealed.view(held) as frames, self._clear.view(whole * length) as out:
            opened = self._cipher.open_regular(self._number, length, frames[: whole * step], out)
            at = opened * step
            self._number += opened
            if at < held and bytes(frames[at : at + 4]) != END_MARKER:
                if held - at < step:
                    raise truncated(f"frame {self._number}", self._source.offset)
                found = int.from_bytes(frames[at : at + 4], "big")
                raise self._out_of_sequence(found, self._source.offset - held + at)
            self._observe(frames[:at])
            self._source.put_back(frames[at:])
            self._sink.write(out[: opened * length])
        if self._progress is not None:
            self._progress(self._source.offset)

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
        return BodyEnd(
            write_rest=lambda sink: sink.write(out),
            frames=number,
            plaintext_bytes=(number - 1) * self._frame_length + length,
        )

    def _content(self, length: int, what: str) -> memoryview:
        """Content and tag, read in pieces, as the length is only a claim."""
        size = sealed_bytes(length)
        buffer = GrowingBuffer(min(size, sealed_bytes(self._limit)))
        held = buffer.fill_from(self._source)
        if held == buffer.capacity < size:
            raise self._too_large(length)
        if held < size:
            raise truncated(what, self._source.offset)
        return buffer.view(size)

    def _observe(self, data: bytes | memoryview) -> None:
        if self._observer is not None:
            self._observer(data)

    def _out_of_sequence(self, found: int, offset: int) -> errors.SequenceError:
        return errors.SequenceError(
            "The frames are not in order",
            f"frame {found} where frame {self._number} should be, at byte {offset}",
            "Frames are missing, doubled or moved: the file was damaged or tampered with.",
        )

    def _too_large(self, length: int) -> errors.LimitExceeded:
        return errors.LimitExceeded(
            "A frame is larger than may be held in memory",
            f"frame {self._number}: {length} bytes; the limit is {self._limit}",
            "It must be held until it is verified. Raise the limit if you trust this file"
            " (--max-length).",
        )
