"""Writing a body: plaintext in, frames out, a batch at a time with the same memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sealscope import errors
from sealscope.engine.frames import FINAL_OVERHEAD, REGULAR_OVERHEAD, FrameCipher
from sealscope.engine.limits import MAX_SEQUENCE_NUMBER
from sealscope.engine.streams import ByteInput, GrowingBuffer, Progress

BATCH_BYTES: Final = 1 << 20
"""Plaintext that is read, sealed, hashed and written at a time; at least one frame."""


class BodyWriter:
    """Writes the frames of one message.

    Args:
        cipher: of the message.
        frame_length: bytes of plaintext in a regular frame.
        write: takes sealed frames in order; the memory is used again afterwards.

    Attributes:
        frames: how many were written.
    """

    def __init__(
        self, cipher: FrameCipher, frame_length: int, write: Callable[[memoryview], None]
    ) -> None:
        self._cipher = cipher
        self._length = frame_length
        self._step = frame_length + REGULAR_OVERHEAD
        self._write = write
        per_batch = max(1, BATCH_BYTES // frame_length)
        self._clear = GrowingBuffer(per_batch * frame_length)
        self._sealed = GrowingBuffer(per_batch * self._step + FINAL_OVERHEAD)
        self.frames = 0

    def copy(self, source: ByteInput, progress: Progress | None = None) -> None:
        """Write the body of all that `source` still has.

        Raises:
            LimitExceeded: it has more frames than the format has numbers.
        """
        is_last = False
        while not is_last:
            held = self._clear.fill_from(source)
            # A batch that is not full is the last one. A plaintext that ends with a batch gets
            # an empty final frame, the form that every reader takes.
            is_last = held < self._clear.capacity
            self._seal(held, is_last=is_last)
            if progress is not None:
                progress(source.offset)

    def _seal(self, held: int, *, is_last: bool) -> None:
        length, step = self._length, self._step
        whole, rest = divmod(held, length)
        # The highest number is left for the final frame: in a regular one it is the end marker.
        if self.frames + whole >= MAX_SEQUENCE_NUMBER:
            raise errors.LimitExceeded(
                "The input has more frames than the format has numbers",
                f"frame length {length}",
                "Use longer frames (--frame-length).",
            )
        size = whole * step + (rest + FINAL_OVERHEAD if is_last else 0)
        with self._clear.view(held) as clear, self._sealed.view(size) as out:
            for index in range(whole):
                self.frames += 1
                content = clear[index * length : (index + 1) * length]
                frame = out[index * step : (index + 1) * step]
                self._cipher.seal_regular(self.frames, content, frame)
            if is_last:
                self.frames += 1
                self._cipher.seal_final(self.frames, clear[held - rest :], out[whole * step :])
            self._write(out)
