"""Faults of the operating system, one at a time: the n-th call fails, all others work.

A test runs its work with n = 1, 2, 3, ... until the fault is not reached any more, so that every
call has failed once and no list of calls has to be kept up to date.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

CALLS: Final = ("open", "write", "fsync", "link", "rename", "unlink", "mkdir", "fchmod", "stat")
ERRNOS: Final = (
    errno.EIO,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EROFS,
    errno.EINTR,
    errno.EPERM,
)


class Fault:
    """One failing call.

    Attributes:
        reached: the work made that many calls, so the fault happened.
    """

    def __init__(self, number: int, at: int) -> None:
        self.reached = False
        self._number = number
        self._left = at

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def maybe_failing(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                self.reached = True
                raise OSError(self._number, os.strerror(self._number))
            return call(*args, **kwargs)

        return maybe_failing


@contextmanager
def fault(number: int, at: int, calls: tuple[str, ...] = CALLS) -> Iterator[Fault]:
    """Let the `at`-th of the named calls of `os` fail with an error number."""
    one = Fault(number, at)
    with pytest.MonkeyPatch.context() as patch:
        for name in calls:
            patch.setattr(os, name, one.around(getattr(os, name)))
        yield one
