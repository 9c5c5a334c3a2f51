"""The bytes of a file, looked at here and there and never read whole.

A pipe has no "there": of it the beginning, the end and the number of bytes are kept.
"""

from __future__ import annotations

import io
from typing import BinaryIO, Final

PIPE_HEAD: Final = (1 << 20) + (64 << 10)
"""Enough of a pipe for the largest header that is accepted."""
PIPE_TAIL: Final = 64 << 10


class FileBytes:
    """Random access to a file, or as much of it as a pipe allows.

    Args:
        stream: at its beginning.
        size: in bytes, if the caller knows it.

    Attributes:
        size: of the file, in bytes.

    Raises:
        OSError: from the stream, as it came.
    """

    def __init__(self, stream: BinaryIO, size: int | None = None) -> None:
        self._stream = stream
        self._head = self._tail = b""
        self._seekable = stream.seekable()
        if not self._seekable:
            self.size = self._drain()
        else:
            self.size = stream.seek(0, io.SEEK_END) if size is None else size

    def _drain(self) -> int:
        head, tail, size = bytearray(), b"", 0
        while piece := self._stream.read(PIPE_TAIL):
            size += len(piece)
            head += piece[: PIPE_HEAD - len(head)]
            tail = (tail + piece)[-PIPE_TAIL:]
        self._head, self._tail = bytes(head), tail
        return size

    def read_at(self, offset: int, count: int) -> bytes | None:
        """Up to `count` bytes at `offset`, fewer at the end; None where a pipe kept none."""
        if self._seekable:
            self._stream.seek(offset)
            data = b""
            while len(data) < count and (more := self._stream.read(count - len(data))):
                data += more
            return data
        end = min(offset + count, self.size)
        if end <= len(self._head):
            return self._head[offset:end]
        kept_from = self.size - len(self._tail)
        return self._tail[offset - kept_from : end - kept_from] if offset >= kept_from else None

    def head(self, count: int) -> bytes:
        """The first bytes, fewer if the file is shorter."""
        return self.read_at(0, count) or b""

    def from_start(self) -> BinaryIO:
        """A stream from the first byte, for a parser that reads a header."""
        if self._seekable:
            self._stream.seek(0)
            return self._stream
        return io.BytesIO(self._head)
