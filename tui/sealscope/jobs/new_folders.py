"""Folders that a run made for results that never came."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def without_empty_new_folders(destinations: Iterable[Path]) -> Iterator[None]:
    """Remove, at the end of the block, the folders that were made in it and stayed empty.

    Args:
        destinations: the files that the block may write.
    """
    missing: set[Path] = set()
    for folder in {destination.parent for destination in destinations}:
        for part in (folder, *folder.parents):
            if part in missing or os.path.lexists(part):
                break
            missing.add(part)
    try:
        yield
    finally:
        for folder in sorted(missing, key=lambda path: len(path.parts), reverse=True):
            # Not empty, or never made: both are as they should be.
            with contextlib.suppress(OSError):
                os.rmdir(folder)
