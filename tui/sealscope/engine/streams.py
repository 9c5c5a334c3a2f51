"""Reading and writing streams of any kind: pipes, sockets, files, buffers.

A short read or a short write is not the end. Buffers grow with the bytes that really come,
never with the bytes that a length field promises.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from sealscope import errors
from sealscope.engine.positional import PositionalSink, PositionalSource

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

READ_AHEAD: Final = 64 * 1024
GROWTH: Final = 1 << 20
MOST_GROWTH: Final = 64 << 20
"""Bytes that a growing buffer takes at a time, however large it is already."""
FIRST: Final = 64 * 1024
"""Bytes that a growing buffer begins with: taking 1 MiB for each of many small files takes longer
than all that is done with them."""

Progress = Callable[[int], None]
"""Called with the bytes of the source done so far; may raise `Cancelled`, which passes on."""


@cache
def _fits(kind: type[object], protocol: type[object]) -> bool:
    # Remembered, as asking anew for each of many small files takes a tenth of all their time.
    return issubclass(kind, protocol)


def _as_positional_source(source: BinaryIO) -> PositionalSource | None:
    kind: Any = type(source)
    return cast("PositionalSource", source) if _fits(kind, PositionalSource) else None


def _as_positional_sink(sink: BinaryIO) -> PositionalSink | None:
    kind: Any = type(sink)
    return cast("PositionalSink", sink) if _fits(kind, PositionalSink) else None


class ByteInput:
    """A source that counts its bytes and never takes a short read for the end.

    Small fields come from a read-ahead buffer; `fill` reads large parts straight into the
    caller's memory.

    Attributes:
        offset: bytes taken so far.
        positional: the source, where it can be read at an offset.
    """

    def __init__(self, source: BinaryIO) -> None:
        # One call of the system at a time where the source can: a buffered reader that loops
        # over a pipe on its own runs no signal handler between two reads, so that Ctrl-C could
        # wait for input that never comes.
        self._read_some: Callable[[int], bytes | None] = getattr(source, "read1", source.read)
        self._read_into: Callable[[memoryview], int | None] | None = getattr(
            source, "readinto1", getattr(source, "readinto", None)
        )
        self._ahead = b""
        self._at = 0
        self.offset = 0
        self.positional = _as_positional_source(source)

    def peek(self, count: int) -> bytes:
        """Up to `count` of the next bytes, without taking them; fewer only at the end."""
        while len(self._ahead) - self._at < count:
            more = self._read(max(READ_AHEAD, count))
            if not more:
                break
            self._ahead = self._ahead[self._at :] + more
            self._at = 0
        return self._ahead[self._at : self._at + count]

    def take(self, count: int, what: str) -> bytes:
        """Exactly the next `count` bytes.

        Args:
            count: small, or bounded by the caller.
            what: the field, for the message.

        Raises:
            Truncated: the input ends first.
        """
        data = self.peek(count)
        if len(data) < count:
            raise truncated(what, self.offset + len(data))
        self._at += count
        self.offset += count
        return data

    def fill(self, target: memoryview) -> int:
        """Read until `target` is full or the input ends; the number of bytes read."""
        filled = min(len(target), len(self._ahead) - self._at)
        target[:filled] = self._ahead[self._at : self._at + filled]
        self._at += filled
        while filled < len(target):
            count = self._into(target[filled:])
            if not count:
                break
            filled += count
        self.offset += filled
        return filled

    def put_back(self, data: memoryview) -> None:
        """Give back the last bytes that `fill` took, to be taken again."""
        self._ahead = bytes(data) + self._ahead[self._at :]
        self._at = 0
        self.offset -= len(data)

    def position(self) -> int:
        """Where the next byte stands in the file of a positional source."""
        return self._placed().tell() - (len(self._ahead) - self._at)

    def skip(self, count: int) -> None:
        """Go on behind bytes that were read at their offset in a positional source."""
        self._placed().seek(self.position() + count)
        self._ahead = b""
        self._at = 0
        self.offset += count

    def _placed(self) -> PositionalSource:
        if self.positional is None:
            msg = "the source has no positions"
            raise io.UnsupportedOperation(msg)
        return self.positional

    def _read(self, count: int) -> bytes:
        data = self._read_some(count)
        if data is None:
            raise BlockingIOError("the source is not ready and does not wait")
        return data

    def _into(self, target: memoryview) -> int:
        if self._read_into is None:
            data = self._read(min(len(target), GROWTH))
            target[: len(data)] = data
            return len(data)
        count = self._read_into(target)
        if count is None:
            raise BlockingIOError("the source is not ready and does not wait")
        return count


class GrowingBuffer:
    """Memory for up to `capacity` bytes that is taken only as they come."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._data = bytearray(min(capacity, FIRST))

    def view(self, size: int) -> memoryview:
        """The first `size` bytes, growing if need be. Earlier views must be released."""
        if size > len(self._data):
            self._data.extend(bytes(size - len(self._data)))
        return memoryview(self._data)[:size]

    def fill_from(self, source: ByteInput, start: int = 0) -> int:
        """Fill from `start` to the capacity or to the end of the source; the bytes held."""
        held = start
        while held < self.capacity:
            size = len(self._data)
            if held == size:
                if not source.peek(1):
                    break
                size = min(self.capacity, size + min(size, MOST_GROWTH))
            with self.view(size) as view, view[held:] as rest:
                count = source.fill(rest)
            held += count
            if held < size:
                break
        return held


class Held(io.RawIOBase):
    """Bytes in memory as a stream, without a copy of them."""

    def __init__(self, data: memoryview) -> None:
        self._rest = data

    def readable(self) -> bool:
        """They are."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Take the next ones."""
        with memoryview(buffer) as view, view.cast("B") as target:
            count = min(len(target), len(self._rest))
            target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class ByteOutput:
    """A sink that counts its bytes and takes each whole.

    Attributes:
        written: bytes so far.
        positional: the sink, where it can be written at an offset.
    """

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self.written = 0
        self.positional = _as_positional_sink(sink)

    def write(self, data: bytes | memoryview) -> None:
        """Write everything.

        Raises:
            OSError: from the sink.
        """
        write_all(self._sink, data)
        self.written += len(data)

    def position(self) -> int:
        """Where the next byte goes in the file of a positional sink; all before it are there."""
        sink = self._placed()
        sink.flush()
        return sink.tell()

    def cut_and_skip(self, count: int) -> None:
        """Go on behind bytes that were written at their offset, and drop any beyond them."""
        sink = self._placed()
        end = sink.tell() + count
        sink.truncate(end)
        sink.seek(end)
        self.written += count

    def _placed(self) -> PositionalSink:
        if self.positional is None:
            msg = "the sink has no positions"
            raise io.UnsupportedOperation(msg)
        return self.positional


def write_all(sink: BinaryIO, data: bytes | memoryview) -> None:
    """Write everything, also to a raw file that takes less at a time.

    Raises:
        OSError: from the sink.
    """
    with memoryview(data) as view:
        written = 0
        while written < len(view):
            # Writers of other kinds than files may answer nothing at all: they took it all.
            count: int | None = sink.write(view[written:])
            written += len(view) - written if count is None else count


def truncated(what: str, offset: int) -> errors.Truncated:
    """The error for an input that ends inside `what`, at `offset`."""
    return errors.Truncated(
        "The message is cut short",
        f"it ends inside {what}, at byte {offset}",
        "The copy is incomplete: get the file again from its source.",
    )
