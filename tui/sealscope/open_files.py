"""Which store files this process has open already.

POSIX drops all of a process's locks on a file when the process closes any descriptor of it, also
one that SQLite knows nothing of. So a store that is open here must not be opened a second time,
neither to look at its header nor as a file to inspect or encrypt: another process could then
take the write-ahead log for nobody's, and remove it under our next commit.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from pathlib import Path
from typing import Final

FileId = tuple[int, int]

opening: Final = threading.RLock()
"""Held from the look at a header until SQLite has the file open."""

_open: Final[Counter[FileId]] = Counter()
_paths: Final[dict[FileId, Path]] = {}
_COMPANIONS: Final = ("", "-wal", "-shm")


def file_id(status: os.stat_result) -> FileId:
    """What names a file, whatever its path."""
    return status.st_dev, status.st_ino


def log_id(path: Path) -> FileId | None:
    """What names the write-ahead log of a store; None when there is none."""
    try:
        return file_id(path.with_name(path.name + "-wal").stat())
    except FileNotFoundError:
        return None


def is_open(status: os.stat_result) -> bool:
    """Whether this process has the file open as a store."""
    with opening:
        return _open[file_id(status)] > 0


def belongs_to_a_store(status: os.stat_result) -> bool:
    """Whether this is an open store, its write-ahead log, or that log's index."""
    with opening:
        if not _paths:
            return False
        names = [f"{path}{companion}" for path in _paths.values() for companion in _COMPANIONS]
    return any(_is_same(name, status) for name in names)


def _is_same(name: str, status: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(name), status)
    except OSError:
        return False


def opened(path: Path) -> FileId:
    """Note a store as open; the file's name for `closed`."""
    with opening:
        found = file_id(path.stat())
        _open[found] += 1
        _paths[found] = path
        return found


def closed(found: FileId) -> None:
    """Note that a store was closed."""
    with opening:
        _open[found] -= 1
        if _open[found] <= 0:
            del _open[found]
            del _paths[found]
