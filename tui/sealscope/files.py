"""The file gate: the only door to files that Sealscope reads whole or writes.

A source is a regular file that is watched for changes while it is read. An output is written
to an exclusive 0600 temporary in its own folder, flushed to disk, and published under its name
in one step, after everything about it has been verified. Until then the name is untouched:
absent, or holding what it held before.

Where the system has unnamed files (`O_TMPFILE`, Linux) the temporary has no name at all, so
that even a killed process leaves nothing behind. The folder is held open by a descriptor, so
that a link swapped in for one of its parents leads nowhere.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import secrets
import stat
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from sealscope.errors import SourceChanged, SourceUnreadable, UnsafeOutput
from sealscope.file_errors import output_exists, output_failed, source_unreadable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

BUFFER_BYTES: Final = 1 << 20
_NO_UNNAMED: Final = {errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL, errno.ENOSYS}
_NO_HARD_LINKS: Final = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
_umask_lock = threading.Lock()


class Source:
    """A regular file open for reading. Use it in a `with` block.

    Attributes:
        path: as the user named it.
        size: bytes, when it was opened.
        mode: its permission bits.
        stream: buffered, seekable; a failing read raises `SourceUnreadable`.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._status = os.fstat(descriptor)
        self.size = self._status.st_size
        self.mode = stat.S_IMODE(self._status.st_mode)
        self.stream: BinaryIO = io.BufferedReader(_SourceRaw(descriptor, path), BUFFER_BYTES)

    def is_same_file(self, status: os.stat_result) -> bool:
        """Whether `status` is of this very file, by any of its names."""
        return os.path.samestat(self._status, status)

    def verify_unchanged(self) -> None:
        """Check that the file is as it was when it was opened.

        Raises:
            SourceChanged: its size or its time of change differs.
        """
        now = os.fstat(self.stream.fileno())
        before = self._status
        if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise SourceChanged(
                "The file changed while it was being read",
                f"{self.path}: {before.st_size} bytes at first, {now.st_size} now",
                "Wait until nothing writes to it, then try again.",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def open_source(path: Path) -> Source:
    """Open a regular file for reading; never waits on a pipe or a device.

    Raises:
        SourceUnreadable: it is missing, no regular file, or may not be read.
    """
    try:
        # O_NONBLOCK: opening a named pipe without a writer would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise source_unreadable(path, error) from error
    except ValueError as error:  # a NUL in the name
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


class OutputFile:
    """A file being written that nobody sees yet. Use it in a `with` block.

    Leaving the block without `publish` discards it.

    Attributes:
        path: the final name.
        stream: buffered; a failing write raises `OutputFailed`.
    """

    def __init__(self, path: Path, folder: int, *, mode: int, overwrite: bool) -> None:
        self.path = path
        self._name = path.name
        self._folder = folder
        self._mode = mode
        self._overwrite = overwrite
        self._temporary_name: str | None = None
        self._descriptor = self._open_temporary()
        self._raw = _OutputRaw(self._descriptor, path)
        self.stream: BinaryIO = io.BufferedWriter(self._raw, BUFFER_BYTES)
        self._open = True

    def publish(self) -> None:
        """Flush to disk and give the file its name, in one step.

        Raises:
            OutputExists: something took the name meanwhile, and replacing was not asked for.
            UnsafeOutput: the name now holds a link or something that is no regular file.
            OutputFailed: the system refused.
        """
        try:
            self.stream.flush()
            os.fchmod(self._descriptor, self._mode)
            os.fsync(self._descriptor)
            if self._overwrite:
                self._publish_over()
            else:
                self._publish_new()
            os.fsync(self._folder)
        except FileExistsError as error:
            raise output_exists(self.path) from error
        except OSError as error:
            raise output_failed(self.path, error) from error
        finally:
            self.discard()

    def discard(self) -> None:
        """Close and remove what was written; after `publish` there is nothing to remove."""
        if not self._open:
            return
        self._open = False
        try:
            self._raw.close()  # past the buffer: what it holds is not wanted any more
            self._remove_temporary()
        finally:
            os.close(self._folder)

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
        name = f".sealscope-{secrets.token_hex(8)}.tmp"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o600, dir_fd=self._folder)
        self._temporary_name = name
        return descriptor

    def _publish_new(self) -> None:
        try:
            self._link_to(self._name)
        except OSError as error:
            if self._temporary_name is None or error.errno not in _NO_HARD_LINKS:
                raise
            # No hard links here (FAT, some network shares): take the name exclusively, then
            # move the finished file onto it.
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            os.close(os.open(self._name, flags, 0o600, dir_fd=self._folder))
            self._rename_onto_name(self._temporary_name)

    def _publish_over(self) -> None:
        check_replaceable(self.path, self._folder)
        if self._temporary_name is None:
            name = f".sealscope-{secrets.token_hex(8)}.tmp"
            self._link_to(name)
            self._temporary_name = name
        self._rename_onto_name(self._temporary_name)

    def _link_to(self, name: str) -> None:
        if self._temporary_name is None:
            # The descriptor's /proc entry is a link to the unnamed file; following it is what
            # gives that file a name.
            source: str = f"/proc/self/fd/{self._descriptor}"
            os.link(source, name, dst_dir_fd=self._folder, follow_symlinks=True)
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

    def _remove_temporary(self) -> None:
        if self._temporary_name is not None:
            name, self._temporary_name = self._temporary_name, None
            try:
                os.unlink(name, dir_fd=self._folder)
            except FileNotFoundError:
                pass  # somebody cleaned up before us
            except OSError as error:
                raise output_failed(self.path.with_name(name), error) from error


def open_output(
    path: Path, *, source: Source | None = None, overwrite: bool = False, root: Path | None = None
) -> OutputFile:
    """Open an output; its name stays as it is until `publish`.

    Args:
        path: the final name.
        source: the input; the output is never wider readable than it, and never the same file.
            Without one (standard input) the output is for its owner only.
        overwrite: allow replacing a regular file.
        root: folder that `path` must stay below; folders between them are made as needed and
            links between them are refused.

    Raises:
        OutputExists, UnsafeOutput, OutputFailed: see their classes.
    """
    mode = 0o600 if source is None else source.mode & 0o666 & ~_umask()
    try:
        folder = _open_folder(path, root)
    except OSError as error:
        raise output_failed(path, error) from error
    try:
        _check_name(path, folder, source, overwrite=overwrite)
        return OutputFile(path, folder, mode=mode, overwrite=overwrite)
    except OSError as error:
        os.close(folder)
        raise output_failed(path, error) from error
    except BaseException:
        os.close(folder)
        raise


def check_output(path: Path, *, source: Source | None, overwrite: bool) -> None:
    """Look whether `open_output` would take this name now; makes and changes nothing.

    Raises:
        OutputExists, UnsafeOutput, OutputFailed: as `open_output` would.
    """
    try:
        folder = _open_folder(path, None)
        try:
            _check_name(path, folder, source, overwrite=overwrite)
            if not os.access(".", os.W_OK | os.X_OK, dir_fd=folder):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        finally:
            os.close(folder)
    except OSError as error:
        raise output_failed(path, error) from error


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
    raise UnsafeOutput(
        "The output is not a regular file", str(path), "Choose another name with -o."
    )


def _check_name(path: Path, folder: int, source: Source | None, *, overwrite: bool) -> None:
    status = _status(path.name, folder)
    if status is None:
        return
    if source is not None and source.is_same_file(status):
        raise UnsafeOutput(
            "The output is the input itself", str(path), "Choose another name with -o."
        )
    check_replaceable(path, folder)
    if not overwrite:
        raise output_exists(path)


def _status(name: str, folder: int | None) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _open_folder(path: Path, root: Path | None) -> int:
    """A descriptor of the folder that holds `path`, made below `root` where it is missing."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    if path.name in {"", ".", ".."}:
        raise UnsafeOutput("The output has no file name", str(path), "Name a file with -o.")
    if root is None:
        return os.open(path.parent, flags)
    try:
        inner = path.parent.relative_to(root).parts
    except ValueError:
        inner = ("..",)
    if ".." in inner:
        raise UnsafeOutput("The output is outside of its folder", f"{path} is not below {root}")
    folder = os.open(root, flags)
    for name in inner:
        outer = folder
        try:
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, 0o700, dir_fd=outer)
            folder = os.open(name, flags | os.O_NOFOLLOW, dir_fd=outer)
        except NotADirectoryError as error:
            raise UnsafeOutput(
                "A folder of the output is a link or a file",
                f"{name} in {path}",
                "Remove it, or choose another folder with -o.",
            ) from error
        finally:
            os.close(outer)
    return folder


class _SourceRaw(io.FileIO):
    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "rb")
        self._path = path

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        try:
            return super().readinto(buffer) or 0
        except OSError as error:
            raise source_unreadable(self._path, error) from error


class _OutputRaw(io.FileIO):
    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "wb")
        self._path = path

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data) or 0
        except OSError as error:
            raise output_failed(self._path, error) from error


def _umask() -> int:
    with _umask_lock:  # reading it means setting it, for the whole process
        current = os.umask(0o077)
        os.umask(current)
    return current
