"""Reading and writing at an offset: what lets batches of one file be done in any order.

A stream that has these methods is told by them alone. Pipes, sockets and memory do not have
them, nor have files of systems without `pread`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class PositionalSource(Protocol):
    """A source that also reads at an offset, from any thread."""

    def read_at(self, buffer: memoryview, offset: int) -> int:
        """Read into `buffer` from a byte of the file on; fewer bytes than asked for may come.

        Returns:
            The number of bytes read, 0 at the end.

        Raises:
            SourceUnreadable: as a read of the stream would.
        """

    def seek(self, offset: int, /) -> int:
        """Go on reading the stream at this byte of the file."""

    def tell(self) -> int:
        """The byte of the file that the stream reads next."""


@runtime_checkable
class PositionalSink(Protocol):
    """A sink that also writes at an offset, from any thread.

    Its stream must have been flushed before, and be placed with `seek` afterwards.
    """

    def write_at(self, data: memoryview, offset: int) -> None:
        """Write all of `data` from a byte of the file on.

        Raises:
            OutputFailed: as a write to the stream would.
        """

    def seek(self, offset: int, /) -> int:
        """Go on writing the stream at this byte of the file."""

    def tell(self) -> int:
        """The byte of the file that the stream writes next."""

    def flush(self) -> None:
        """Write what the stream holds back."""

    def truncate(self, size: int, /) -> int:
        """Cut the file off at `size` bytes."""


def read_fully(source: PositionalSource, buffer: memoryview, offset: int) -> int:
    """Read at an offset until `buffer` is full or the file ends; the number of bytes read."""
    filled = 0
    while filled < len(buffer):
        count = source.read_at(buffer[filled:], offset + filled)
        if not count:
            break
        filled += count
    return filled
