"""The bytes of a file, looked at here and there and never read whole.

A pipe has no "there": of it the beginning, the end and the number of bytes are kept.
"""

from __future__ import annotations

import io
from typing import BinaryIO, Final, cast

HEAD_BYTES: Final = 1 << 10
"""Read of a file at once: most headers, and little of what follows."""
TAIL_BYTES: Final = 1 << 8
"""Read of a file's end at once: the longest footer and the tag before it."""
PIPE_HEAD: Final = (1 << 20) + (64 << 10)
"""Enough of a pipe for the largest header that is accepted."""
PIPE_TAIL: Final = 64 << 10


class FileBytes:
    """Random access to a file, or as much of it as a pipe allows.

    Args:
        stream: at its beginning; where it stands afterwards is not said.
        size: in bytes, if the caller knows it.

    Attributes:
        size: of the file, in bytes.

    Raises:
        OSError: from the stream, as it came.
    """

    def __init__(self, stream: BinaryIO, size: int | None = None) -> None:
        # A buffer would read ahead, into the body: what lies beneath it is asked.
        self._raw = stream.raw if isinstance(stream, io.BufferedReader) else None
        self._stream = stream
        self._tail = b""
        self._last_look = (0, b"")
        self._seekable = stream.seekable()
        if not self._seekable:
            self._head = b""
            self.size = self._drain()
        else:
            self.size = stream.seek(0, io.SEEK_END) if size is None else size
            self._head = self._look(0, HEAD_BYTES)

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
        end = min(offset + count, self.size)
        if end <= len(self._head):
            return self._head[offset:end]
        if self._seekable:
            if offset < self.size - TAIL_BYTES:
                return self._between(offset, count)
            if not self._tail:
                self._tail = self._look(max(0, self.size - TAIL_BYTES), TAIL_BYTES)
            kept_from = max(0, self.size - TAIL_BYTES)
        else:
            kept_from = self.size - len(self._tail)
        return self._tail[offset - kept_from : end - kept_from] if offset >= kept_from else None

    def head(self, count: int) -> bytes:
        """The first bytes, fewer if the file is shorter."""
        return self.read_at(0, count) or b""

    def from_start(self) -> BinaryIO:
        """A stream from the first byte, for a parser that reads a header."""
        return cast("BinaryIO", _FromStart(self))

    def _between(self, offset: int, count: int) -> bytes:
        """Bytes from the middle: mostly a part of what was looked at just before."""
        at, data = self._last_look
        if not at <= offset <= offset + count <= at + len(data):
            at, data = self._last_look = offset, self._look(offset, count)
        return data[offset - at : offset - at + count]

    def _look(self, offset: int, count: int) -> bytes:
        (self._raw or self._stream).seek(offset)
        data = self._some(count)
        while len(data) < count and (more := self._some(count - len(data))):
            data += more
        return data

    def _some(self, count: int) -> bytes:
        if self._raw is None:
            return self._stream.read(count)
        buffer = bytearray(count)
        # Not `read`: only this tells a failure in our words.
        got = self._raw.readinto(buffer) or 0
        return bytes(buffer[:got])


class _FromStart:
    """Gives as much again as it has given, so that little is read behind a header."""

    def __init__(self, data: FileBytes) -> None:
        self._data = data
        self._at = 0

    def read(self, count: int) -> bytes:
        some = self._data.read_at(self._at, min(count, max(self._at, HEAD_BYTES))) or b""
        self._at += len(some)
        return some
