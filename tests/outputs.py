"""What the tests of the file gate share."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sealscope.errors import (
    SealscopeError,
)
from sealscope.files import open_output

OLD = b"what was there before"


NEW = b"what is to be written" * 1000


def write(path: Path, data: bytes = NEW, *, overwrite: bool = False) -> None:
    with open_output(path, overwrite=overwrite) as output:
        output.stream.write(data)
        output.publish()


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def open_below(folder: Path) -> list[str]:
    """What this process holds open in a folder, unnamed files included."""
    held = []
    for descriptor in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{descriptor}")
            if target.startswith(str(folder)):
                held.append(target)
    return held


def refusal(attempt: Callable[[], None]) -> SealscopeError | None:
    """The error of ours that an attempt ends with; any other goes through."""
    try:
        attempt()
    except SealscopeError as error:
        return error
    return None
