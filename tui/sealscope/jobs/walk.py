"""Walking a folder: its regular files, never through a link, never out of it."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealscope.errors import SealscopeError
from sealscope.file_errors import source_unreadable

LINK: Final = "a link, and links are not followed"
_KINDS: Final = (
    (stat.S_ISLNK, LINK),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)

Identity = tuple[int, int]


@dataclass(frozen=True)
class Refused:
    """A path that cannot be worked on."""

    source: Path
    error: SealscopeError


@dataclass(frozen=True)
class Skipped:
    """What a walk passed over, with the reason in words."""

    source: Path
    reason: str


def walk(folder: Path, *, leave_out: Path | None) -> Iterator[Path | Refused | Skipped]:
    """The regular files below a folder, in the order of their names, a folder's files first.

    Args:
        folder: where to begin; no link.
        leave_out: a folder that is not entered, such as the one that results go to.
    """
    apart = _identity(leave_out) if leave_out is not None else None
    if apart is not None and apart == _identity(folder):
        apart = None
    waiting = [(folder, _identity(folder))]
    while waiting:
        current, expected = waiting.pop()
        try:
            entries = _entries(current, expected)
        except OSError as error:
            yield Refused(current, source_unreadable(current, error))
            continue
        folders: list[tuple[Path, Identity | None]] = []
        for entry, mode, identity in entries:
            if stat.S_ISREG(mode):
                yield entry
            elif stat.S_ISDIR(mode):
                if identity != apart:
                    folders.append((entry, identity))
            else:
                yield Skipped(entry, _kind_of(mode))
        waiting.extend(reversed(folders))


def _entries(folder: Path, expected: Identity | None) -> list[tuple[Path, int, Identity]]:
    """What is in a folder: path, mode and identity of each, without following any link.

    Raises:
        OSError: it cannot be read, or is not the folder that was found.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(folder, flags)
    try:
        # O_NOFOLLOW looks at the last name only; a link swapped in above it shows here.
        if _identity_of(os.fstat(descriptor)) != expected:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        found = []
        for name in sorted(os.listdir(descriptor)):
            with contextlib.suppress(FileNotFoundError):  # removed since the listing
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                found.append((folder / name, status.st_mode, _identity_of(status)))
        return found
    finally:
        os.close(descriptor)


def _identity(path: Path) -> Identity | None:
    try:
        return _identity_of(os.stat(path))
    except (OSError, ValueError):
        return None


def _identity_of(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino


def _kind_of(mode: int) -> str:
    return next((words for test, words in _KINDS if test(mode)), "not a regular file")
