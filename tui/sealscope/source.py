"""Reading: a regular file that is watched for changes while it is read."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from sealscope import open_files
from sealscope.errors import SourceChanged, SourceUnreadable
from sealscope.file_errors import source_unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER_BYTES: Final = 1 << 20


class Source:
    """A regular file open for reading. Use it in a `with` block.

    Attributes:
        path: as the user named it.
        size: bytes, when it was opened.
        mode: its permission bits.
        stream: buffered, seekable; a failing read raises `SourceUnreadable`. Where the system
            has `preadv` it also has `read_at`, for threads that read different parts.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._status = os.fstat(descriptor)
        self.size = self._status.st_size
        self.mode = stat.S_IMODE(self._status.st_mode)
        self.stream = stream_of(descriptor, path)

    def is_same_file(self, status: os.stat_result) -> bool:
        """Whether `status` is of this very file, by any of its names."""
        return os.path.samestat(self._status, status)

    def verify_unchanged(self) -> None:
        """Check that the file is as it was when it was opened.

        A file that was removed meanwhile has been read whole and counts as unchanged.

        Raises:
            SourceChanged: its size or its time of change differs, or its name now belongs to
                another file.
        """
        now = os.fstat(self.stream.fileno())
        before = self._status
        if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise SourceChanged(
                "The file changed while it was being read",
                f"{self.path}: {before.st_size} bytes at first, {now.st_size} now",
                "Wait until nothing writes to it, then try again.",
            )
        try:
            named = os.stat(self.path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise source_unreadable(self.path, error) from error
        if not self.is_same_file(named):
            raise SourceChanged(
                "The file was replaced while it was being read", str(self.path), "Try again."
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def stream_of(descriptor: int, path: Path) -> BinaryIO:
    """A stream of an open file, as the one of a `Source`; closing it closes the file.

    Args:
        descriptor: of a file that can be read.
        path: for errors.
    """
    return _kind_of_stream()(_SourceRaw(descriptor, path), BUFFER_BYTES)


def open_source(path: Path) -> Source:
    """Open a regular file for reading; never waits on a pipe or a device.

    Raises:
        SourceUnreadable: it is missing, no regular file, or may not be read.
    """
    # O_NONBLOCK: opening a named pipe without a writer would wait for ever. O_NOCTTY: opening
    # a terminal could make it ours.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        _refuse_open_store(path)
        descriptor = os.open(path, flags)
    except OSError as error:
        raise source_unreadable(path, error) from error
    except ValueError as error:  # a NUL or a lone surrogate in the name
        raise SourceUnreadable("There is no such file", str(path), "Check the name.") from error
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(kind):
        os.close(descriptor)
        what = "a folder" if stat.S_ISDIR(kind) else "not a regular file"
        hint = (
            "Name the files in it, or use -r for all of them."
            if stat.S_ISDIR(kind)
            else "To read from a pipe or a device, give `-` and send its bytes to standard input."
        )
        raise SourceUnreadable(f"The input is {what}", str(path), hint)
    return Source(path, descriptor)


def _refuse_open_store(path: Path) -> None:
    if open_files.belongs_to_a_store(path.stat()):
        raise SourceUnreadable(
            "This file belongs to the local key store that is in use",
            str(path),
            "To copy the store, use `sealscope local backup FILE`.",
        )


class _SourceRaw(io.FileIO):
    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "rb")
        self._path = path

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            raise source_unreadable(self._path, error) from error

    def read_at(self, buffer: memoryview, offset: int) -> int:
        try:
            return os.preadv(self.fileno(), [buffer], offset)
        except OSError as error:
            raise source_unreadable(self._path, error) from error

    def readall(self) -> bytes:
        try:
            return super().readall() or b""
        except OSError as error:
            raise source_unreadable(self._path, error) from error


class _PositionalStream(io.BufferedReader):
    """A stream whose file can be read at any offset, beside the buffer and from any thread."""

    raw: _SourceRaw

    def read_at(self, buffer: memoryview, offset: int) -> int:
        """Read into `buffer` from a byte of the file on.

        Returns:
            The number of bytes read: fewer than asked for where the system gives fewer, 0 at
            the end.

        Raises:
            SourceUnreadable: the system refused.
        """
        return self.raw.read_at(buffer, offset)


def _kind_of_stream() -> type[io.BufferedReader]:
    return _PositionalStream if hasattr(os, "preadv") else io.BufferedReader
