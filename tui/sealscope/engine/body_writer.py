"""Writing a body: plaintext in, frames out, a batch at a time with the same memory."""

from __future__ import annotations

from typing import Final

from sealscope import errors
from sealscope.engine.codecs import Sealing
from sealscope.engine.crew import WORTHWHILE_BYTES
from sealscope.engine.frames import FINAL_OVERHEAD, REGULAR_OVERHEAD, FrameCipher
from sealscope.engine.limits import MAX_SEQUENCE_NUMBER
from sealscope.engine.pipeline import Observer, code_batches
from sealscope.engine.streams import ByteInput, ByteOutput, GrowingBuffer, Progress

BATCH_BYTES: Final = 1 << 20
"""Plaintext that is read, sealed, hashed and written at a time; at least one frame."""


class BodyWriter:
    """Writes the frames of one message.

    Args:
        cipher: of the message.
        frame_length: bytes of plaintext in a regular frame.
        sink: takes the frames.
        observe: sees them in order; None if nobody needs to.

    Attributes:
        frames: how many were written.
    """

    def __init__(
        self,
        cipher: FrameCipher,
        frame_length: int,
        sink: ByteOutput,
        observe: Observer | None = None,
    ) -> None:
        self._cipher = cipher
        self._length = frame_length
        self._step = frame_length + REGULAR_OVERHEAD
        self._sink = sink
        self._observe = observe
        self._per_batch = max(1, BATCH_BYTES // frame_length)
        self.frames = 0

    def copy(self, source: ByteInput, progress: Progress | None = None) -> None:
        """Write the body of all that `source` still has.

        Raises:
            LimitExceeded: it has more frames than the format has numbers.
        """
        self._make_buffers()
        start, few = source.offset, True
        is_last = False
        while not is_last:
            if few and source.offset - start >= WORTHWHILE_BYTES:
                few = False
                self._seal_many(source, progress)
            held = self._clear.fill_from(source)
            # A batch that is not full is the last one. A plaintext that ends with a batch gets
            # an empty final frame, the form that every reader takes.
            is_last = held < self._clear.capacity
            self._seal(held, is_last=is_last)
            if progress is not None:
                progress(source.offset)

    def _seal_many(self, source: ByteInput, progress: Progress | None) -> None:
        del self._clear, self._sealed  # so that their memory serves the pipeline
        codec = Sealing(self._cipher, self.frames + 1, self._length, self._per_batch)
        self.frames += self._per_batch * code_batches(
            codec,
            source,
            self._sink,
            frame_length=self._length,
            observe=self._observe,
            progress=progress,
        )
        self._make_buffers()

    def _make_buffers(self) -> None:
        self._clear = GrowingBuffer(self._per_batch * self._length)
        self._sealed = GrowingBuffer(self._per_batch * self._step + FINAL_OVERHEAD)

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
            body = whole * length
            self._cipher.seal_regular(self.frames + 1, length, clear[:body], out[: whole * step])
            self.frames += whole
            if is_last:
                self.frames += 1
                self._cipher.seal_final(self.frames, clear[body:], out[whole * step :])
            if self._observe is not None:
                self._observe(out)
            self._sink.write(out)
