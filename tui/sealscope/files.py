"""The file gate: the only door to files that Sealscope reads whole or writes.

A source is a regular file that is watched for changes while it is read. An output is written
to an exclusive 0600 temporary in its own folder, flushed to disk, and published under its name
in one step, after everything about it has been verified. Until then the name is untouched:
absent, or holding what it held before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from pathlib import Path
from typing import Final

from sealscope.errors import UnsafeOutput
from sealscope.file_errors import output_exists, output_failed
from sealscope.output import OutputFile, abandon_unfinished, check_replaceable
from sealscope.source import Source, open_source, stream_of

__all__ = [
    "OutputFile",
    "Source",
    "abandon_unfinished",
    "check_output",
    "check_replaceable",
    "open_output",
    "open_source",
    "stream_of",
]

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_umask_lock = threading.Lock()


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


def _check_name(path: Path, folder: int, source: Source | None, *, overwrite: bool) -> None:
    try:
        status = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if source is not None and source.is_same_file(status):
        raise UnsafeOutput("The output is the input itself", str(path), "Choose another name.")
    check_replaceable(path, folder)
    if not overwrite:
        raise output_exists(path)


def _open_folder(path: Path, root: Path | None) -> int:
    """A descriptor of the folder that holds `path`, made below `root` where it is missing."""
    if path.name in {"", ".", ".."}:
        raise UnsafeOutput("The output has no file name", str(path), "Name a file.")
    try:
        usable = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        usable = False
    if not usable:
        raise UnsafeOutput(
            "The output's name cannot be a file's name", str(path), "Choose another name."
        )
    if root is None:
        return os.open(path.parent, _FOLDER)
    try:
        inner = path.parent.relative_to(root).parts
    except ValueError:
        inner = ("..",)
    if ".." in inner:
        raise UnsafeOutput("The output is outside of its folder", f"{path} is not below {root}")
    folder = os.open(root, _FOLDER)
    for name in inner:
        folder = _enter(folder, name, path)
    return folder


def _enter(outer: int, name: str, path: Path) -> int:
    """Trade a folder's descriptor for that of a folder in it, made if missing."""
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=outer)
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=outer)
    except OSError as error:
        # Systems differ in what they call a link where a folder was asked for.
        if error.errno not in {errno.ENOTDIR, errno.ELOOP}:
            raise
        raise UnsafeOutput(
            "A folder of the output is a link or a file",
            f"{name} in {path}",
            "Remove it, or choose another folder.",
        ) from error
    finally:
        os.close(outer)


def _umask() -> int:
    with _umask_lock:  # reading it means setting it, for the whole process
        current = os.umask(0o077)
        os.umask(current)
    return current
