"""Threads for KMS calls that never hold up the end of the process.

`concurrent.futures` waits for its threads at exit; a call that hangs until its timeout would
keep a closed app on the terminal for that long.
"""

from __future__ import annotations

import threading
import time
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
        self._threads: list[threading.Thread] = []
        self._closed = False

    def submit(self, work: Callable[[], None]) -> None:
        """Do `work` in one of the threads; dropped without a word after `close`.

        Raises:
            RuntimeError: the system grants not even one thread.
        """
        with self._lock:
            if self._closed:
                return
            if len(self._threads) < self._size:
                self._start_one()
            self._queue.put(work)

    def close(self) -> None:
        """Take no more work and do not wait for what is running."""
        with self._lock:
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)

    def ended(self, patience: float) -> bool:
        """Whether, after `close`, all threads end within `patience` seconds."""
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not self.is_alive

    @property
    def is_alive(self) -> bool:
        """Whether any of the threads has been started and has not ended."""
        return any(thread.is_alive() for thread in self._threads)

    def _start_one(self) -> None:
        name = f"{self._name}-{len(self._threads) + 1}"
        thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._threads.append(thread)
        try:
            thread.start()
        except RuntimeError:  # no more threads for this user
            self._threads.pop()
            if not self._threads:
                raise

    def _serve(self) -> None:
        while True:
            work = self._queue.get()
            if work is None:
                return
            if not self._closed:
                work()
