"""Ctrl-C while a job runs: politely first, at its next progress, then at once.

A job that is told to stop between two frames cleans up on a path that every test takes. One
that waits for a pipe or for KMS makes no progress; after a moment it is interrupted where it is.
"""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from sealscope.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 0.5
"""Seconds that a job may take to its next progress."""

_STOPPERS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Holds back SIGINT, SIGTERM and SIGHUP within a `with` block, in the main thread."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[signal.Signals, Any] = {}

    def check(self) -> None:
        """To be called as the job progresses.

        Raises:
            Cancelled: the user wants it to stop.
        """
        if self.asked:
            raise Cancelled

    def settle(self) -> None:
        """Nothing is left that one would have to insist on."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def __enter__(self) -> Self:
        for number in _STOPPERS:
            # What `nohup` or a parent ignores stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._replace(number, self._ask)
        self._replace(signal.SIGALRM, self._insist)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.settle()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _replace(
        self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]
    ) -> None:
        self._before[number] = signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    def _insist(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's
        raise KeyboardInterrupt
