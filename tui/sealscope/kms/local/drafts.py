"""A database built beside its final name, that appears there whole or leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sealscope.kms.local.filesystem import sync_folder


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """An empty file (0600) beside `path`, removed at the end with all that SQLite put beside it.

    Raises:
        OSError: the folder does not take it.
    """
    # Never from injected bytes: two drafts of one name must not collide.
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}.new")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        yield draft
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def publish(draft: Path, path: Path) -> None:
    """Give a finished and closed draft its name, on disk, in one step.

    Raises:
        FileExistsError: something has the name already; it stays as it is.
        OSError: the file system refused.
    """
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.link(draft, path)
    sync_folder(path.parent)
