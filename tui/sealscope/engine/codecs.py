"""A batch of regular frames as the pipeline sees it: sealed or opened on its own."""

from __future__ import annotations

from sealscope import errors
from sealscope.engine.frames import REGULAR_OVERHEAD, FrameCipher
from sealscope.engine.limits import MAX_SEQUENCE_NUMBER


class _Batches:
    def __init__(self, cipher: FrameCipher, first: int, frame_length: int, frames: int) -> None:
        self._cipher = cipher
        self._first = first
        self._length = frame_length
        self._frames = frames
        self._clear_bytes = frames * frame_length
        self._sealed_bytes = frames * (frame_length + REGULAR_OVERHEAD)


class Sealing(_Batches):
    """Seals batches.

    Args:
        cipher: of the message.
        first: sequence number of the first frame of the first batch.
        frame_length: bytes of plaintext in a frame.
        frames: in a batch.
    """

    seals = True

    @property
    def input_bytes(self) -> int:
        """Plaintext of a batch."""
        return self._clear_bytes

    @property
    def output_bytes(self) -> int:
        """Sealed frames of a batch."""
        return self._sealed_bytes

    def code(self, index: int, data: memoryview, out: memoryview) -> bool:
        """Seal a batch; not if the format has no numbers for its frames."""
        number = self._first + index * self._frames
        if number + self._frames > MAX_SEQUENCE_NUMBER:
            return False
        self._cipher.seal_regular(number, self._length, data, out)
        return True


class Opening(_Batches):
    """Opens batches.

    Args:
        cipher: of the message.
        first: sequence number of the first frame of the first batch.
        frame_length: bytes of plaintext in a frame.
        frames: in a batch.
    """

    seals = False

    @property
    def input_bytes(self) -> int:
        """Sealed frames of a batch."""
        return self._sealed_bytes

    @property
    def output_bytes(self) -> int:
        """Plaintext of a batch."""
        return self._clear_bytes

    def code(self, index: int, data: memoryview, out: memoryview) -> bool:
        """Open a batch; whether all are regular frames, in order and authentic."""
        number = self._first + index * self._frames
        try:
            return self._cipher.open_regular(number, self._length, data, out) == self._frames
        except errors.BodyNotAuthentic:
            return False
