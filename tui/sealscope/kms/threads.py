"""Threads for KMS calls that never hold up the end of the process.

`concurrent.futures` waits for its threads at exit; a call that hangs until its timeout would
keep a closed app on the terminal for that long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue


class DaemonThreads:
    """A few threads, started as they are needed, that take work in order.

    Args:
        size: threads at most.
        name: the threads' name, for debuggers.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._lock = threading.Lock()
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._threads = 0
        self._closed = False

    def submit(self, work: Callable[[], None]) -> None:
        """Do `work` in one of the threads; dropped without a word after `close`."""
        with self._lock:
            if self._closed:
                return
            self._queue.put(work)
            if self._threads < self._size:
                self._threads += 1
                number = self._threads
                threading.Thread(
                    target=self._serve, name=f"{self._name}-{number}", daemon=True
                ).start()

    def close(self) -> None:
        """Take no more work and do not wait for what is running."""
        with self._lock:
            self._closed = True
            for _ in range(self._threads):
                self._queue.put(None)

    def _serve(self) -> None:
        while True:
            work = self._queue.get()
            if work is None:
                return
            if not self._closed:
                work()
