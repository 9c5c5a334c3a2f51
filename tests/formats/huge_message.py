"""A message far larger than any disk here, whose bytes are made as they are read."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

from sealscope.engine.frames import FINAL_OVERHEAD, REGULAR_OVERHEAD


class HugeMessage(io.RawIOBase):
    """A header and a footer that are real, and frames of zeros that only carry their numbers.

    Attributes:
        bytes_read: how much anybody has read of it.
    """

    def __init__(
        self, header: bytes, frame_length: int, frames: int, last: int, footer: bytes
    ) -> None:
        self._header, self._footer = header, footer
        self._step = frame_length + REGULAR_OVERHEAD
        self._frames, self._last = frames, last
        self._footer_at = len(header) + frames * self._step + last + FINAL_OVERHEAD
        self.size = self._footer_at + len(footer)
        self._at = 0
        self.bytes_read = 0

    def as_stream(self) -> BinaryIO:
        return cast("BinaryIO", self)

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def read(self, count: int = -1) -> bytes:
        end = self.size if count < 0 else min(self.size, self._at + count)
        data = bytes(self._byte(offset) for offset in range(self._at, end))
        self._at = end
        self.bytes_read += len(data)
        return data

    def _byte(self, offset: int) -> int:
        if offset < len(self._header):
            return self._header[offset]
        if offset >= self._footer_at:
            return self._footer[offset - self._footer_at]
        frame, within = divmod(offset - len(self._header), self._step)
        number = (frame + 1).to_bytes(4, "big")
        if frame < self._frames:
            return number[within] if within < 4 else 0
        prefix = b"\xff" * 4 + number + bytes(8) + number + self._last.to_bytes(4, "big")
        within = offset - len(self._header) - self._frames * self._step
        return prefix[within] if within < len(prefix) else 0
