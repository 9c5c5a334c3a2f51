"""Writing: a file that nobody sees before it is whole.

Where the system has unnamed files (`O_TMPFILE`, Linux) the temporary has no name at all, so
that even a killed process leaves nothing behind. Elsewhere it is a hidden 0600 file in the
output's own folder. The folder is held open by a descriptor, so that a link swapped in for one
of its parents leads nowhere.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
import stat
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from sealscope.errors import Cancelled, OutputFailed, UnsafeOutput
from sealscope.file_errors import output_exists, output_failed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BUFFER_BYTES: Final = 1 << 20
_NO_UNNAMED: Final = {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL, errno.ENOSYS}
_NO_HARD_LINKS: Final = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
_NO_FOLDER_SYNC: Final = {errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF}
_EXCLUSIVE: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class OutputFile:
    """A file being written that nobody sees yet. Use it in a `with` block.

    Leaving the block without `publish` discards it.

    Attributes:
        path: the final name.
        stream: buffered; a failing write raises `OutputFailed`. Where the system has `pwrite`
            it also has `write_at`, for threads that write different parts.
    """

    def __init__(self, path: Path, folder: int, *, mode: int, overwrite: bool) -> None:
        self.path = path
        self._name = path.name
        self._folder = folder
        self._mode = mode
        self._overwrite = overwrite
        self._replaced = False
        self._abandoned = False
        self._temporary_name: str | None = None
        self._descriptor = self._open_temporary()
        self._raw = _OutputRaw(self._descriptor, path)
        self.stream: BinaryIO = _kind_of_stream()(self._raw, BUFFER_BYTES)
        self._open = True
        _unfinished.add(self)

    def publish(self) -> None:
        """Flush to disk and give the file its name, in one step.

        Raises:
            OutputExists: something took the name meanwhile, and replacing was not asked for.
            UnsafeOutput: the name now holds a link or something that is no regular file.
            OutputFailed: the system refused.
            Cancelled: it was abandoned.
        """
        try:
            if self._abandoned:
                raise Cancelled
            self.stream.flush()
            os.fchmod(self._descriptor, self._mode)
            os.fsync(self._descriptor)
            if self._overwrite:
                self._publish_over()
            else:
                self._publish_new()
            self._sync_folder()
        except FileExistsError as error:
            raise output_exists(self.path) from error
        except OSError as error:
            raise output_failed(self.path, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Close and remove what was written; after `publish` there is nothing to remove.

        Raises:
            OutputFailed: a temporary cannot be removed.
        """
        if not self._open:
            return
        self._open = False
        _unfinished.discard(self)
        # Past the buffer: what it holds is not wanted any more. Nor does it matter what the
        # system says when it closes: what was published has been flushed to disk before.
        with contextlib.suppress(OSError):
            self._raw.close()
        try:
            self._remove_temporary()
        finally:
            with contextlib.suppress(OSError):
                os.close(self._folder)

    def abandon(self) -> None:
        """Remove what another thread writes; that thread can publish nothing any more.

        Raises:
            OutputFailed: a temporary cannot be removed.
        """
        self._abandoned = True
        self._remove_temporary()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.discard()

    def _open_temporary(self) -> int:
        unnamed = getattr(os, "O_TMPFILE", 0)
        if unnamed and os.path.exists("/proc/self/fd"):
            try:
                return os.open(".", unnamed | os.O_RDWR | os.O_CLOEXEC, 0o600, dir_fd=self._folder)
            except OSError as error:
                if error.errno not in _NO_UNNAMED:
                    raise
        name = _temporary_name()
        descriptor = os.open(name, _EXCLUSIVE, 0o600, dir_fd=self._folder)
        self._temporary_name = name
        return descriptor

    def _publish_new(self) -> None:
        try:
            self._link_to(self._name)
        except OSError as error:
            if self._temporary_name is None or error.errno not in _NO_HARD_LINKS:
                raise
            self._publish_without_links(self._temporary_name)

    def _publish_without_links(self, temporary: str) -> None:
        """FAT and some network shares: take the name, then move the finished file onto it."""
        taken = os.open(self._name, _EXCLUSIVE, 0o600, dir_fd=self._folder)
        try:
            self._rename_onto_name(temporary)
        except OSError:
            self._withdraw(taken)
            raise
        finally:
            os.close(taken)

    def _publish_over(self) -> None:
        check_replaceable(self.path, self._folder)
        if _status(self._name, self._folder) is None:
            with contextlib.suppress(FileExistsError):
                self._publish_new()
                return
        if self._temporary_name is None:
            # Noted before it is there, so that an interrupt in between leaves nothing.
            self._temporary_name = _temporary_name()
            self._name_unnamed(self._temporary_name)
        self._rename_onto_name(self._temporary_name)
        self._replaced = True

    def _name_unnamed(self, name: str) -> None:
        # The descriptor's /proc entry is a link to the unnamed file; following it is what gives
        # that file a name.
        source = f"/proc/self/fd/{self._descriptor}"
        os.link(source, name, dst_dir_fd=self._folder, follow_symlinks=True)

    def _link_to(self, name: str) -> None:
        if self._temporary_name is None:
            self._name_unnamed(name)
        else:
            os.link(
                self._temporary_name,
                name,
                src_dir_fd=self._folder,
                dst_dir_fd=self._folder,
                follow_symlinks=False,
            )

    def _rename_onto_name(self, temporary: str) -> None:
        os.rename(temporary, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._temporary_name = None

    def _sync_folder(self) -> None:
        try:
            os.fsync(self._folder)
        except OSError as error:
            if error.errno in _NO_FOLDER_SYNC:
                return  # not every file system can; then the name is as durable as it gets
            if self._replaced:
                raise OutputFailed(
                    "The output was replaced, but the disk did not confirm it",
                    f"{self.path}: {error.strerror}",
                    "The new file is whole. Check the disk before you rely on it.",
                ) from error
            self._withdraw(self._descriptor)
            raise

    def _withdraw(self, ours: int) -> None:
        """Take the name back, if it still is the file that we put there."""
        status = _status(self._name, self._folder)
        if status is not None and os.path.samestat(status, os.fstat(ours)):
            os.unlink(self._name, dir_fd=self._folder)

    def _remove_temporary(self) -> None:
        if self._temporary_name is None:
            return
        name, self._temporary_name = self._temporary_name, None
        try:
            os.unlink(name, dir_fd=self._folder)
        except FileNotFoundError:
            pass  # somebody cleaned up before us
        except OSError as error:
            raise OutputFailed(
                "A temporary file cannot be removed",
                f"{self.path.with_name(name)}: {error.strerror}",
                "Remove it by hand: it may hold what was to be written.",
            ) from error


_unfinished: Final[set[OutputFile]] = set()


def abandon_unfinished() -> None:
    """Remove what threads that will never end have begun to write, as the process ends."""
    for output in tuple(_unfinished):
        with contextlib.suppress(OutputFailed):  # nobody is left who could be told
            output.abandon()


def check_replaceable(path: Path, folder: int | None = None) -> None:
    """Check that a name is free or holds a regular file.

    Raises:
        UnsafeOutput: it holds a link, a folder, a device, ...
    """
    status = _status(path.name if folder is not None else str(path), folder)
    if status is None or stat.S_ISREG(status.st_mode):
        return
    if stat.S_ISLNK(status.st_mode):
        raise UnsafeOutput(
            "The output is a link", str(path), "Name the file itself, or remove the link."
        )
    raise UnsafeOutput("The output is not a regular file", str(path), "Choose another name.")


def _status(name: str, folder: int | None) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _temporary_name() -> str:
    return f".sealscope-{secrets.token_hex(8)}.tmp"


class _OutputRaw(io.FileIO):
    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "wb")
        self._path = path

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return os.write(self.fileno(), data)
        except OSError as error:
            raise output_failed(self._path, error) from error

    def write_at(self, data: memoryview, offset: int) -> None:
        try:
            written = 0
            while written < len(data):
                written += os.pwrite(self.fileno(), data[written:], offset + written)
        except OSError as error:
            raise output_failed(self._path, error) from error

    def truncate(self, size: int | None = None, /) -> int:
        try:
            return super().truncate(size)
        except OSError as error:
            raise output_failed(self._path, error) from error


class _PositionalStream(io.BufferedWriter):
    """A stream whose file can be written at any offset, beside the buffer and from any thread."""

    raw: _OutputRaw

    def write_at(self, data: memoryview, offset: int) -> None:
        """Write all of `data` from a byte of the file on; what the buffer holds stays there.

        Raises:
            OutputFailed: the system refused.
        """
        self.raw.write_at(data, offset)


def _kind_of_stream() -> type[io.BufferedWriter]:
    return _PositionalStream if hasattr(os, "pwrite") else io.BufferedWriter
