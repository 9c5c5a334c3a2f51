"""A few threads that do one kind of work, as long as one message is under way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Final, Generic, Self, TypeVar

Piece = TypeVar("Piece")


class Lane(Generic[Piece]):
    """Threads that take pieces of work from one queue. Use it in a `with` block.

    Leaving the block ends the threads after the pieces they are at.

    Args:
        name: of the threads.
        work: does a piece and tells of it; it must not raise.
    """

    def __init__(self, name: str, work: Callable[[Piece], None]) -> None:
        self._name: Final = name
        self._work = work
        self._todo: SimpleQueue[Piece | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._halted = False

    def start(self, count: int) -> int:
        """Start up to `count` threads; how many the system granted."""
        for _ in range(count):
            # Should anything keep the process from joining it, it may not keep it from ending.
            thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._threads.append(thread)
            try:
                thread.start()
            except RuntimeError:  # no more threads for this user
                self._threads.pop()
                break
        return len(self._threads)

    def put(self, piece: Piece) -> None:
        """Queue a piece; pieces are begun in order."""
        self._todo.put(piece)

    def finish(self) -> None:
        """Wait until all that is queued is done and the threads have ended."""
        for _ in self._threads:
            self._todo.put(None)
        self._join()

    def halt(self) -> None:
        """End the threads after the pieces they are at, leaving out what is queued."""
        self._halted = True
        self.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.halt()

    def _serve(self) -> None:
        while (piece := self._todo.get()) is not None:
            if not self._halted:
                self._work(piece)

    def _join(self) -> None:
        # An interrupt waits for the threads, which end by themselves in a moment: after it the
        # caller closes the files that they are using.
        interrupt: BaseException | None = None
        while self._threads:
            try:
                if self._threads[-1].ident is not None:  # the interrupt came before it began
                    self._threads[-1].join()
                self._threads.pop()
            except BaseException as problem:  # noqa: BLE001 - raised again below
                interrupt = problem
        if interrupt is not None:
            raise interrupt
